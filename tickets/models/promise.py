"""Promises of an incident, the pauses of their clock, and the rungs that were reached."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sla.enums import CommitmentKind, Severity
from sla.models import CalendarVersion, ServiceLevelVersion
from tickets.enums import Outcome, PauseKind
from tickets.models.ticket import Ticket


class Commitment(models.Model):
    """One promise of one cycle (S1). What was promised is copied here and never edited by rules.

    `counted_seconds` is the working time used before `counting_since`, where the running segment
    begins (null while the clock stands still); earlier segments stand in the events. `stopped_at`
    is the instant after which nothing more can happen to it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="commitments")
    kind = models.CharField(_("engagement"), max_length=20, choices=CommitmentKind.choices)
    cycle = models.PositiveSmallIntegerField()
    severity = models.CharField(_("criticité"), max_length=15, choices=Severity.choices)
    target_minutes = models.PositiveIntegerField(_("délai en minutes ouvrées"))
    service_level_version = models.ForeignKey(
        ServiceLevelVersion,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("version du niveau de service"),
    )
    calendar_version = models.ForeignKey(
        CalendarVersion,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("version du calendrier"),
    )
    pauses_on_vendor = models.BooleanField(_("suspendu en attente éditeur"))
    started_at = models.DateTimeField(_("début"))
    counted_seconds = models.DecimalField(
        _("secondes décomptées"), max_digits=16, decimal_places=6, default=0
    )
    counting_since = models.DateTimeField(_("décompté depuis"), null=True, blank=True)
    due_at = models.DateTimeField(_("échéance"), null=True, blank=True)
    met_at = models.DateTimeField(_("tenu le"), null=True, blank=True)
    breached_at = models.DateTimeField(_("dépassé le"), null=True, blank=True)
    voided_at = models.DateTimeField(_("sans objet depuis"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("arrêté le"), null=True, blank=True)

    class Meta:
        verbose_name = _("engagement")
        ordering = ["ticket", "cycle", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "cycle"], name="commitment_once"),
            models.CheckConstraint(condition=Q(target_minutes__gt=0), name="commitment_target"),
            # Met if and only if met_at <= due_at (S17): a breach stands at the due instant itself.
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(breached_at=F("due_at")),
                name="commitment_breached_when_due",
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True)
                | Q(breached_at__isnull=True, met_at__lte=F("due_at"))
                | Q(breached_at__isnull=False, met_at__gt=F("due_at")),
                name="commitment_met_or_breached",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True)
                | Q(met_at__isnull=True, breached_at__isnull=True, stopped_at=F("voided_at")),
                name="commitment_void_is_open",
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(stopped_at=F("met_at")),
                name="commitment_met_is_stopped",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True)
                | Q(met_at__isnull=False)
                | Q(voided_at__isnull=False)
                | Q(breached_at__isnull=False),
                name="commitment_stopped_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(counting_since__isnull=True),
                name="commitment_stopped_counts_no_more",
            ),
            models.CheckConstraint(
                condition=Q(counting_since__isnull=True) | Q(due_at__isnull=False),
                name="commitment_counting_has_a_deadline",
            ),
        ]
        # Each is what one figure of the dashboard reads, without touching the table: a promise
        # stands in one of the first two as long as somebody still has to act, and in one of the
        # next two once it is decided (S19).
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                include=["counting_since", "started_at"],
                name="commitment_awaited",
                condition=Q(stopped_at__isnull=True, breached_at__isnull=True),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="commitment_late",
                condition=Q(stopped_at__isnull=True, breached_at__isnull=False),
            ),
            models.Index(
                fields=["breached_at", "id"],
                include=["kind", "severity"],
                name="commitment_missed",
                condition=Q(breached_at__isnull=False),
            ),
            models.Index(
                fields=["met_at"],
                include=["kind", "severity"],
                name="commitment_kept",
                condition=Q(met_at__isnull=False, breached_at__isnull=True),
            ),
            models.Index(
                fields=["voided_at"],
                name="commitment_void",
                condition=Q(voided_at__isnull=False),
            ),
            models.Index(
                fields=["started_at", "id"],
                name="commitment_paused",
                condition=Q(
                    stopped_at__isnull=True, breached_at__isnull=True, counting_since__isnull=True
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cycle}"

    @property
    def outcome(self) -> Outcome:
        if self.breached_at is not None:
            return Outcome.BREACHED
        if self.met_at is not None:
            return Outcome.MET
        if self.voided_at is not None:
            return Outcome.VOID
        return Outcome.RUNNING if self.counting_since is not None else Outcome.PAUSED


class EarlierTerms(models.Model):
    """What a promise counted by until a manager gave it other terms (S12).

    Copied from the promise at that act: what was counted before stays counted on this calendar,
    and the ledger can tell it. The events give the same (`manage.py verify_history`).
    """

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="earlier_terms"
    )
    until = models.DateTimeField(_("jusqu’au"))
    target_minutes = models.PositiveIntegerField(_("délai en minutes ouvrées"))
    service_level_version = models.ForeignKey(
        ServiceLevelVersion, on_delete=models.PROTECT, related_name="+"
    )
    calendar_version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, related_name="+"
    )
    pauses_on_vendor = models.BooleanField()

    class Meta:
        verbose_name = _("conditions antérieures")
        verbose_name_plural = _("conditions antérieures")
        ordering = ["commitment", "until", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(target_minutes__gt=0), name="earlier_terms_target")
        ]

    def __str__(self) -> str:
        return f"Conditions antérieures {self.pk}"


class Pause(models.Model):
    """A stretch during which the resolution clock may stand still (S5, S18).

    Pauses belong to the incident: they survive requalification and a change of contract.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="pauses")
    kind = models.CharField(max_length=10, choices=PauseKind.choices)
    reason = models.TextField(_("motif"), blank=True)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    # Of a wait for the customer: reminders recorded, and the closure that the last one announced.
    reminders = models.PositiveSmallIntegerField(default=0)
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("suspension")
        ordering = ["ticket", "began_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="pause_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["ticket"], name="pause_one_running", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"Suspension {self.pk}"


class Rung(models.Model):
    """A rung that a promise reached (S10), dated at its own instant; once per percent."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="rungs")
    percent = models.PositiveSmallIntegerField()
    reached_at = models.DateTimeField(_("atteint le"))
    recorded_at = models.DateTimeField(_("constaté le"))

    class Meta:
        verbose_name = _("seuil")
        ordering = ["commitment", "percent"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "percent"], name="rung_once"),
            models.CheckConstraint(
                condition=Q(percent__in=[50, 75, 100, 150]), name="rung_percent_known"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("reached_at")), name="rung_recorded_after_reached"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"


class CatchUp(models.Model):
    """A pass of the sweep that came late: it had been down, and says for how long (S10)."""

    swept_at = models.DateTimeField(_("rattrapé le"))
    late_seconds = models.PositiveIntegerField(_("retard en secondes"))

    class Meta:
        verbose_name = _("rattrapage")
        ordering = ["-swept_at"]
        indexes = [models.Index(fields=["swept_at"], name="catch_up_recent")]

    def __str__(self) -> str:
        return f"Rattrapage {self.pk}"
