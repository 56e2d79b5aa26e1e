"""The mails about no incident, as an incident's requester or one of ours would read them.

Composed by the code that sends them, on a connection that sends nothing; their links open nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import messages
from accounts.models import User
from foundation.wording import paris
from notifications.messages.apart import address_dead, redirected
from notifications.messages.digest import digest
from notifications.messages.examples import Kind, Sample, imagined
from notifications.messages.story import Story
from notifications.models import DeadAddress
from notifications.outbox import mail_of
from notifications.rendering import Mail
from tickets.enums import CONVERSATION, Act
from tickets.models import Ticket, TicketEvent

# No invitation, no link of a lost password and no received mail is called that.
_TOKEN = "exemple"  # noqa: S105
_LETTER = UUID(int=0)
# An address that is nobody's (RFC 5737).
_IP = "203.0.113.7"

Make = Callable[[Ticket, User, datetime], Mail]


class AccountKind(NamedTuple):
    """A mail about no incident: its name in an address, who reads it, how it is made."""

    key: str
    label: Promise
    to_desk: bool
    make: Make


class _Composed(BaseEmailBackend):
    """Where a mail goes that is only looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.messages.extend(email_messages)
        return len(email_messages)


def account_kinds() -> list[AccountKind]:
    """All of them: to anybody who has an account, then the others."""
    return [
        AccountKind("compte-invitation", _("Invitation"), False, _invitation),
        AccountKind("compte-societe", _("Accès à une société de plus"), False, _company_access),
        AccountKind("compte-mot-de-passe-perdu", _("Mot de passe perdu"), False, _lost_password),
        *(
            AccountKind(f"compte-{name}", label, False, partial(_notice, prefix))
            for name, label, prefix in _NOTICES
        ),
        AccountKind(
            "compte-second-facteur-retire", _("Double authentification retirée"), False, _removed
        ),
        AccountKind("recapitulatif", _("Récapitulatif du jour"), False, _digest),
        AccountKind("boite-fermee", _("Réponse de la boîte fermée"), False, _redirected),
        AccountKind("adresse-en-echec", _("Adresse en échec (au support)"), True, _dead),
    ]


def account_sample(ticket: Ticket, kind: AccountKind, viewer: User, at: datetime) -> Sample:
    """To the requester of this incident, or to `viewer` (one of ours)."""
    reader = viewer if kind.to_desk else ticket.requester
    return Sample(kind.make(ticket, reader, at), reader, None)


# As allauth names them.
_NOTICES = [
    ("mot-de-passe-change", _("Mot de passe changé"), "account/email/password_changed"),
    ("mot-de-passe-choisi", _("Mot de passe choisi"), "account/email/password_set"),
    ("second-facteur-active", _("Double authentification activée"), "mfa/email/totp_activated"),
    (
        "second-facteur-desactive",
        _("Double authentification désactivée"),
        "mfa/email/totp_deactivated",
    ),
    ("codes-de-secours", _("Nouveaux codes de secours"), "mfa/email/recovery_codes_generated"),
]


def _composed(send: Callable[..., None], **facts: Any) -> Mail:
    kept = _Composed()
    send(**facts, via=kept)
    return mail_of(kept.messages[0])


def _invitation(ticket: Ticket, reader: User, at: datetime) -> Mail:
    ends = at + timedelta(hours=settings.INVITATION_HOURS)
    return _composed(
        messages.invitation, user=reader, token=_TOKEN, expires_at=ends, company=ticket.company
    )


def _company_access(ticket: Ticket, reader: User, at: datetime) -> Mail:
    return _composed(messages.company_access, user=reader, company=ticket.company)


def _lost_password(ticket: Ticket, reader: User, at: datetime) -> Mail:
    ends = at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return _composed(messages.lost_password, user=reader, token=_TOKEN, expires_at=ends)


def _notice(prefix: str, ticket: Ticket, reader: User, at: datetime) -> Mail:
    facts = {"user": reader, "timestamp": at, "ip": _IP}
    return _composed(messages.notice, prefix=prefix, to=reader.email, context=facts)


def _removed(ticket: Ticket, reader: User, at: datetime) -> Mail:
    return _composed(messages.second_factor_removed, user=reader)


def _digest(ticket: Ticket, reader: User, at: datetime) -> Mail:
    """Of what was really said to this reader on the incident, or else of an example."""
    told = TicketEvent.objects.filter(
        ticket=ticket, act__in=CONVERSATION, recipients__contains=[reader.pk]
    ).select_related("actor", "ticket")
    stories = [Story(event, reader) for event in told if event.is_conversation]
    example = imagined(ticket, Kind(Act.MESSAGE, to_desk=False), reader, reader, at)
    return digest(stories or [example], paris(at).date())


def _redirected(ticket: Ticket, reader: User, at: datetime) -> Mail:
    return redirected(_LETTER)


def _dead(ticket: Ticket, reader: User, at: datetime) -> Mail:
    person = ticket.requester
    answer = "550 5.1.1 User unknown"
    return address_dead(DeadAddress(address=person.email, since=at, answer=answer), person, reader)
