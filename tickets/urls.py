"""Addresses of the tickets app."""

from django.urls import URLPattern

app_name = "tickets"
urlpatterns: list[URLPattern] = []
