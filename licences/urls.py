"""Addresses of the licences app."""

from django.urls import path

from licences import views

app_name = "licences"
urlpatterns = [
    path("licences/", views.park, name="park"),
    path("licences/<int:licence_id>/", views.licence, name="licence"),
    path("telechargements/", views.downloads, name="downloads"),
]
