"""Addresses of the managers' dashboards."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("changements/", views.changes, name="changes"),
    path("repetition/", views.rehearsal, name="rehearsal"),
]
