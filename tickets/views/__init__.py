"""The customers’ pages of incidents: list, declare, one incident and the acts below it.

Each reads the clock once, makes one operation call and translates the refusal. What was typed
comes back with it, files included.
"""

from tickets.views.declaring import deadlines, declare
from tickets.views.drafting import draft, drop_draft
from tickets.views.incident import accept, cancel, copies, incident, message, refuse, reopen
from tickets.views.lists import LINES_PER_PAGE, incidents, incidents_of_licence
from tickets.views.suggesting import follow, helped, suggestions

__all__ = [
    "LINES_PER_PAGE",
    "accept",
    "cancel",
    "copies",
    "deadlines",
    "declare",
    "draft",
    "drop_draft",
    "follow",
    "helped",
    "incident",
    "incidents",
    "incidents_of_licence",
    "message",
    "refuse",
    "reopen",
    "suggestions",
]
