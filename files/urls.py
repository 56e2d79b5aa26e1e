"""Addresses of the files app."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("envois/", views.uploads, name="uploads"),
    path("envois/<uuid:uuid>/", views.upload, name="upload"),
    path("formulaire/<uuid:form_token>/", views.waiting, name="waiting"),
    path("<uuid:uuid>/", views.download, name="download"),
    path("<uuid:uuid>/apercu/", views.preview, name="preview"),
]
