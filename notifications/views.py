"""Behind the link of an answer of the closed mailbox.

A link of somebody else, of nobody, or that has expired leads to the portal's home, without a word:
it tells nobody whether a mail was received (M2).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import unsent
from accounts.access import get_own_company
from accounts.http import PortalRequest
from accounts.models import Company
from foundation.refusals import Refusal
from foundation.text import number_of
from notifications import mailbox
from notifications.models import ReceivedMail
from tickets.forms import bound_token
from tickets.models import Ticket
from tickets.queries.customer import declared_with, was_said


@require_safe
def letter(request: PortalRequest, token: UUID) -> HttpResponse:
    """What the person wrote, and what can be made of it; writes nothing."""
    mail = _own(request, token)
    if mail is None:
        return redirect("home")
    ticket = mailbox.proposed(mail, request.user)
    context = {
        "mail": mail,
        "files": mail.files.defer("content").order_by("pk"),
        "ticket": ticket,
        "sent_to": _sent_to(request, mail, ticket),
    }
    return render(request, "notifications/letter.html", context)


@require_POST
def take(request: PortalRequest, token: UUID) -> HttpResponse:
    """…/reprendre/: an answer on the incident that it was about, or a declaration, filled in."""
    mail = _own(request, token)
    if mail is None:
        return redirect("home")
    at = timezone.now()
    ticket = mailbox.proposed(mail, request.user)
    if sent_to := _sent_to(request, mail, ticket):
        messages.info(request, _("Le texte de cet e-mail est déjà ici."))
        return redirect(sent_to)
    if ticket is not None:
        return _answer(request, mail, ticket, at)
    try:
        draft, refused = mailbox.take_over(
            mail=mail, actor=request.user, company=_company(request), at=at,
            declared_as=bound_token(mail.token, request.user),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("tickets:list")
    for file in refused:
        messages.warning(request, file.sentence)
    return redirect(f"{reverse('tickets:declare')}{draft.address}")


def _sent_to(request: PortalRequest, mail: ReceivedMail, ticket: Ticket | None) -> Ticket | None:
    """The incident that has these words already: answered with them, or declared with them."""
    token = bound_token(mail.token, request.user, ticket)
    if ticket is not None:
        return ticket if was_said(ticket, token) else None
    return declared_with(request.user, token)


def _answer(
    request: PortalRequest, mail: ReceivedMail, ticket: Ticket, at: datetime
) -> HttpResponse:
    """Its words and files wait in the incident's form, after what was left unsent there."""
    form = reverse("tickets:message", args=[ticket.reference])
    kept = unsent.waiting(request, form, at)
    typed = kept.values.get("body", [""])[0] if kept else ""
    body = typed if mail.text in typed else f"{typed}\n\n{mail.text}".strip()
    token = (kept and kept.form_token) or mail.token
    for file in mailbox.bring_files(mail=mail, actor=request.user, form_token=token, at=at):
        messages.warning(request, file.sentence)
    unsent.fill(request, form, {"body": [body], "form_token": [str(token)]}, at)
    return redirect(ticket)


def _own(request: PortalRequest, token: UUID) -> ReceivedMail | None:
    if not request.companies:
        return None
    return mailbox.addressee(token=token, person=request.user, at=timezone.now())


def _company(request: PortalRequest) -> Company:
    """The one that was chosen on the page, else that of the switch. Raises Http404 (A1)."""
    wanted = number_of(request.POST.get("company", ""))
    if wanted is not None:
        return get_own_company(request.user, wanted)
    return request.company or request.companies[0]
