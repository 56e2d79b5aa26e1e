"""Ready-made answers in the composer: which there are, and one of them put in the form."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from foundation.refusals import Refusal
from tickets.access import get_plain_ticket
from tickets.admin_actions.acts import INVALID
from tickets.admin_actions.following import is_part, part
from tickets.admin_actions.guard import desk_act, desk_page
from tickets.admin_actions.workspace import workspace
from tickets.admin_forms.desk import ReplyForm
from tickets.enums import Act, Sequel, Side
from tickets.lifecycle import allowed
from tickets.models import Ticket
from tickets.queries.canned import filled, offered, offered_one
from tickets.queries.workspace import desk_facts_of


@desk_page
@require_safe
def canned_list(request: PortalRequest, reference: str) -> HttpResponse:
    """…/reponses-types/: those that can be put in the answer."""
    found, at = get_plain_ticket(request.user, reference), timezone.now()
    context = {"offered": offered(), "is_page": not is_part(request)}
    title = _("Réponses types")
    return part(request, found, at, "desk/_canned.html", title=title, context=context)


@desk_act
def use_canned(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """…/reponse-type/: the form as it was typed, with the chosen answer after it; nothing is sent.

    Without a choice, the sequel of an earlier one is dropped.
    """
    form = ReplyForm(request.POST, request.FILES)
    fault = _choose(form, request, ticket, at)
    if fault:
        form.add_error("body", fault)
    if is_part(request):
        form.auto_id = "reply-%s"
        return render(request, "desk/_reply_text.html", {"form": form, "ticket": ticket})
    form.keep_files(person=request.user, at=at)
    status = INVALID if fault else 200
    return workspace(request, ticket.reference, at, bound={"reply": form}, status=status)


def _choose(form: ReplyForm, request: PortalRequest, ticket: Ticket, at: datetime) -> str:
    """Put the chosen answer in the form; what is wrong with it, as a sentence.

    Until it is known to be good, what an earlier one brought stays.
    """
    typed, choice = request.POST.copy(), request.POST.get("choisie", "")
    form.data = typed
    if not choice:
        typed["sequel"] = typed["reason"] = ""
        return ""
    canned = offered_one(choice)
    if canned is None:
        return _("Cette réponse type n’est plus proposée.")
    try:
        texts = filled(canned, ticket, desk_facts_of(ticket, at), request.user)
    except Refusal as refusal:
        return refusal.sentence
    before = typed.get("body", "").rstrip()
    typed["body"] = f"{before}\n\n{texts.body}" if before else texts.body
    typed["canned_id"] = str(canned.pk)
    typed["sequel"] = typed["reason"] = ""
    if canned.sequel and allowed(ticket.state, Act(canned.sequel), Side.ENGINEER) is None:
        return _("Le texte est repris sans «\u00a0%(sequel)s\u00a0»\u00a0: l’incident est "
                 "«\u00a0%(status)s\u00a0».") % {
            "sequel": Sequel(canned.sequel).label, "status": ticket.state.label,
        }  # fmt: skip
    typed["sequel"], typed["reason"] = canned.sequel, texts.reason
    return ""
