"""The journal of mails: read by our people, written by the sender; some may be sent again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.admin import CapitalisedFilter, LongListAdmin, ReadOnlyAdmin
from foundation.refusals import Refusal
from foundation.wording import count, instant, size
from notifications import operations
from notifications.models import DeadAddress, Delivery, ReceivedMail
from notifications.queries import barred_among
from tickets.rights import ACT_ON_TICKET

# What one act may send again: a preview is read line by line.
RESEND_MAX = 200
_REFERENCE = re.compile(r"INC-[0-9-]*", re.IGNORECASE)

_SHOWN = (
    "about",
    "recipient",
    "address",
    "state",
    "created",
    "sent",
    "attempts",
    "next",
    "bounced",
    "server",
    "server_answer",
    "again",
    "with_digest",
    "identifier",
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One chosen mail in the preview: what it was, and the sentence that keeps it here if any."""

    delivery: Delivery
    about: str
    seen: int
    why_not: str


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """To whom, about what, when, and what the server answered. Never the text of a mail (B4)."""

    # The state early: on a phone the rest is beyond the screen.
    list_display = ("created", "state", "about", "address", "server_answer")
    list_filter = (("state", CapitalisedFilter),)
    list_select_related = ("event__ticket", "recipient")
    search_fields = ("address",)
    search_help_text = _("Référence d’un incident, morceau d’une adresse, identifiant d’un e-mail")
    fields = _SHOWN
    actions = ("resend",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        said = {"title": gettext("Journal des e-mails"), **(extra_context or {})}
        return super().changelist_view(request, said)

    def searched(self, rows: QuerySet[Delivery], words: list[str]) -> QuerySet[Delivery]:
        """Each word by what it looks like, so that an index answers it, whatever the table (Q1)."""
        for word in words:
            if _REFERENCE.fullmatch(word):
                rows = rows.filter(event__ticket__reference__startswith=word.upper())
            elif word.startswith("<"):
                rows = rows.filter(message_id=word)
            else:
                rows = rows.filter(address__icontains=word)
        return rows

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whoever may act on incidents."""
        return cast(User, request.user).has_perm(ACT_ON_TICKET)

    @admin.action(description=_("Renvoyer"), permissions=["resend"])
    def resend(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        """What would leave and what would not, with the reason; then the act, one by one (E17)."""
        if "confirmed" in request.POST:
            # Those that were previewed, though a filter may not show them any more.
            chosen = Delivery.objects.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        rows = list(chosen.select_related("event__ticket", "recipient")[: RESEND_MAX + 1])
        if len(rows) > RESEND_MAX:
            sentence = gettext("Choisissez %(max)s e-mails au plus à la fois.")
            messages.error(request, sentence % {"max": RESEND_MAX})
            return None
        if "confirmed" in request.POST:
            self._resend(request, rows)
            return None
        return self._preview(request, rows)

    def _preview(self, request: HttpRequest, rows: list[Delivery]) -> HttpResponse:
        prefetch_related_objects(rows, "resends")
        reasons = barred_among(rows)
        lines = [
            _Line(
                row,
                self.about(row),
                len(row.resends.all()),
                operations.why_not_resend(row, lambda mail: reasons[mail.pk]),
            )
            for row in rows
        ]
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("Renvoyer des e-mails"),
            "opts": self.opts,
            "leaving": [line for line in lines if not line.why_not],
            "staying": [line for line in lines if line.why_not],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "notifications/admin/resend.html", context)

    def _resend(self, request: HttpRequest, rows: list[Delivery]) -> None:
        """A refusal of one stops no other; each is named with its reason."""
        at, left = timezone.now(), 0
        for row in rows:
            seen = request.POST.get(f"seen-{row.pk}", "")
            try:
                operations.resend(
                    delivery_id=row.pk,
                    actor=cast(User, request.user),
                    seen=int(seen) if seen.isascii() and seen.isdecimal() else -1,
                    at=at,
                )
            except Refusal as refusal:
                said = f"{self.about(row)}, {row.address}\u00a0: {refusal.sentence}"
                messages.error(request, said)
            else:
                left += 1
        if left:
            messages.success(request, f"{count(left, 'e-mail repart', 'e-mails repartent')}.")

    @admin.display(description=_("créé le"), ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        return _instant(delivery.created_at)

    @admin.display(description=_("accepté le"), ordering="sent_at")
    def sent(self, delivery: Delivery) -> str:
        return _instant(delivery.sent_at)

    @admin.display(description=_("prochain essai"))
    def next(self, delivery: Delivery) -> str:
        return _instant(delivery.next_attempt_at)

    @admin.display(description=_("rebondi le"))
    def bounced(self, delivery: Delivery) -> str:
        return _instant(delivery.bounced_at)

    @admin.display(description=_("renvois"))
    def again(self, delivery: Delivery) -> SafeString | str:
        """Who sent it again, when, and after which answer."""
        told = (
            (f"{instant(resend.asked_at)} · {resend.asked_by}", resend.answer_before or "—")
            for resend in delivery.resends.select_related("asked_by")
        )
        return format_html_join("", "<div>{} ({})</div>", told) or "—"

    @admin.display(description=_("envoyé avec"))
    def with_digest(self, delivery: Delivery) -> str:
        return delivery.carrier.subject if delivery.carrier else "—"

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


_RESUMED = _(
    "L’envoi reprend vers ce qui a été supprimé d’ici. Les e-mails abandonnés entre-temps se "
    "renvoient depuis le journal des e-mails."
)


@admin.register(DeadAddress)
class DeadAddressAdmin(LongListAdmin):
    """Where nothing is sent any more. Deleting a line says that the address is good again."""

    list_display = ("address", "since_when", "answer")
    search_fields = ("address",)
    search_help_text = _("Morceau d’une adresse")
    fields = ("address", "since_when", "answer", "delivery")
    readonly_fields = fields

    def searched(self, rows: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
        """Each word as a piece of the address; they are few, and their number is on `/sante/`."""
        for word in words:
            rows = rows.filter(address__icontains=word)
        return rows

    @admin.display(description=_("depuis le"), ordering="since")
    def since_when(self, dead: DeadAddress) -> str:
        return instant(dead.since)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        messages.info(request, _RESUMED)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        messages.info(request, _RESUMED)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


_LETTER = (
    "received", "address", "sender", "recipient", "subject", "weight", "decided", "answered",
)  # fmt: skip


@admin.register(ReceivedMail)
class ReceivedMailAdmin(ReadOnlyAdmin):
    """What reached the closed mailbox, what was decided and why; never a text of it (P4)."""

    list_display = ("received", "address", "subject", "decided", "answered")
    list_filter = (("verdict", CapitalisedFilter),)
    list_select_related = ("answer",)
    search_fields = ("address",)
    search_help_text = _("Morceau d’une adresse")
    fields = _LETTER

    def searched(self, rows: QuerySet[ReceivedMail], words: list[str]) -> QuerySet[ReceivedMail]:
        """Each word as a piece of the claimed address, which an index answers (Q1)."""
        for word in words:
            rows = rows.filter(address__icontains=word)
        return rows

    @admin.display(description=_("reçu le"), ordering="received_at")
    def received(self, mail: ReceivedMail) -> str:
        return instant(mail.received_at)

    @admin.display(description=_("taille"))
    def weight(self, mail: ReceivedMail) -> str:
        return size(mail.size)

    @admin.display(description=_("décision"))
    def decided(self, mail: ReceivedMail) -> str:
        said = mail.get_verdict_display()
        return f"{said} ({mail.detail})" if mail.detail else said

    @admin.display(description=_("réponse"))
    def answered(self, mail: ReceivedMail) -> str:
        return mail.answer.get_state_display() if mail.answer else "—"

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReceivedMail | None = None
    ) -> list[str]:
        return list(_LETTER)
