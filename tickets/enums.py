"""Words of an incident (docs/glossaire.md gives the French ones their meaning)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where an incident stands. Each one says whose turn it is."""

    DECLARED = "declared", _("Déclaré")
    IN_PROGRESS = "in_progress", _("En cours")
    WAITING_CUSTOMER = "waiting_customer", _("En attente client")
    WAITING_VENDOR = "waiting_vendor", _("En attente éditeur")
    RESOLVED = "resolved", _("Résolu")
    CLOSED = "closed", _("Clos")
    CANCELLED = "cancelled", _("Annulé")

    @property
    def is_open(self) -> bool:
        """Somebody still works on it: its promises may still run."""
        return self in OPEN_STATUSES

    @property
    def is_waiting(self) -> bool:
        return self in {Status.WAITING_CUSTOMER, Status.WAITING_VENDOR}


OPEN_STATUSES = (
    Status.DECLARED,
    Status.IN_PROGRESS,
    Status.WAITING_CUSTOMER,
    Status.WAITING_VENDOR,
)


class Turn(models.TextChoices):
    """Whose turn it is; shown on every line and page."""

    OURS = "ours", _("À nous")
    YOURS = "yours", _("À vous")
    NOBODY = "nobody", _("Terminé")


class Side(models.TextChoices):
    """Who acts: a customer, one of ours, or the clock (sweeps)."""

    CUSTOMER = "customer", _("client")
    ENGINEER = "engineer", _("support")
    CLOCK = "clock", _("portail")


class Origin(models.TextChoices):
    """How an event came. Events of DEMO and IMPORT tell nobody."""

    PORTAL = "portal", _("portail")
    PHONE = "phone", _("téléphone")
    DEMO = "demo", _("démonstration")
    IMPORT = "import", _("reprise")


class Act(models.TextChoices):
    """The acts of the lifecycle table and those beside it: what an event records."""

    DECLARE = "declare", _("Incident déclaré")
    ACKNOWLEDGE = "acknowledge", _("Prise en charge")
    ASSIGN = "assign", _("Affectation")
    MESSAGE = "message", _("Message")
    CALL = "call", _("Appel")
    NOTE = "note", _("Note interne")
    WAIT_CUSTOMER = "wait_customer", _("Mise en attente client")
    WAIT_VENDOR = "wait_vendor", _("Mise en attente éditeur")
    RESUME = "resume", _("Reprise")
    RESOLVE = "resolve", _("Résolution")
    ACCEPT = "accept", _("Solution acceptée")
    CLOSE = "close", _("Clôture automatique")
    REOPEN = "reopen", _("Réouverture")
    CANCEL = "cancel", _("Annulation")
    REQUALIFY = "requalify", _("Changement de criticité")
    RESTATE = "restate", _("Nouvelles conditions appliquées")
    CORRECT = "correct", _("Correction de la prise en charge")
    ADD_COPY = "add_copy", _("Personne ajoutée en copie")
    REMOVE_COPY = "remove_copy", _("Personne retirée des copies")
    RUNG = "rung", _("Seuil d’un engagement")
    MERGE = "merge", _("Fusion")
    UNMERGE = "unmerge", _("Fusion annulée")
    # The same two, on the incident that survives.
    ABSORB = "absorb", _("Fusion reçue")
    RELEASE = "release", _("Fusion reçue annulée")
    ESCALATE = "escalate", _("Escalade")
    ANSWER_ESCALATION = "answer_escalation", _("Réponse à l’escalade")
    ASK_SEVERITY = "ask_severity", _("Demande d’une autre criticité")
    DECLINE_SEVERITY = "decline_severity", _("Demande de criticité refusée")
    CORRECT_SUBJECT = "correct_subject", _("Correction du sujet")
    REMIND = "remind", _("Rappel au client")
    CLOSE_UNANSWERED = "close_unanswered", _("Clôture sans réponse")
    ATTACH = "attach", _("Rattachement à un incident principal")
    DETACH = "detach", _("Incident détaché")
    SPLIT = "split", _("Scission")
    # Within seconds of an answer of ours: no customer has seen it, nor ever will.
    WITHDRAW = "withdraw", _("Réponse reprise")
    # Told to ours alone: the vendor has not answered in time.
    CHASE = "chase", _("Éditeur à relancer")


# What people say to each other. It may change the status as well: then it is told like a change.
CONVERSATION = frozenset({Act.MESSAGE, Act.CALL})
# What the customer reads as an answer: not sent before its author has read what came meanwhile.
ANSWERS = frozenset({Act.MESSAGE, Act.WAIT_CUSTOMER, Act.WAIT_VENDOR, Act.RESOLVE})


class Sequel(models.TextChoices):
    """What follows an answer in the same act, when a ready-made one says so."""

    WAIT_CUSTOMER = "wait_customer", _("mettre en attente client")
    WAIT_VENDOR = "wait_vendor", _("mettre en attente éditeur")
    RESOLVE = "resolve", _("résoudre\u00a0: le texte est la solution")


class AskKind(models.TextChoices):
    """What a customer asks for beside the conversation, and that one of ours answers."""

    ESCALATION = "escalation", _("escalade")
    SEVERITY = "severity", _("autre criticité")


class PauseKind(models.TextChoices):
    """Why the resolution clock stands still (S5, S18)."""

    CUSTOMER = "customer", _("en attente de votre réponse")
    VENDOR = "vendor", _("en attente de l’éditeur")
    MERGED = "merged", _("fusionné")


class Outcome(models.TextChoices):
    """How a promise stands, derived from its instants."""

    RUNNING = "running", _("en cours")
    PAUSED = "paused", _("suspendu")
    MET = "met", _("tenu")
    BREACHED = "breached", _("dépassé")
    VOID = "void", _("sans objet")
