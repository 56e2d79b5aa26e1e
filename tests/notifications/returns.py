"""Mails that come back, for tests: the reports of other servers, and who gets them (N8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.dsn import Kind
from notifications.models import Delivery
from notifications.operations import claim, derive_pending, mark_sent, take_return
from notifications.returns import return_path
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket

LATER = TUESDAY_10 + timedelta(hours=1)
RETURNS = "retours@portail.test"


def report(
    status: str, *, action: str = "failed", answer: str = "", subject: str = "Undelivered"
) -> bytes:
    """A delivery report as Postfix writes it, the returned mail included."""
    diagnostic = f"Diagnostic-Code: smtp; {answer}\n" if answer else ""
    return f"""\
From: MAILER-DAEMON@mx.example.org
To: {RETURNS}
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="limite"

--limite
Content-Type: text/plain; charset=us-ascii

This is the mail system.

--limite
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 15 Sep 2026 10:00:00 +0200

Final-Recipient: rfc822; alice@acier.test
Action: {action}
Status: {status}
{diagnostic}
--limite
Content-Type: message/rfc822

Subject: [INC-2026-000001] 550 5.1.1 est dans cet objet

--limite--
""".replace("\n", "\r\n").encode()


def sent_to_alice(cast: Cast) -> Delivery:
    """The receipt of a declaration, which Alice's server took."""
    make_ticket(company=cast.company, requester=cast.alice, at=TUESDAY_10)
    derive_pending(at=TUESDAY_10, limit=10)
    return accepted(TUESDAY_10)


def accepted(at: datetime) -> Delivery:
    """The next mail that waits, taken by its server at `at`."""
    found = claim(at=at)
    assert found is not None
    mark_sent(delivery=found, address=found.address, answer="250 ok", at=at)
    return Delivery.objects.get(pk=found.pk)


def returned(
    delivery: Delivery, content: bytes, *, resends: int = 0, at: datetime = LATER
) -> Kind | None:
    """What its first sending, or the one after so many resends, brings back."""
    return take_return(recipient=return_path(delivery.pk, resends), content=content, at=at)
