"""The mails of an incident, for the desk: who got them, sending one again, what each would say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from accounts.models import User
from foundation.refusals import Refusal
from notifications import operations
from notifications.enums import FAILED
from notifications.forms import PreviewForm, ResendForm
from notifications.messages.account_examples import (
    AccountKind,
    account_kinds,
    account_sample,
)
from notifications.messages.examples import Kind, Sample, kinds, sample
from notifications.models import Delivery
from notifications.queries import deliveries_of, untold_of
from tickets.access import get_plain_ticket
from tickets.admin_actions.guard import desk_act, desk_page
from tickets.models import Ticket, TicketEvent
from tickets.rights import ACT_ON_TICKET


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail as the desk reads it: whether it may be sent again, or why not."""

    delivery: Delivery
    may_resend: bool
    why_not: str
    resends: int


@desk_page
@require_safe
def step(request: PortalRequest, reference: str, sequence: int) -> HttpResponse:
    """…/envois/4/: the mails of one step, as a page or for the fold that asks for them."""
    ticket = get_plain_ticket(request.user, reference)
    # The ranks of events are far fewer than an address may say.
    event = TicketEvent.objects.filter(ticket=ticket, sequence=min(sequence, 2**31 - 1)).first()
    if event is None or not event.recipients:
        raise Http404("No such step.")
    may_act = request.user.has_perm(ACT_ON_TICKET)
    context = {
        "ticket": ticket,
        "event": event,
        "mails": [_shown(delivery, may_act=may_act) for delivery in _mails_of(event)],
        "untold": untold_of(event),
        "now": timezone.now(),
    }
    if "HX-Request" in request.headers:
        return render(request, "notifications/_step.html", context)
    context |= {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, "notifications/step.html", context)


def _mails_of(event: TicketEvent) -> list[Delivery]:
    found = event.deliveries.select_related("event", "recipient").prefetch_related(
        "resends__asked_by"
    )
    return list(found.order_by("address"))


def _shown(delivery: Delivery, *, may_act: bool) -> Shown:
    why_not = operations.why_not_resend(delivery) if delivery.state in FAILED else ""
    may_resend = may_act and delivery.state in FAILED and not why_not
    return Shown(delivery, may_resend, why_not, len(delivery.resends.all()))


@desk_act
def resend(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """« Renvoyer »: a mail that reached nobody goes back to the queue (E18)."""
    form = ResendForm(request.POST)
    try:
        delivery = _resend(form, request.user, ticket, at)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = _("L’e-mail repart pour %(name)s.") % {"name": delivery.recipient}
        messages.success(request, said)
    return redirect("desk:ticket", ticket.reference)


def _resend(form: ResendForm, actor: User, ticket: Ticket, at: datetime) -> Delivery:
    """Raises Refusal, for a mail of another incident too."""
    chosen = form.cleaned_data if form.is_valid() else {"delivery": 0, "seen": 0}
    if not deliveries_of(ticket).filter(pk=chosen["delivery"]).exists():
        raise Refusal(_("Cet e-mail n’est pas de cet incident\u00a0: rechargez la page."))
    return operations.resend(
        delivery_id=chosen["delivery"], actor=actor, seen=chosen["seen"], at=at
    )


# A page of its own that can run and load nothing: the mail's own styles are all that it has.
_SEALED = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


@desk_page
@require_safe
def previews(request: PortalRequest, reference: str) -> HttpResponse:
    """…/envois/apercu/: a mail as this incident would give it, chosen by « mail »."""
    ticket = _previewed(request, reference)
    wanted = request.GET.get("incident", reference).strip().upper()
    seen = Ticket.objects.visible_to(request.user)
    unknown = wanted != reference and not seen.filter(reference=wanted).exists()
    if wanted != reference and not unknown:
        query = {"mail": _kind(request).key}
        return redirect(reverse("mails:previews", args=[wanted], query=query))
    kind = _kind(request)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "ticket": ticket,
        "kind": kind,
        "is_of_account": isinstance(kind, AccountKind),
        "sample": _sample(request, ticket, kind),
        "form": PreviewForm(
            initial={"incident": wanted, "mail": kind.key},
            kinds=kinds(),
            account_kinds=account_kinds(),
        ),
        "unknown": wanted if unknown else "",
    }
    return render(request, "notifications/previews.html", context)


@desk_page
@require_safe
def preview_html(request: PortalRequest, reference: str) -> HttpResponse:
    """…/envois/apercu/html/: the same mail as a mail program draws it."""
    ticket = _previewed(request, reference)
    response = HttpResponse(_sample(request, ticket, _kind(request)).mail.html)
    response["Content-Security-Policy"] = _SEALED
    return response


def _previewed(request: PortalRequest, reference: str) -> Ticket:
    """For those who word the mails: managers and administrators. Raises Http404."""
    if not request.user.is_manager:
        raise Http404("Not a manager.")
    return get_plain_ticket(request.user, reference)


def _sample(request: PortalRequest, ticket: Ticket, kind: Kind | AccountKind) -> Sample:
    if isinstance(kind, AccountKind):
        return account_sample(ticket, kind, request.user, timezone.now())
    return sample(ticket, kind, request.user, timezone.now())


def _kind(request: PortalRequest) -> Kind | AccountKind:
    """The one asked for; the first when the address names none."""
    found: dict[str, Kind | AccountKind] = {kind.key: kind for kind in kinds()}
    found |= {kind.key: kind for kind in account_kinds()}
    return found.get(request.GET.get("mail", ""), next(iter(found.values())))
