"""The incident itself. Only operations write its status and its instants."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Contains
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import CompanyRole
from accounts.models import Agency, Company, Membership, Site, User
from foundation.database import Plain
from licences.models import Licence, Product, SupportContract
from sla.enums import Severity
from sla.models import ServiceLevelVersion
from tickets.enums import OPEN_STATUSES, Origin, Status, Turn
from tickets.lifecycle import turn


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> Self:
        """Incidents that this person may see (A1, A4).

        Staff: all. Customers, in companies where their access is open: their own, those they
        are in copy of, and, for a référent, the company's except the private ones.
        """
        if user.is_staff:
            return self
        memberships = Membership.objects.filter(user=user, is_active=True, company__is_active=True)
        managed = memberships.filter(role=CompanyRole.MANAGER).values("company")
        return self.filter(company__in=memberships.values("company")).filter(
            Q(requester=user)
            | Exists(Copy.objects.filter(user=user, ticket=OuterRef("pk")))
            | Q(company__in=managed, is_private=False)
        )

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)


def holding(word: str) -> Contains:
    """The condition: the number or the title holds a word, accents and case forgiven.

    LIKE's own signs are taken literally.
    """
    return Contains(F("searched"), Plain(Value(word)))


# What the filters of the queue compare.
_FILTERED = ("severity", "status", "product", "assignee")


class Ticket(models.Model):
    """An incident."""

    reference = models.CharField(_("numéro"), max_length=20, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, verbose_name=_("société"))
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("site")
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, verbose_name=_("agence"))
    product = models.ForeignKey(Product, on_delete=models.PROTECT, verbose_name=_("produit"))
    licence = models.ForeignKey(
        Licence, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    contract = models.ForeignKey(
        SupportContract,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        help_text=_("Vide : hors contrat (S13)."),
        verbose_name=_("contrat"),
    )
    service_level_version = models.ForeignKey(
        ServiceLevelVersion,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("version du niveau de service"),
    )
    requester = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="requested_tickets",
        verbose_name=_("demandeur"),
    )
    assignee = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        verbose_name=_("ingénieur"),
    )
    copies = models.ManyToManyField(User, through="Copy", related_name="copied_tickets")
    title = models.CharField(_("titre"), max_length=200)
    origin = models.CharField(
        _("provenance"), max_length=10, choices=Origin.choices, default=Origin.PORTAL
    )
    is_private = models.BooleanField(_("privé"), default=False)
    # Both are kept: what the customer said, and what holds now (S7).
    declared_severity = models.CharField(
        _("criticité déclarée"), max_length=15, choices=Severity.choices
    )
    severity = models.CharField(_("criticité"), max_length=15, choices=Severity.choices)
    status = models.CharField(_("statut"), max_length=20, choices=Status.choices)
    cycle = models.PositiveSmallIntegerField(default=1)

    # Instants, UTC. Only operations write them.
    received_at = models.DateTimeField(_("reçu le"), help_text=_("Début des engagements (S3)."))
    acknowledged_at = models.DateTimeField(_("pris en charge le"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("résolu le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("clos le"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_tickets",
        verbose_name=_("fusionné avec"),
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        help_text=_("Incident clos auquel celui-ci fait suite (S9)."),
        verbose_name=_("fait suite à"),
    )
    # One cause of several incidents, of any company: the desk's own business (A2).
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("incident principal"),
        db_index=False,
    )
    split_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="splits",
        help_text=_("Incident dont celui-ci était le second sujet."),
        verbose_name=_("issu de"),
        db_index=False,
    )
    waiting_reason = models.TextField(_("ce qui est attendu"), blank=True)
    waiting_until = models.DateField(_("réponse attendue le"), null=True, blank=True)

    # The next instant at which the sweep must look here: a rung, a breach, an automatic closure.
    next_check_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Nearest deadline of a promise that runs: the order of the queue.
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Head of the history chain, written with each event under this row's lock.
    last_sequence = models.PositiveIntegerField(default=0, editable=False)
    last_hash = models.CharField(max_length=64, blank=True, editable=False)
    last_event_at = models.DateTimeField(_("dernier événement"), editable=False)
    # Number and title as people search them; the database keeps it.
    searched = models.GeneratedField(
        expression=Plain(Concat(F("reference"), Value(" "), F("title"))),
        output_field=models.TextField(),
        db_persist=True,
    )
    # One form, one incident: the token of the declaration form.
    form_token = models.UUIDField(unique=True, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["company", "-received_at", "-id"], name="ticket_of_company"),
            models.Index(fields=["requester", "-received_at", "-id"], name="ticket_of_requester"),
            models.Index(fields=["-received_at", "-id"], name="ticket_newest"),
            GinIndex(fields=["searched"], opclasses=["gin_trgm_ops"], name="ticket_searched"),
            # The queue looks for words among open incidents only, a twentieth of them all.
            GinIndex(
                fields=["searched"],
                opclasses=["gin_trgm_ops"],
                name="ticket_searched_open",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            models.Index(
                fields=["next_check_at"],
                name="ticket_to_check",
                condition=Q(next_check_at__isnull=False),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                # And what tells the tabs apart, and words: a search reads this alone.
                include=(*_FILTERED, "agency", "company", "searched"),
                name="ticket_queue",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            models.Index(
                fields=["assignee", "next_due_at", "id"],
                include=("severity", "status", "product"),
                name="ticket_of_assignee",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            # A search that names a few companies, and other words beside, reads this alone.
            models.Index(
                fields=["company", "next_due_at", "id"],
                include=(*_FILTERED, "agency", "searched"),
                name="ticket_open_of_company",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            # « Nobody's » can be most of what is open, and PostgreSQL takes it for a few: by
            # `ticket_of_assignee` it read and sorted them all.
            models.Index(
                fields=["next_due_at", "id"],
                include=("severity", "status", "product", "agency"),
                name="ticket_nobodys",
                condition=Q(status__in=OPEN_STATUSES, assignee__isnull=True),
            ),
            # One for each tab of the queue: its page and its number are read in order, and what its
            # filters compare stands there too, so that no row is read to be left out.
            models.Index(
                fields=["agency", "next_due_at", "id"],
                include=_FILTERED,
                name="ticket_of_agency",
                condition=Q(status__in=OPEN_STATUSES),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                include=_FILTERED,
                name="ticket_to_take",
                condition=Q(status=Status.DECLARED),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                include=_FILTERED,
                name="ticket_waiting",
                condition=Q(status__in=[Status.WAITING_CUSTOMER, Status.WAITING_VENDOR]),
            ),
            models.Index(
                fields=["parent"], name="ticket_of_parent", condition=Q(parent__isnull=False)
            ),
            models.Index(
                fields=["split_from"],
                name="ticket_split_from",
                condition=Q(split_from__isnull=False),
            ),
            # What moved in a company since somebody's last visit.
            models.Index(fields=["company", "-last_event_at", "-id"], name="ticket_moved"),
            # What goes on in a company, however long its history.
            models.Index(
                fields=["company", "-received_at"],
                name="ticket_live",
                condition=Q(status__in=[*OPEN_STATUSES, Status.RESOLVED]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="ticket_status_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values, declared_severity__in=Severity.values),
                name="ticket_severity_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.DECLARED) | Q(acknowledged_at__isnull=True),
                name="ticket_declared_is_not_acknowledged",
            ),
            models.CheckConstraint(
                condition=~Q(
                    status__in=[
                        Status.IN_PROGRESS,
                        Status.WAITING_CUSTOMER,
                        Status.WAITING_VENDOR,
                        Status.RESOLVED,
                        Status.CLOSED,
                    ]
                )
                | Q(acknowledged_at__isnull=False, assignee__isnull=False),
                name="ticket_worked_on_is_acknowledged_and_assigned",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.RESOLVED, Status.CLOSED], resolved_at__isnull=False)
                | (~Q(status__in=[Status.RESOLVED, Status.CLOSED]) & Q(resolved_at__isnull=True)),
                name="ticket_resolved_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True)),
                name="ticket_closed_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED, cancelled_at__isnull=False)
                | (~Q(status=Status.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="ticket_cancelled_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(status=Status.CANCELLED),
                name="ticket_merged_is_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.WAITING_CUSTOMER) & ~Q(waiting_reason="")
                | Q(status=Status.WAITING_VENDOR) & ~Q(waiting_reason="")
                | ~Q(status__in=[Status.WAITING_CUSTOMER, Status.WAITING_VENDOR])
                & Q(waiting_reason="", waiting_until__isnull=True),
                name="ticket_waiting_says_for_what",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="ticket_is_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("resolved_at")),
                name="ticket_closed_after_it_was_resolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:ticket", args=[self.reference])

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def turn(self) -> Turn:
        return turn(self.state)

    @property
    def is_out_of_contract(self) -> bool:
        """Declared without a valid contract: default charter, flagged « hors contrat » (S13)."""
        return self.contract_id is None


class Copy(models.Model):
    """A colleague of the customer who follows the incident."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="copy_rows")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("copie")
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="copy_once")]

    def __str__(self) -> str:
        return f"Copie {self.pk}"
