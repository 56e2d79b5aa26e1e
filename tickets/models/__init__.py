"""Incidents and all that hangs on them."""

from tickets.models.asking import Ask, AskQuerySet
from tickets.models.canned import Canned
from tickets.models.checklist import Checklist, ChecklistStep, StepDone
from tickets.models.conversation import NEVER, Attachment, Message, Note
from tickets.models.draft import Draft
from tickets.models.history import EventToTell, HistorySeal, TicketEvent
from tickets.models.promise import CatchUp, Commitment, EarlierTerms, Pause, Rung
from tickets.models.saved_view import SavedView
from tickets.models.ticket import Copy, Ticket, TicketQuerySet, holding
from tickets.models.time_spent import MINUTES_MAX, TimeSpent

__all__ = [
    "MINUTES_MAX",
    "NEVER",
    "Ask",
    "AskQuerySet",
    "Attachment",
    "Canned",
    "CatchUp",
    "Checklist",
    "ChecklistStep",
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
    "StepDone",
    "Ticket",
    "TicketEvent",
    "TicketQuerySet",
    "TimeSpent",
    "holding",
]
