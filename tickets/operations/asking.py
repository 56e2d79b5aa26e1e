"""What customers ask for beside the conversation: a manager's attention, another severity.

Neither moves a clock nor a status, and neither ends « En attente client » (S6). Texts are
messages; the events hold ids and codes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts.models import User
from foundation.refusals import Conflict, Refusal
from foundation.wording import near_instant
from sla.enums import Severity
from tickets.enums import Act, AskKind, Origin
from tickets.models import Ask, Message
from tickets.operations.conversation import store_message
from tickets.operations.work import Work, work_on
from tickets.recipients import recipients_of_ask


class AlreadyAsked(Conflict):
    """A colleague asked before: the sentence says who and when (G3)."""


class AlreadyAnswered(Conflict):
    """One of ours answered before, or nothing was asked (G4)."""


def escalate(
    *,
    ticket_id: int,
    actor: User,
    reason: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ask:
    """« Escalader »: our managers and whoever works on the incident are told at once.

    Once per incident, whatever becomes of it. The same `form_token` again changes nothing.
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        if (twin := _asked_with(work, token)) is not None:
            return twin
        work.require(Act.ESCALATE)
        work.require_reason(reason)
        before = Ask.objects.escalations().filter(ticket=work.ticket).first()
        if before is not None:
            raise AlreadyAsked(_already(_("Déjà escaladé par %(who)s %(when)s."), before, work))
        return _ask(work, Act.ESCALATE, AskKind.ESCALATION, reason, token)


def ask_severity(
    *,
    ticket_id: int,
    actor: User,
    severity: Severity,
    reason: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ask:
    """A customer wants another severity than the one retained, and says why.

    One request at a time. The clocks change only when one of ours requalifies (S7).
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        if (twin := _asked_with(work, token)) is not None:
            return twin
        work.require(Act.ASK_SEVERITY)
        work.require_reason(reason)
        present = Severity(work.ticket.severity)
        if severity == present:
            raise Refusal(
                _("L’incident est déjà «\u00a0%(severity)s\u00a0».") % {"severity": present.label}
            )
        before = open_severity_ask(work)
        if before is not None:
            sentence = _("Une autre criticité a déjà été demandée par %(who)s %(when)s.")
            raise AlreadyAsked(_already(sentence, before, work))
        return _ask(
            work, Act.ASK_SEVERITY, AskKind.SEVERITY, reason, token,
            present=present, wanted=severity,
        )  # fmt: skip


def _ask(
    work: Work, act: Act, kind: AskKind, reason: str, token: UUID, **severities: Severity
) -> Ask:
    """The row, its text, and the event that says who was told."""
    message = store_message(work, reason, token)
    ask = Ask.objects.create(
        ticket=work.ticket, kind=kind, asked_by=message.author, asked_at=work.at, reason=message,
        **severities,
    )  # fmt: skip
    facts: dict[str, object] = {"ask": ask.pk, "message": message.pk}
    if severities:
        facts["severity"] = [str(ask.present), str(ask.wanted)]
    recipients = recipients_of_ask(work.ticket, act, work.at, work.roster)
    work.record(act, text=reason, facts=facts, recipients=recipients)
    return ask


def _asked_with(work: Work, token: UUID) -> Ask | None:
    """What this form has asked already: it was sent twice."""
    return Ask.objects.filter(ticket=work.ticket, reason__form_token=token).first()


def _already(sentence: str, before: Ask, work: Work) -> str:
    return sentence % {
        "who": before.asked_by.full_name,
        "when": near_instant(before.asked_at, work.at),
    }


# --- answers --------------------------------------------------------------------------------------


def answer_escalation(
    *,
    ticket_id: int,
    actor: User,
    answer: str,
    at: datetime,
    form_token: UUID | None = None,
    origin: Origin = Origin.PORTAL,
) -> Ask:
    """A manager answers the escalation; everybody who follows the incident reads it.

    An answer is owed whatever the incident became meanwhile. Sent twice, it is one answer.
    """
    token = form_token or uuid4()
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        work.require(Act.ANSWER_ESCALATION)
        if not actor.is_manager:
            raise Refusal(_("Seul un responsable répond à une escalade."))
        ask = Ask.objects.escalations().filter(ticket=work.ticket).first()
        if ask is None:
            raise AlreadyAnswered(_("Cet incident n’a pas été escaladé."))
        if ask.answer is not None and ask.answer.form_token == token:
            return ask
        _require_unanswered(ask, work)
        if not answer.strip():
            raise Refusal(_("Écrivez la réponse\u00a0: le client la lit."))
        message = store_message(work, answer, token)
        _answered(ask, message)
        facts = {"ask": ask.pk, "message": message.pk}
        work.record(Act.ANSWER_ESCALATION, text=answer, facts=facts)
    return ask


def decline_severity(
    *,
    ticket_id: int,
    actor: User,
    ask_id: int,
    reason: str,
    at: datetime,
    origin: Origin = Origin.PORTAL,
) -> Ask:
    """The severity stays as it is, and the customer reads why.

    `ask_id` is the request that the page showed: answered meanwhile, it is answered no more (G4).
    """
    with work_on(ticket_id, actor=actor, at=at, origin=origin) as work:
        work.require(Act.DECLINE_SEVERITY)
        ask = Ask.objects.severities().filter(ticket=work.ticket, pk=ask_id).first()
        if ask is None:
            raise AlreadyAnswered(_("Cette demande n’existe pas sur cet incident."))
        _require_unanswered(ask, work)
        work.require_reason(reason)
        message = store_message(work, reason, uuid4())
        _answered(ask, message, retained=work.ticket.severity)
        work.record(
            Act.DECLINE_SEVERITY,
            text=reason,
            facts={
                "ask": ask.pk,
                "message": message.pk,
                "severity": [str(ask.present), str(ask.wanted)],
            },
        )
    return ask


def open_severity_ask(work: Work) -> Ask | None:
    """The request for another severity that waits for its answer."""
    return Ask.objects.severities().unanswered().filter(ticket=work.ticket).first()


def grant_severity(work: Work, message: Message, severity: Severity) -> dict[str, int]:
    """A requalification answers the request that waits, whatever it retains; facts of its event."""
    ask = open_severity_ask(work)
    if ask is None:
        return {}
    _answered(ask, message, retained=severity)
    return {"ask": ask.pk}


def _require_unanswered(ask: Ask, work: Work) -> None:
    if ask.answered_by is not None and ask.answered_at is not None:
        raise AlreadyAnswered(
            _("%(who)s a déjà répondu %(when)s.")
            % {
                "who": ask.answered_by.full_name,
                "when": near_instant(ask.answered_at, work.at),
            }
        )


def _answered(ask: Ask, message: Message, retained: str = "") -> None:
    ask.answered_by = message.author
    ask.answered_at = message.written_at
    ask.answer = message
    ask.retained = retained
    ask.save(update_fields=["answered_by", "answered_at", "answer", "retained"])
