from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        """What staff may do; who may take the files of messages; a licence's own incidents."""
        from files import rights
        from licences.register import show_incidents
        from tickets.access import may_read_attachment
        from tickets.rights import grant_desk_rights
        from tickets.views import incidents_of_licence

        grant_desk_rights()
        rights.register("tickets.attachment", may_read_attachment)
        show_incidents(incidents_of_licence)
