"""N8: a mail that comes back names itself; only « no such address » stops an address."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from notifications import dsn
from notifications.dsn import Kind
from notifications.enums import DeliveryState
from notifications.mailbox import hand_over
from notifications.models import DeadAddress, Delivery, ReceivedMail
from notifications.operations import derive_pending, take_return
from notifications.queries import barred
from notifications.returns import Sending, return_path, sending_of
from notifications.sender import deliver_pending
from notifications.sender.letters import prepare
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.returns import LATER, RETURNS, report, returned, sent_to_alice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _returns(settings: Settings) -> None:
    settings.RETURN_ADDRESS = RETURNS


@pytest.fixture
def sent(cast: Cast) -> Delivery:
    return sent_to_alice(cast)


# --- the address ----------------------------------------------------------------------------------


def test_n8_each_mail_leaves_with_a_return_path_of_its_own(cast: Cast) -> None:
    make_ticket(company=cast.company, requester=cast.alice, copies=[cast.bob], at=TUESDAY_10)
    derive_pending(at=TUESDAY_10, limit=10)
    letters = {row.pk: prepare(row).sender for row in Delivery.objects.all()}
    named = {pk: sending_of(sender) for pk, sender in letters.items()}
    assert named == {pk: Sending(pk, 0) for pk in letters}
    assert len(set(letters.values())) == len(letters) > 1
    assert all(len(sender.partition("@")[0]) <= 64 for sender in letters.values())


def test_n8_without_the_setting_mails_leave_from_the_portal_s_own(
    settings: Settings, sent: Delivery
) -> None:
    settings.RETURN_ADDRESS = ""
    assert return_path(sent.pk) == settings.PORTAL_FROM_EMAIL


def forged(address: str) -> list[str]:
    """What somebody would try who has seen one of them."""
    name, _plus, rest = address.partition("+")
    pk, _dash, code = rest.partition("-")
    return [
        f"{name}+{int(pk) + 1}-{code}", f"{name}+{pk}-{'0' * 24}@portail.test", f"{name}+{pk}",
        f"{name}+{pk}.1-{code}", f"{name}+{pk}.0-{code}",
        address.replace("@portail", "@ailleurs"), address.replace("retours", "support"), RETURNS,
        "", "\x00", f"{name}+{'9' * 30}-{code}", f"{address} <script>",
    ]  # fmt: skip


def test_n8_a_forged_return_path_changes_nothing(sent: Delivery) -> None:
    answer = report("5.1.1")
    for address in forged(return_path(sent.pk)):
        assert take_return(recipient=address, content=answer, at=LATER) is None
    sent.refresh_from_db()
    assert (sent.state, DeadAddress.objects.count()) == (DeliveryState.SENT, 0)


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [("5.1.1", Kind.DEAD), ("5.1.10", Kind.DEAD), ("5.2.1", Kind.DEAD), ("5.4.4", Kind.DEAD),
     ("5.2.2", Kind.REFUSED), ("5.7.1", Kind.REFUSED), ("5.3.4", Kind.REFUSED),
     ("4.2.2", Kind.DELAYED), ("2.0.0", Kind.UNKNOWN), ("9.9.9", Kind.UNKNOWN)],
)  # fmt: skip
def test_n8_a_report_is_judged_by_its_status(status: str, kind: Kind) -> None:
    assert dsn.read(report(status)).kind is kind


def test_n8_a_delay_is_none_whatever_its_status() -> None:
    assert dsn.read(report("5.1.1", action="delayed")).kind is Kind.DELAYED


OLD = b"From: Mail Delivery <MAILER-DAEMON@old.example>\r\nSubject: failure\r\n\r\n"
ABSENT = b"From: alice@acier.test\r\nSubject: Absente\r\n\r\nDe retour lundi. 550 5.1.1 merci.\r\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OLD + b"<alice@acier.test>: 550 5.1.1 user unknown\r\n", Kind.DEAD),
        (OLD + b"<alice@acier.test>: 552 mailbox full\r\n", Kind.REFUSED),
        (OLD + b"Nothing that anybody understands.\r\n", Kind.UNKNOWN),
        (ABSENT, Kind.UNKNOWN),
        (b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n" + ABSENT, Kind.UNKNOWN),
        (b"", Kind.UNKNOWN),
        (b"\x00\xff" * 5_000, Kind.UNKNOWN),
        (b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n", Kind.UNKNOWN),
        (b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 50_000,
         Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_m3_whatever_comes_is_judged_or_left_alone(content: bytes, kind: Kind) -> None:
    assert dsn.read(content).kind is kind


def test_d4_the_answer_that_is_kept_is_one_line() -> None:
    found = dsn.read(report("5.1.1", answer="550 5.1.1 no\tsuch\x07 user " + "x" * 900))
    assert (found.answer.isprintable(), len(found.answer) <= 300) == (True, True)
    assert found.answer.startswith("smtp; 550 5.1.1 no such user")


# --- what follows ---------------------------------------------------------------------------------


def test_n8_no_such_address_marks_the_mail_and_stops_the_address(
    cast: Cast, sent: Delivery
) -> None:
    assert returned(sent, report("5.1.1", answer="550 5.1.1 unknown")) is Kind.DEAD
    sent.refresh_from_db()
    assert (sent.state, sent.bounced_at, sent.server_answer) == (
        DeliveryState.BOUNCED, LATER, "smtp; 550 5.1.1 unknown",
    )  # fmt: skip
    make_ticket(company=cast.company, requester=cast.alice, at=LATER)
    deliver_pending(at=LATER)
    last = Delivery.objects.latest("pk")
    assert (last.state, last.server_answer) == (
        DeliveryState.DROPPED, "l’adresse n’existe plus, d’après son serveur",
    )  # fmt: skip


def test_n8_a_full_box_marks_the_mail_and_not_the_address(sent: Delivery) -> None:
    assert returned(sent, report("5.2.2")) is Kind.REFUSED
    sent.refresh_from_db()
    assert (sent.state, DeadAddress.objects.count()) == (DeliveryState.BOUNCED, 0)


def test_n8_a_delay_marks_nothing(sent: Delivery) -> None:
    returned(sent, report("4.4.1", action="delayed"))
    sent.refresh_from_db()
    assert (sent.state, DeadAddress.objects.count()) == (DeliveryState.SENT, 0)


def test_n8_the_same_return_again_changes_nothing(sent: Delivery) -> None:
    returned(sent, report("5.1.1"))
    take_return(
        recipient=return_path(sent.pk), content=report("5.1.1"), at=LATER + timedelta(days=1)
    )
    sent.refresh_from_db()
    assert (sent.bounced_at, DeadAddress.objects.get().since) == (LATER, LATER)


def test_n8_another_address_of_the_person_is_another_matter(cast: Cast, sent: Delivery) -> None:
    returned(sent, report("5.1.1"))
    assert barred(sent) != ""
    cast.alice.email = "alice.neuve@acier.test"
    cast.alice.save()
    assert barred(Delivery.objects.get(pk=sent.pk)) == ""


def test_n8_ours_say_that_the_address_is_good_again(
    cast: Cast, sent: Delivery, client: Any
) -> None:
    returned(sent, report("5.1.1"))
    client.force_login(cast.ines)
    page = f"/admin/notifications/deadaddress/{DeadAddress.objects.get().pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert barred(Delivery.objects.get(pk=sent.pk)) == ""


def test_n8_the_command_reads_one_mail(sent: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(report("5.1.1")))
    monkeypatch.setattr("sys.stdin", stdin)
    call_command("redirect_mail", recipient=return_path(sent.pk))
    assert DeadAddress.objects.get().address == sent.address


def test_n8_the_closed_mailbox_hands_returns_to_who_reads_them(sent: Delivery) -> None:
    back, other = (
        hand_over(content=report("5.1.1"), sender="", recipient=recipient, at=LATER)
        for recipient in (f"a@b.test, {return_path(sent.pk)}", "support@portail.test")
    )
    assert (back, DeadAddress.objects.count()) == (None, 1)
    assert other is not None
    assert ReceivedMail.objects.get() == other
