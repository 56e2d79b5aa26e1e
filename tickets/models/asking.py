"""What customers ask for beside the conversation, and what became of it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sla.enums import Severity
from tickets.enums import OPEN_STATUSES, AskKind, Status
from tickets.models.conversation import Message
from tickets.models.ticket import Ticket

# While its incident stands in one of these, a manager still owes an escalation its answer.
_ALIVE = (*OPEN_STATUSES, Status.RESOLVED)


class AskQuerySet(models.QuerySet["Ask"]):
    def escalations(self) -> Self:
        return self.filter(kind=AskKind.ESCALATION)

    def severities(self) -> Self:
        return self.filter(kind=AskKind.SEVERITY)

    def unanswered(self) -> Self:
        return self.filter(answered_at__isnull=True)

    def owed(self) -> Self:
        """Escalations that a manager has yet to answer: of incidents that go on, here or in the
        one that they were merged into.
        """
        goes_on = Q(ticket__status__in=_ALIVE) | Q(ticket__merged_into__status__in=_ALIVE)
        return self.escalations().unanswered().filter(goes_on)


class Ask(models.Model):
    """An escalation or the wish for another severity, with its answer once there is one.

    Its texts are messages; its events hold ids and codes (`manage.py verify_history` compares).
    It changes no clock: another severity comes by a requalification only (S7).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="asks")
    kind = models.CharField(max_length=10, choices=AskKind.choices)
    # For a severity: the one retained when it was asked for, and the one that is wanted.
    present = models.CharField(max_length=15, choices=Severity.choices, blank=True)
    wanted = models.CharField(max_length=15, choices=Severity.choices, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, related_name="+")
    # For a severity: the one that the answer retains.
    retained = models.CharField(max_length=15, choices=Severity.choices, blank=True)

    objects = AskQuerySet.as_manager()

    class Meta:
        verbose_name = _("demande")
        ordering = ["ticket", "asked_at", "pk"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="ask_owed",
                condition=Q(kind=AskKind.ESCALATION, answered_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                name="ask_escalated_once",
                condition=Q(kind=AskKind.ESCALATION),
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                name="ask_one_severity_at_a_time",
                condition=Q(kind=AskKind.SEVERITY, answered_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(kind=AskKind.ESCALATION, present="", wanted="")
                | Q(
                    kind=AskKind.SEVERITY,
                    present__in=Severity.values,
                    wanted__in=Severity.values,
                )
                & ~Q(present=models.F("wanted")),
                name="ask_says_what_is_wanted",
            ),
            models.CheckConstraint(
                condition=Q(
                    answered_at__isnull=True,
                    answered_by__isnull=True,
                    answer__isnull=True,
                    retained="",
                )
                | Q(answered_at__isnull=False, answered_by__isnull=False, answer__isnull=False)
                & (
                    Q(kind=AskKind.ESCALATION, retained="")
                    | Q(kind=AskKind.SEVERITY, retained__in=Severity.values)
                ),
                name="ask_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Demande {self.pk}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def is_granted(self) -> bool:
        """The answer retains what was wanted."""
        return self.is_answered and self.retained == self.wanted
