"""What became of the mails of an incident, under /admin/incidents/."""

from django.urls import path

from notifications.admin_actions import resend, step

app_name = "mails"
urlpatterns = [
    path("<str:reference>/envois/renvoyer/", resend, name="resend"),
    path("<str:reference>/envois/<int:sequence>/", step, name="step"),
]
