"""What the views that take a form share."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.http import PortalRequest
from files import operations as file_operations
from files.models import StoredFile
from tickets.models import Ticket

# The session tells the next page, once, which form was taken.
TAKEN = "form_taken"

# The parameter by which a declaration leads to its incident, whose page then says so.
RECEIVED = "recu"
# A reload within it says so again; a link kept for later does not.
_JUST_NOW = timedelta(minutes=10)

page_or_form = require_http_methods(["GET", "HEAD", "POST"])


def take(request: PortalRequest, form: str) -> None:
    """Let the next page tell the browser that the draft of this form is of no use any more."""
    request.session[TAKEN] = form
    unsent.forget(request)


def claim(request: PortalRequest, form_token: UUID, at: datetime) -> list[StoredFile]:
    """The files that wait with the form, in the act's transaction: both or none."""
    return file_operations.claim(person=request.user, form_token=form_token, at=at)


def is_just_received(request: PortalRequest, ticket: Ticket, at: datetime) -> bool:
    """Whether its author arrives from the form that declared it, a moment ago."""
    is_theirs = ticket.requester_id == request.user.pk
    return RECEIVED in request.GET and is_theirs and at - ticket.received_at < _JUST_NOW
