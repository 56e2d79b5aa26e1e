"""Answers to what customers ask for beside the conversation.

Accepting another severity is requalifying (S7): the page posts to that act.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.http import PortalRequest
from accounts.models import User
from tickets import operations
from tickets.admin_actions.acts import _perform
from tickets.admin_actions.guard import desk_act
from tickets.admin_forms.desk import DeclineForm, EscalationAnswerForm
from tickets.forms import bound_token
from tickets.models import Ticket


@desk_act
def answer_escalation(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """A manager answers the escalation; the operation refuses others."""
    form = EscalationAnswerForm(request.POST)

    def act(*, actor: User, form_token: UUID, **values: Any) -> object:
        token = bound_token(form_token, actor, ticket)
        return operations.answer_escalation(actor=actor, form_token=token, **values)

    done = _("Réponse envoyée. Le client est prévenu.")
    return _perform(request, ticket, at, ("answer-escalation", form), act=act, done=done)


@desk_act
def decline_severity(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """The severity stays as it is; the customer reads why."""
    form = DeclineForm(request.POST)
    done = _("Demande refusée\u00a0: la criticité ne change pas. Le client est prévenu.")
    act = operations.decline_severity
    return _perform(request, ticket, at, ("decline-severity", form), act=act, done=done)
