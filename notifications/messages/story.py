"""What a mail tells of an event, in words: the texts' source for every message.

Deadlines are those frozen in the event, so that a mail sent late says what was true at the act.
No internal note is read here, whoever the reader is (B1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.messages import portal_url
from accounts.models import Membership, User
from foundation.prepared import PlannedRows
from foundation.wording import day, duration, elided, instant
from sla.enums import CommitmentKind, Severity
from sla.queries import hours_of
from tickets.clocks import window_end
from tickets.enums import Act, Origin, PauseKind, Side, Status
from tickets.models import (
    Ask,
    Attachment,
    Commitment,
    Copy,
    Message,
    Pause,
    Ticket,
    TicketEvent,
)
from tickets.queries.sentences import call_of

_MESSAGES = PlannedRows(
    lambda pk, ticket: Message.objects.filter(pk=pk, ticket=ticket), pk=int, ticket=int
)
_FILE_NAMES: PlannedRows[Any] = PlannedRows(
    lambda message: Attachment.objects.filter(message=message).values_list("file__name"),
    message=int,
)


def _standing(ticket: int, reader: int) -> Any:
    told_of_all = Membership.objects.filter(
        company=OuterRef("company"), user=reader, is_active=True, told_of_all=True
    )
    return Ticket.objects.filter(pk=ticket).values_list(
        Exists(Copy.objects.filter(ticket=OuterRef("pk"), user=reader)),
        Exists(told_of_all),
        "company__name",
    )


_STANDING: PlannedRows[Any] = PlannedRows(_standing, ticket=int, reader=int)


class Standing(NamedTuple):
    """Why somebody who is not the requester is told, and the company of the incident."""

    is_in_copy: bool
    is_told_of_all: bool
    company: str


class Clock(NamedTuple):
    """One promise: its name, and how it stands in a sentence."""

    label: str
    sentence: str


class Move(NamedTuple):
    """A promise whose conditions changed (S12): its name, how it stood, how it stands."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Story:
    """An event seen by one reader."""

    event: TicketEvent
    reader: User

    @property
    def ticket(self) -> Ticket:
        return self.event.ticket

    @cached_property
    def standing(self) -> Standing | None:
        """Of a customer who is not the requester; None for the requester and for ours. One query,
        which those two are spared.
        """
        if self.reader.is_staff or self.reader.pk == self.ticket.requester_id:
            return None
        (row,) = _STANDING(ticket=self.ticket.pk, reader=self.reader.pk)
        return Standing(*row)

    @property
    def is_onlooker(self) -> bool:
        """A référent who asked to be told of all: neither the requester nor in copy. What is
        awaited is not awaited of them, though they may answer.
        """
        return self.standing is not None and not self.standing.is_in_copy

    @property
    def requester(self) -> str:
        """Who declared it, by name."""
        return self.ticket.requester.full_name

    @property
    def whose(self) -> str:
        """« votre incident », or « l’incident d’Alice » to anybody else."""
        if self.standing is None:
            return _("votre incident")
        return _("l’incident %(of_requester)s") % {"of_requester": elided("de", self.requester)}

    @property
    def choices(self) -> str:
        """Why this mail came now, when its reader may choose otherwise; else empty.

        Said of what leaves at once by choice only: somebody who has a digest gets no such mail,
        save one that changes a status or that was sent again.
        """
        told_of_all = ""
        if self.standing is not None and self.is_onlooker and self.standing.is_told_of_all:
            told_of_all = elided("de", self.standing.company)
        is_by_choice = self.event.is_conversation and not self.reader.wants_digest
        if self.reader.is_staff or not is_by_choice:
            words = _("Vous recevez les e-mails de tous les incidents %(of_company)s.")
            return words % {"of_company": told_of_all} if told_of_all else ""
        if told_of_all:
            return _(
                "Vous recevez les e-mails de tous les incidents %(of_company)s, leurs messages un "
                "par un, tout de suite."
            ) % {"of_company": told_of_all}
        return _("Vous recevez ces messages un par un, tout de suite.")

    @property
    def url(self) -> str:
        """The incident's page: the customers' or the desk's. Never from a request (F4)."""
        return self.url_of(self.ticket)

    def url_of(self, ticket: Ticket) -> str:
        """The page of this incident or of another one, for this reader."""
        base = settings.PORTAL_BASE_URL.rstrip("/")
        if self.reader.is_staff:
            return f"{base}/admin/incidents/{ticket.reference}/"
        return f"{base}{ticket.get_absolute_url()}"

    @cached_property
    def survivor(self) -> Ticket | None:
        """Where the incident was merged, if this reader may see it (A2)."""
        seen = Ticket.objects.visible_to(self.reader)
        return seen.filter(pk=self.event.facts.get("into")).first()

    @property
    def caller(self) -> str:
        """Who was on the phone, by name."""
        person = User.objects.filter(pk=self.event.facts.get("caller")).first()
        return person.full_name if person else ""

    @property
    def status_before(self) -> str:
        before = self.event.status_before
        if self.event.act == Act.UNMERGE:
            return _("Fusionné")
        return str(Status(before).label) if before else ""

    @property
    def state(self) -> Status:
        """The status that the mail says: after the act, and after the call that it tells (S4)."""
        return Status.IN_PROGRESS if self.taken_on_call else Status(self.event.status_after)

    @property
    def status_after(self) -> str:
        """As the page says it: a merged incident is not « annulé » to whoever follows it."""
        return _("Fusionné") if self.event.act == Act.MERGE else str(self.state.label)

    @property
    def taken_on_call(self) -> bool:
        """A receipt that also tells « pris en charge pendant l’appel »: both are one mail (P5)."""
        return bool(self.event.facts.get("taken_on_call"))

    @property
    def actor(self) -> str:
        """Who acted, by name; « le portail » for the clock."""
        return self.event.actor.full_name if self.event.actor else _("le portail")

    @property
    def call(self) -> str:
        """« Appel d’Alice, noté par Inès » when the act logs a call; else empty."""
        event = self.event
        if event.act != Act.DECLARE or event.origin != Origin.PHONE:
            return ""
        return call_of(self.ticket.requester.full_name, self.actor)

    @property
    def by_us(self) -> bool:
        return self.event.side == Side.ENGINEER

    @cached_property
    def message(self) -> Message | None:
        """The public message that goes with the act: its text, its reason or its solution."""
        said = self.event.facts.get("message")
        found = _MESSAGES(pk=said, ticket=self.ticket.pk) if said is not None else []
        return found[0] if found else None

    @property
    def text(self) -> str:
        return self.message.body if self.message else ""

    @cached_property
    def file_names(self) -> list[str]:
        if self.message is None:
            return []
        return [name for (name,) in _FILE_NAMES(message=self.message.pk)]

    @cached_property
    def pause(self) -> Pause | None:
        return Pause.objects.filter(pk=self.event.facts.get("pause"), ticket=self.ticket).first()

    @property
    def awaited_until(self) -> str:
        """« mer. 25 nov. 2026 », or empty when no date was given."""
        until = self.event.facts.get("until")
        return day(date.fromisoformat(until)) if until else ""

    @property
    def announced_closure(self) -> str:
        """Until when an answer keeps the incident open, if this reminder announces it."""
        closes_at = self.event.facts.get("closes_at")
        return instant(datetime.fromisoformat(closes_at)) if closes_at else ""

    @property
    def refusable_until(self) -> str:
        """Until when what ended at this event, by a solution or without one, may go on (S9)."""
        promise = (
            Commitment.objects.filter(ticket=self.ticket, kind=CommitmentKind.RESOLUTION)
            .order_by("-cycle")
            .first()
        )
        if promise is None:
            return ""
        hours = hours_of(promise.calendar_version_id)
        return instant(window_end(hours, self.event.effective_at))

    @property
    def severities(self) -> tuple[str, str]:
        """The severity before and after a requalification, or as it is and as it was wanted."""
        before, after = self.event.facts["severity"]
        return str(Severity(before).label), str(Severity(after).label)

    @property
    def acknowledgements(self) -> tuple[str, str]:
        """When the incident was taken in charge, before and after a correction (S14); the first
        is empty when none was recorded.
        """
        before, after = self.event.facts["acknowledged_at"]
        return (
            instant(datetime.fromisoformat(before)) if before else "",
            instant(datetime.fromisoformat(after)),
        )

    @property
    def as_asked(self) -> bool:
        """Whether a requalification retains what a customer had asked for."""
        asked = Ask.objects.filter(pk=self.event.facts.get("ask"), ticket=self.ticket).first()
        return asked is not None and asked.is_granted

    @property
    def moves(self) -> list[Move]:
        """The promises that new conditions moved, with their old and new deadline (S12)."""
        facts = self.event.facts
        return [
            Move(
                str(CommitmentKind(kind).label),
                self._stood(facts["due"][kind][0], minutes[0]),
                self._stood(facts["due"][kind][1], minutes[1]),
            )
            for kind, minutes in sorted(facts["targets"].items())
            if minutes[0] != minutes[1] or facts["due"][kind][0] != facts["due"][kind][1]
        ]

    def _stood(self, due: str | None, minutes: int) -> str:
        target = duration(timedelta(minutes=minutes))
        if due is None:
            return _("délai de %(target)s, suspendu") % {"target": target}
        return _("%(due)s (délai de %(target)s)") % {
            "due": instant(datetime.fromisoformat(due)),
            "target": target,
        }

    @property
    def clocks(self) -> list[Clock]:
        """Both promises as they stand after the act."""
        return [
            Clock(_("Prise en charge"), self._acknowledgement()),
            Clock(_("Résolution"), self._resolution()),
        ]

    def _acknowledgement(self) -> str:
        status, due = self.state, self.event.acknowledgement_due_at
        if status == Status.DECLARED and due is not None:
            return self._deadline(due)
        if status == Status.CANCELLED and self.event.act != Act.MERGE:
            return _("sans objet")
        if self.event.act == Act.ACKNOWLEDGE or self.taken_on_call:
            return _("faite le %(at)s") % {"at": instant(self.event.effective_at)}
        return _("faite")

    def _resolution(self) -> str:
        status, due = self.event.status_after, self.event.resolution_due_at
        if status == Status.CANCELLED:
            return _("sans objet")
        if status in {Status.RESOLVED, Status.CLOSED}:
            return _("sans objet") if self._ended_unanswered else _("solution donnée")
        return self._suspended() if due is None else self._deadline(due)

    def _suspended(self) -> str:
        if self.event.status_after == Status.WAITING_VENDOR:
            return _("délai suspendu jusqu’à la réponse de l’éditeur")
        if self.reader.is_staff:
            return _("délai suspendu jusqu’à la réponse du client")
        if self.is_onlooker:
            return _("délai suspendu jusqu’à la réponse %(of_requester)s") % {
                "of_requester": elided("de", self.requester)
            }
        return _("délai suspendu jusqu’à votre réponse")

    @cached_property
    def _ended_unanswered(self) -> bool:
        """Closed because nobody answered: no solution was given in the present cycle."""
        ended = TicketEvent.objects.filter(
            ticket=self.ticket, sequence__lte=self.event.sequence,
            act__in=[Act.RESOLVE, Act.CLOSE_UNANSWERED],
        )  # fmt: skip
        last = ended.order_by("-sequence").values_list("act", flat=True).first()
        return last == Act.CLOSE_UNANSWERED

    def _deadline(self, due: datetime) -> str:
        if due < self.event.recorded_at:
            return _("échéance dépassée depuis le %(due)s") % {"due": instant(due)}
        return _("au plus tard le %(due)s") % {"due": instant(due)}

    def context(self) -> dict[str, Any]:
        """What every template of an incident's mail may use."""
        ticket, event = self.ticket, self.event
        return {
            "story": self,
            "reference": ticket.reference,
            "title": ticket.title,
            "actor": self.actor,
            "call": self.call,
            "at": event.effective_at,
            "status_before": self.status_before if event.changed_status else "",
            "status_after": self.status_after,
            "text": self.text,
            "file_names": self.file_names,
            "clocks": self.clocks,
            "choices": self.choices,
            "choices_url": portal_url("account_mails"),
            "button_url": self.url,
            "button_label": _("Voir l’incident"),
        }

    @property
    def pause_was_customer(self) -> bool:
        """The wait that this event ended was for the customer."""
        return self.pause is not None and self.pause.kind == PauseKind.CUSTOMER
