"""Addresses of the files app."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("<uuid:uuid>/", views.download, name="download"),
]
