"""Incidents and all that hangs on them."""

from tickets.models.asking import Ask, AskQuerySet
from tickets.models.conversation import Attachment, Message, Note
from tickets.models.draft import Draft
from tickets.models.history import EventToTell, HistorySeal, TicketEvent
from tickets.models.promise import CatchUp, Commitment, EarlierTerms, Pause, Rung
from tickets.models.saved_view import SavedView
from tickets.models.ticket import Copy, Ticket, TicketQuerySet, holding

__all__ = [
    "Ask",
    "AskQuerySet",
    "Attachment",
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
