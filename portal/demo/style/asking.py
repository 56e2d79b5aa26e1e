"""What the style page shows of requests: an escalation, another severity, and their answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from portal.demo.style.declaring import Shown
from portal.demo.style.following import ago, page, ticket
from sla.enums import Severity
from tickets.asking_forms import EscalateForm, SeverityForm
from tickets.enums import AskKind, Status
from tickets.models import Ask, Message, Ticket
from tickets.queries.asking import Asks


def asks() -> list[Shown]:
    """What may be asked for, at each step of it."""
    open_, closed = ticket(), ticket(Status.CLOSED)
    escalated = _ask(AskKind.ESCALATION)
    answered = _ask(AskKind.ESCALATION, answered=True)
    wanted = _ask(AskKind.SEVERITY)
    granted = _ask(AskKind.SEVERITY, answered=True, retained=Severity.BLOCKING)
    declined = _ask(AskKind.SEVERITY, answered=True, retained=Severity.IMPAIRING)
    return [
        _asked("rien", _("Rien n’est demandé"), open_),
        _asked("attendue", _("Réponses attendues"), open_, escalated, [wanted]),
        _asked("repondue", _("Répondu, criticité acceptée"), open_, answered, [granted]),
        _asked("declinee", _("Criticité maintenue"), open_, None, [declined]),
        _asked("trop-tard", _("Terminé avant la réponse"), closed, escalated, [wanted]),
        _asked("faute", _("Demande à corriger"), open_, refused=SeverityForm(_typed(reason=""))),
        _asked("faute-2", _("Escalade à corriger"), open_, refused=EscalateForm(_typed(reason=""))),
        _asked(
            "fini", _("Demande trop tardive"), closed, escalated,
            refused=SeverityForm(_typed(reason=_("La production est arrêtée."))),
        ),
        _asked(
            "expiree", _("Session expirée"), open_,
            refused=EscalateForm(initial=_typed(reason=_("Le chantier commence lundi."))),
        ),
    ]  # fmt: skip


def _typed(*, reason: str) -> dict[str, Any]:
    return {"form_token": str(UUID(int=2)), "reason": reason}


def _asked(
    key: str, caption: str, about: Ticket, escalation: Ask | None = None,
    severities: list[Ask] | None = None, *, refused: EscalateForm | SeverityForm | None = None,
) -> Shown:  # fmt: skip
    found = Asks(about, escalation, severities or [])
    return Shown(key, caption, {"ticket": about, "page": page(asks=found), "refused": refused})


def _ask(kind: AskKind, *, answered: bool = False, retained: str = "") -> Ask:
    wanted = Severity.BLOCKING if kind is AskKind.SEVERITY else ""
    return Ask(
        kind=kind,
        wanted=wanted,
        retained=retained,
        asked_by=User(first_name="Alice", last_name="Durand"),
        asked_at=ago(hours=3),
        answered_by=User(first_name="Paul", last_name="Ibarra") if answered else None,
        answered_at=ago(hours=1) if answered else None,
        answer=Message(body=_("Une deuxième personne y travaille depuis ce matin.")),
    )
