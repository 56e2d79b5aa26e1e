from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("E-mails")

    def ready(self) -> None:
        from accounts.permissions import grant_to_desk

        grant_to_desk(
            "notifications.view_delivery",
            "notifications.view_deadaddress",
            "notifications.delete_deadaddress",
            "notifications.view_receivedmail",
        )
