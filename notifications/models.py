"""Deliveries: one row per mail that must leave, and the proof that it left."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.database import AppendOnly
from foundation.wording import instant
from notifications.enums import Channel, DeliveryState, Verdict
from tickets.models import Ticket, TicketEvent

_ACCEPTED = (DeliveryState.SENT, DeliveryState.BOUNCED)


class Delivery(models.Model):
    """One mail to one person.

    Of an event (unique per event, person and channel: never doubled); or of a digest, which
    carries those of a day; or an account mail (invitation, lost password), which holds its own
    text until it is sent. The Message-ID is fixed when the row is made: a resend or a duplicate
    after a crash bears the same one.
    """

    event = models.ForeignKey(
        TicketEvent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("événement"),
    )
    recipient = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("destinataire"),
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    address = models.EmailField(_("adresse"))
    subject = models.CharField(_("objet"), max_length=300, blank=True)
    # Account mails only; wiped once sent, since they hold secrets (design §4).
    body_text = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    # An answer of the closed mailbox: it leaves without a return address (RFC 3834). The second
    # is the identifier of what it answers, empty when that had none that is fit to be repeated.
    is_answer = models.BooleanField(default=False)
    in_reply_to = models.CharField(max_length=250, blank=True)
    # A digest: the mail of a day that carries what was held for a person. What it carries is
    # written from its events when it leaves, and stands as it stands (decision 0024).
    is_digest = models.BooleanField(_("récapitulatif"), default=False, db_default=False)
    carrier = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="carried",
        db_index=False,
        verbose_name=_("récapitulatif"),
    )
    state = models.CharField(
        _("état"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    created_at = models.DateTimeField(_("créé le"))
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    next_attempt_at = models.DateTimeField(_("prochain essai"), null=True, blank=True)
    # While a sender holds the row; a sender that died loses it when the lease ends (N4).
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    # When a mail that was accepted came back; its acceptance stays on record.
    bounced_at = models.DateTimeField(_("rebondi le"), null=True, blank=True)
    # The server that gave the answer: proof says who accepted (P5).
    server = models.CharField(_("serveur"), max_length=253, blank=True, db_default="")
    server_answer = models.CharField(_("réponse du serveur"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("envoi")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"],
                name="delivery_once_per_person",
                condition=Q(event__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_ACCEPTED, sent_at__isnull=False)
                | (~Q(state__in=_ACCEPTED) & Q(sent_at__isnull=True)),
                name="delivery_sent_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.BOUNCED, bounced_at__isnull=False)
                | (~Q(state=DeliveryState.BOUNCED) & Q(bounced_at__isnull=True)),
                name="delivery_bounced_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.QUEUED, next_attempt_at__isnull=False)
                | (~Q(state=DeliveryState.QUEUED) & Q(next_attempt_at__isnull=True)),
                name="delivery_queued_has_a_next_attempt",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=True) | Q(body_text="", body_html=""),
                name="delivery_of_event_stores_no_text",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.HELD) | Q(event__isnull=False),
                name="delivery_held_is_of_an_event",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.QUEUED) | Q(carrier__isnull=True),
                name="delivery_queued_leaves_by_itself",
            ),
            models.CheckConstraint(
                condition=Q(is_digest=False)
                | Q(event__isnull=True, carrier__isnull=True, recipient__isnull=False),
                name="delivery_digest_is_of_a_person",
            ),
        ]
        indexes = [
            # In the sender's whole order: mails made together have the same instant, and without
            # their keys each claim would sort all of them.
            models.Index(
                fields=["next_attempt_at", "id"],
                name="delivery_next",
                condition=Q(state=DeliveryState.QUEUED),
            ),
            # Whether an earlier mail of the incident still waits for its person.
            models.Index(
                fields=["event", "recipient"],
                name="delivery_waiting",
                condition=Q(state=DeliveryState.QUEUED),
            ),
            models.Index(
                fields=["recipient", "created_at"],
                name="delivery_held",
                condition=Q(state=DeliveryState.HELD, carrier__isnull=True),
            ),
            models.Index(
                fields=["carrier"], name="delivery_carried", condition=Q(carrier__isnull=False)
            ),
            # The journal: newest first, of one state or of all, and by a piece of an address.
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="delivery_newest_of_state"),
            GinIndex(OpClass(Upper("address"), name="gin_trgm_ops"), name="delivery_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address} · {self.get_state_display()}"

    @property
    def full_answer(self) -> str:
        """Which server answered what. What the portal itself decided names none, nor does what
        the recipient's own server said of a mail that came back.
        """
        said = self.server_answer
        is_of_ours = self.server and said and self.state != DeliveryState.BOUNCED
        return f"{self.server}\u00a0: {said}" if is_of_ours else said


class Resend(AppendOnly):
    """Somebody of ours sent a mail again: who, when, and how it stood until then."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="resends", verbose_name=_("envoi")
    )
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("demandé par")
    )
    state_before = models.CharField(_("état avant"), max_length=10, choices=DeliveryState.choices)
    sent_at_before = models.DateTimeField(_("envoyé une première fois le"), null=True)
    answer_before = models.CharField(_("réponse avant"), max_length=300, blank=True)

    class Meta(AppendOnly.Meta):
        abstract = False
        verbose_name = _("renvoi")
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return f"{instant(self.asked_at)} · {self.asked_by_id}"


