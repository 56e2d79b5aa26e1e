from django.apps import AppConfig
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portail")

    def ready(self) -> None:
        # The web process posts tasks by name: it needs the configured Celery app.
        from portal import celery, checks  # noqa: F401
        from portal.first_page import index

        admin.site.index = index  # type: ignore[method-assign, assignment]  # any answer
