"""The floor's only app."""

from django.apps import AppConfig


class FloorConfig(AppConfig):
    name = "benchmarks.harness.floor"
    label = "floor"
