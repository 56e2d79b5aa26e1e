"""The journal of mails: read by our people, written by the sender alone."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.admin import CapitalisedFilter, ReadOnlyAdmin
from foundation.wording import instant
from notifications.models import Delivery

_SHOWN = (
    "about",
    "recipient",
    "address",
    "state",
    "created",
    "sent",
    "attempts",
    "next",
    "server_answer",
    "identifier",
)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """To whom, about what, when, and what the server answered. Never the text of a mail (B4)."""

    list_display = ("created", "address", "about", "state", "sent", "server_answer")
    list_filter = (("state", CapitalisedFilter),)
    list_select_related = ("event__ticket",)
    search_fields = ("address", "message_id", "event__ticket__reference")
    fields = _SHOWN

    @admin.display(description=_("créé le"), ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        return _instant(delivery.created_at)

    @admin.display(description=_("accepté le"), ordering="sent_at")
    def sent(self, delivery: Delivery) -> str:
        return _instant(delivery.sent_at)

    @admin.display(description=_("prochain essai"))
    def next(self, delivery: Delivery) -> str:
        return _instant(delivery.next_attempt_at)

    @admin.display(description=_("identifiant de l’e-mail"))
    def identifier(self, delivery: Delivery) -> str:
        return delivery.message_id

    @admin.display(description=_("objet"))
    def about(self, delivery: Delivery) -> str:
        if delivery.event is None:
            return delivery.subject
        return f"{delivery.event.ticket.reference} · {delivery.event.get_act_display()}"

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> list[str]:
        return list(_SHOWN)


def _instant(at: datetime | None) -> str:
    return instant(at) if at else "—"
