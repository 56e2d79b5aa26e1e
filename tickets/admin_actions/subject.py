"""What an incident is about, corrected by the desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.http import PortalRequest
from accounts.models import User
from tickets import operations
from tickets.admin_actions.acts import _perform
from tickets.admin_actions.guard import desk_act
from tickets.admin_forms.subject import ProductForm
from tickets.forms import bound_token
from tickets.models import Ticket


@desk_act
def correct_product(request: PortalRequest, ticket: Ticket, at: datetime) -> HttpResponse:
    """…/produit/: another product, while the incident is open."""
    form = ProductForm(request.POST, ticket)

    def act(*, actor: User, form_token: UUID, **values: object) -> object:
        token = bound_token(form_token, actor, ticket)
        return operations.correct_product(actor=actor, form_token=token, **values)  # type: ignore[arg-type]  # the form's own values

    done = _("Produit corrigé. Le client lit le motif.")
    return _perform(request, ticket, at, ("correct-product", form), act=act, done=done)
