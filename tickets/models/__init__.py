"""Incidents and all that hangs on them."""

from tickets.models.asking import Ask, AskQuerySet
from tickets.models.canned import Canned
from tickets.models.conversation import NEVER, Attachment, Message, Note
from tickets.models.draft import Draft
from tickets.models.history import EventToTell, HistorySeal, TicketEvent
from tickets.models.promise import CatchUp, Commitment, EarlierTerms, Pause, Rung
from tickets.models.saved_view import SavedView
from tickets.models.ticket import Copy, Ticket, TicketQuerySet, holding

__all__ = [
    "NEVER",
    "Ask",
    "AskQuerySet",
    "Attachment",
    "Canned",
    "CatchUp",
    "Commitment",
    "Copy",
    "Draft",
    "EarlierTerms",
    "EventToTell",
    "HistorySeal",
    "Message",
    "Note",
    "Pause",
    "Rung",
    "SavedView",
    "Ticket",
    "TicketEvent",
    "TicketQuerySet",
    "holding",
]
