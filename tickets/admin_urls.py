"""The engineers' acts, under /admin/incidents/."""

from django.urls import URLPattern

app_name = "desk"
urlpatterns: list[URLPattern] = []
