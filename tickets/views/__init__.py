"""The customers’ pages of incidents: list, declare, one incident and the acts below it.

Each reads the clock once, makes one operation call and translates the refusal. What was typed
comes back with it, files included.
"""

from tickets.views.asking import ask_severity, escalate
from tickets.views.declaring import deadlines, declare
from tickets.views.following import colleagues, commitments, earlier, printed, since
from tickets.views.incident import accept, cancel, copies, incident, message, refuse, reopen
from tickets.views.lists import LINES_PER_PAGE, incidents, incidents_of_licence
from tickets.views.subject import correct_subject

__all__ = [
    "LINES_PER_PAGE",
    "accept",
    "ask_severity",
    "cancel",
    "colleagues",
    "commitments",
    "copies",
    "correct_subject",
    "deadlines",
    "declare",
    "earlier",
    "escalate",
    "incident",
    "incidents",
    "incidents_of_licence",
    "message",
    "printed",
    "refuse",
    "reopen",
    "since",
]
