"""The links of the closed mailbox's answers, under /courrier-recu/."""

from django.urls import path

from notifications.views import letter, take

app_name = "mailbox"
urlpatterns = [
    path("<uuid:token>/", letter, name="letter"),
    path("<uuid:token>/reprendre/", take, name="take"),
]
