"""The append-only history, what waits to be told, and the nightly seal."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.database import AppendOnly
from tickets.enums import CONVERSATION, Act, Origin, Side, Status
from tickets.models.ticket import Ticket


class TicketEvent(AppendOnly):
    """One act on an incident: codes, ids, instants. Never a text or a name.

    Order is `sequence`; clocks fold on `effective_at`, which differs from `recorded_at` only for
    rungs, calls, corrections and imports. `recipients` are frozen at the act. `hash` chains to
    the previous event of the same incident (docs/decisions/0005-history.md gives the form).
    """

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="events", verbose_name=_("incident")
    )
    sequence = models.PositiveIntegerField(_("rang"))
    act = models.CharField(_("acte"), max_length=20, choices=Act.choices)
    side = models.CharField(_("côté"), max_length=10, choices=Side.choices)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("auteur")
    )
    origin = models.CharField(_("provenance"), max_length=10, choices=Origin.choices)
    recorded_at = models.DateTimeField(_("enregistré le"))
    effective_at = models.DateTimeField(_("effectif le"))
    status_before = models.CharField(
        _("statut avant"), max_length=20, choices=Status.choices, blank=True
    )
    status_after = models.CharField(_("statut après"), max_length=20, choices=Status.choices)
    acknowledgement_due_at = models.DateTimeField(_("échéance de prise en charge"), null=True)
    resolution_due_at = models.DateTimeField(_("échéance de résolution"), null=True)
    facts = models.JSONField(_("faits"), default=dict)
    recipients = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("destinataires"))
    text_digest = models.CharField(_("empreinte du texte"), max_length=64, blank=True)
    previous_hash = models.CharField(_("empreinte précédente"), max_length=64, blank=True)
    hash = models.CharField(_("empreinte"), max_length=64)

    class Meta(AppendOnly.Meta):
        abstract = False
        verbose_name = _("événement")
        ordering = ["ticket", "sequence"]
        # The few acts that reports count by the month they were recorded in (S7, S14).
        indexes = [
            models.Index(
                fields=["recorded_at"],
                name="event_change",
                condition=models.Q(act__in=[Act.REQUALIFY, Act.CORRECT]),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "sequence"], name="event_sequence_once"),
            models.CheckConstraint(
                condition=models.Q(effective_at__lte=models.F("recorded_at")),
                name="event_effective_before_recorded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} n° {self.sequence}"

    @property
    def changed_status(self) -> bool:
        return self.status_before != self.status_after

    @property
    def is_conversation(self) -> bool:
        """A message or call that changed no status: a person may have it once a day (0024)."""
        return self.act in CONVERSATION and not self.changed_status


class EventToTell(models.Model):
    """An event whose deliveries are not yet made: the outbox row of its transaction."""

    event = models.OneToOneField(TicketEvent, on_delete=models.PROTECT, related_name="to_tell")
    not_before = models.DateTimeField(
        help_text=_("Les seuils partent aux heures d’ouverture (S10).")
    )

    class Meta:
        verbose_name = _("événement à annoncer")
        verbose_name_plural = _("événements à annoncer")
        indexes = [models.Index(fields=["not_before"], name="event_to_tell")]

    def __str__(self) -> str:
        return f"À annoncer {self.pk}"


class HistorySeal(AppendOnly):
    """What stood at the end of a day: a cut tail or a deleted incident shows against it.

    It covers the events up to `last_event_id`. Seals of before that column (null) cover those
    recorded up to `sealed_at`.
    """

    sealed_at = models.DateTimeField(unique=True)
    tickets = models.PositiveBigIntegerField()
    events = models.PositiveBigIntegerField()
    heads_hash = models.CharField(max_length=64)
    last_event_id = models.BigIntegerField(null=True)

    class Meta(AppendOnly.Meta):
        abstract = False
        verbose_name = _("scellé de l’historique")
        ordering = ["-sealed_at"]

    def __str__(self) -> str:
        return f"{self.sealed_at:%d/%m/%Y}"

    @property
    def covers(self) -> models.Q:
        """The events that it sealed."""
        if self.last_event_id is None:
            return models.Q(recorded_at__lte=self.sealed_at)
        return models.Q(pk__lte=self.last_event_id)