class Reconciliation(AppendOnly):
    """One night's proof: the frozen recipients of events against their deliveries (P5).

    It covers the events after `after_event` up to `through_event`, by their numbers. `expected` is
    the number of recipients; each is counted once, in the state of its delivery or as missing.
    """

    checked_at = models.DateTimeField(_("fait le"), unique=True)
    after_event = models.BigIntegerField()
    through_event = models.BigIntegerField()
    expected = models.PositiveBigIntegerField(_("attendus"))
    sent = models.PositiveBigIntegerField(_("envoyés"))
    held = models.PositiveBigIntegerField(_("au récapitulatif"), default=0, db_default=0)
    queued = models.PositiveBigIntegerField(_("en attente"))
    refused = models.PositiveBigIntegerField(_("refusés"))
    bounced = models.PositiveBigIntegerField(_("rebondis"))
    dropped = models.PositiveBigIntegerField(_("abandonnés"))
    missing = models.PositiveBigIntegerField(_("manquants"))
    # Deliveries to somebody who was not among the recipients of the act.
    unforeseen = models.PositiveBigIntegerField(_("imprévus"))
    gaps = ArrayField(models.BigIntegerField(), default=list, help_text=_("Événements en défaut"))

    class Meta(AppendOnly.Meta):
        abstract = False
        verbose_name = _("rapprochement des e-mails")
        verbose_name_plural = _("rapprochements des e-mails")
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return instant(self.checked_at)

    @property
    def is_clean(self) -> bool:
        """Everybody has a mail, and nobody has one too many."""
        return not self.missing and not self.unforeseen


class DeadAddress(models.Model):
    """An address that a server said is none: nothing is sent there (N8).

    Until somebody of ours deletes the row, because the address is good again.
    """

    address = models.EmailField(_("adresse"), unique=True)
    since = models.DateTimeField(_("depuis le"))
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="+", verbose_name=_("e-mail revenu")
    )
    answer = models.CharField(_("réponse du serveur"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("adresse en échec")
        verbose_name_plural = _("adresses en échec")
        ordering = ["-since", "-pk"]

    def __str__(self) -> str:
        return self.address


class SenderPause(models.Model):
    """The mail server is away: until `probe_at` nobody asks it anything. One row, or none."""

    # The only key there is: a second row cannot be made.
    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField()
    probe_at = models.DateTimeField()
    answer = models.CharField(max_length=300)
    # The mail it was about: the next probe begins with another, should this one be the cause.
    mail = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("pause de l’envoi")
        verbose_name_plural = _("pauses de l’envoi")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="sender_pause_is_one"),
        ]

    def __str__(self) -> str:
        return instant(self.since)


class SlowDomain(models.Model):
    """A domain whose mails hold the sender up: its row keeps them in the queue, all but one that
    is tried after `until`. An answer about one of its mails ends it (0025).
    """

    domain = models.CharField(max_length=255, unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    stalls = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("domaine lent")
        verbose_name_plural = _("domaines lents")

    def __str__(self) -> str:
        return self.domain


class ReceivedMail(models.Model):
    """One mail that reached the closed mailbox: what was decided, and why (P4).

    The row stays. Text and files are kept for seven days, and only of what was answered to the
    address of somebody who has an account: nobody else could ever read them.
    """

    # The link of the answer; it leads the person who wrote, once signed in, and nobody else.
    token = models.UUIDField(default=uuid4, unique=True, editable=False)
    received_at = models.DateTimeField(_("reçu le"))
    # Both as claimed by whoever sent it.
    sender = models.CharField(_("expéditeur de l’enveloppe"), max_length=320, blank=True)
    recipient = models.CharField(_("destinataire de l’enveloppe"), max_length=320, blank=True)
    address = models.CharField(_("auteur annoncé"), max_length=320, blank=True)
    subject = models.CharField(_("objet"), max_length=250, blank=True)
    size = models.PositiveBigIntegerField(_("taille"))
    # Its Message-ID, or the digest of the whole mail: it is answered once (M4).
    name = models.CharField(max_length=250)
    verdict = models.CharField(_("décision"), max_length=20, choices=Verdict.choices)
    detail = models.CharField(_("précision"), max_length=200, blank=True)
    answer = models.OneToOneField(
        Delivery,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answered",
        verbose_name=_("réponse"),
    )
    # The incident whose mail it answers, if any: shown to nobody who may not see it (M2).
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = _("courrier reçu")
        verbose_name_plural = _("courriers reçus")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=Verdict.ANSWERED, answer__isnull=False)
                | (~Q(verdict=Verdict.ANSWERED) & Q(answer__isnull=True)),
                name="received_answered_has_its_answer",
            ),
            models.UniqueConstraint(
                fields=["name"],
                name="received_answered_once",
                condition=Q(verdict=Verdict.ANSWERED),
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="received_newest"),
            models.Index(
                fields=["verdict", "-received_at", "-id"], name="received_newest_of_verdict"
            ),
            models.Index(
                fields=["address", "received_at"],
                name="received_answered_to",
                condition=Q(verdict=Verdict.ANSWERED),
            ),
            GinIndex(OpClass(Upper("address"), name="gin_trgm_ops"), name="received_address"),
        ]

    def __str__(self) -> str:
        return f"{instant(self.received_at)} · {self.get_verdict_display()}"


class ReceivedFile(models.Model):
    """A file of a received mail, until its author takes it over or seven days have passed."""

    mail = models.ForeignKey(ReceivedMail, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("fichier reçu")
        verbose_name_plural = _("fichiers reçus")

    def __str__(self) -> str:
        return f"{self.mail_id} · {self.pk}"
