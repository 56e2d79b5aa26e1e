"""The closed mailbox: who is answered, with what, and who finds their words again (P4, M1–M4)."""

from __future__ import annotations

import io
import re
import smtplib
import socket
import sys
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from files.queries import waiting
from notifications import mailbox
from notifications.enums import Verdict
from notifications.mailbox import listener, reading, receiving
from notifications.mailbox.authentication import has_passed
from notifications.models import Delivery, ReceivedFile, ReceivedMail
from notifications.operations import derive_pending
from notifications.sender.letters import prepare
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.notifications.letters import AUTHORITY, CANARY, letter, monsters, proof
from tickets.forms import bound_token
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db

ALICE = "alice@client.example"
WITH_FILES = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="f"',
    (
        "--f\r\nContent-Type: text/html\r\n\r\n<p>Revit <b>plante</b></p><script>x()</script>\r\n"
        "--f\r\nContent-Disposition: attachment; filename=trace.txt\r\n\r\nligne\r\n"
        "--f\r\nContent-Disposition: attachment; filename=outil.exe\r\n\r\nMZ\r\n--f--"
    ),
)


@pytest.fixture(autouse=True)
def _authority(settings: Settings) -> None:
    settings.MAILBOX_AUTHSERV_ID = AUTHORITY


def take(content: bytes, sender: str = ALICE, after: timedelta = timedelta(0)) -> ReceivedMail:
    """One mail into the mailbox, some time after the others."""
    return mailbox.receive(
        content=content, sender=sender, recipient="support@aplicit.example",
        at=TUESDAY_10 + after,
    )  # fmt: skip


def test_m1_the_answer_is_one_no_machine_answers_and_repeats_nothing() -> None:
    row = take(letter(name="question"))
    assert row.answer is not None
    sent = prepare(row.answer)
    said = message_from_bytes(sent.content, policy=policy.default)
    assert (sent.sender, sent.recipient) == ("", ALICE)
    assert said["Auto-Submitted"] == "auto-replied"
    assert said["In-Reply-To"] == said["References"] == "<question@client.example>"
    texts = [part.get_content() for part in said.walk() if part.get_content_maintype() == "text"]
    assert len(texts) == 2
    assert all(f"/courrier-recu/{row.token}/" in text for text in texts)
    assert CANARY not in str(said) + "".join(texts)


def test_m1_two_portals_face_to_face_fall_silent_at_once() -> None:
    row = take(letter())
    assert row.answer is not None
    answer = prepare(row.answer).content
    signed = proof("aplicit.example").encode() + b"\r\n" + answer
    assert take(signed, sender="<>").verdict == Verdict.NULL_SENDER
    # Should some server have given it a return address on the way.
    assert take(signed, sender="portail@aplicit.example").verdict == Verdict.AUTOMATIC


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        ("Auto-Submitted: no", Verdict.ANSWERED),
        ("Auto-Submitted: auto-replied", Verdict.AUTOMATIC),
        ("Precedence: Bulk", Verdict.BULK),
        ("List-Id: <x>", Verdict.MAILING_LIST),
        ("X-Auto-Response-Suppress: OOF", Verdict.SUPPRESSED),
        ("Content-Type: multipart/report; boundary=x", Verdict.REPORT),
        ("From: autre@client.example", Verdict.NO_AUTHOR),
    ],
)
def test_m1_what_a_header_says_of_a_machine(header: str, verdict: Verdict) -> None:
    assert take(letter(ALICE, header)).verdict == verdict


@pytest.mark.parametrize("sender", ["", "<>"])
def test_m1_a_null_sender_is_never_answered(sender: str) -> None:
    assert take(letter(), sender=sender).verdict == Verdict.NULL_SENDER


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("MAILER-DAEMON@client.example", Verdict.MACHINE),
        ("no-reply@client.example", Verdict.MACHINE),
        ("portail@aplicit.example", Verdict.OWN),
        ("support@aplicit.example", Verdict.OWN),
    ],
)
def test_m1_addresses_that_nobody_reads(address: str, verdict: Verdict) -> None:
    assert take(letter(address), sender=address).verdict == verdict


@pytest.mark.parametrize(
    ("lines", "passed"),
    [
        ([f"{AUTHORITY}; dmarc=pass header.from=a.example"], True),
        ([f"{AUTHORITY} 1; spf=fail; dmarc=pass (p=none) header.from=A.example"], True),
        (["mx.other; dmarc=pass header.from=a.example"], False),
        (["mx.other; dmarc=fail", f"{AUTHORITY}; dmarc=pass header.from=a.example"], True),
        ([f"{AUTHORITY}; dmarc=fail", f"{AUTHORITY}; dmarc=pass header.from=a.example"], False),
        ([f"{AUTHORITY}; dmarc=pass header.from=b.example"], False),
        ([f"{AUTHORITY}; dmarc=pass"], False),
        ([f'{AUTHORITY}; x="; dmarc=pass header.from=a.example"'], False),
        ([f"{AUTHORITY} (; dmarc=pass header.from=a.example)"], False),
        ([f"{AUTHORITY}; dmarc=pass header.from=a.example; dmarc=fail"], False),
        ([], False),
    ],
)
def test_m2_only_our_own_server_proves_an_author(lines: list[str], passed: bool) -> None:
    assert has_passed(lines, authserv_id=AUTHORITY, domain="a.example") is passed


def test_m2_without_dmarc_nothing_is_answered(settings: Settings) -> None:
    assert take(letter(proven=False)).verdict == Verdict.UNPROVEN
    settings.MAILBOX_AUTHSERV_ID = ""
    assert take(letter()).verdict == Verdict.NO_AUTHORITY
    assert not Delivery.objects.exists()


def test_m1_one_answer_to_an_address_in_seven_days() -> None:
    week = timedelta(days=7)
    found = [take(letter(name=f"n{n}"), after=wait).verdict for n, wait in enumerate(
        (timedelta(0), week - timedelta(seconds=1), week)
    )]  # fmt: skip
    assert found == [Verdict.ANSWERED, Verdict.RECENT, Verdict.ANSWERED]


def test_m1_fifty_answers_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "IN_ALL_MAX", 2)
    hour = timedelta(hours=1)
    found = [
        take(letter(f"p{n}@client.example"), after=wait).verdict
        for n, wait in enumerate((hour * 0, hour * 0, hour / 2, hour))
    ]
    assert found == [Verdict.ANSWERED, Verdict.ANSWERED, Verdict.BUSY, Verdict.ANSWERED]


def test_m4_one_answer_to_a_message_id() -> None:
    assert take(letter(name="m")).verdict == Verdict.ANSWERED
    again = take(letter("autre@client.example", name="m"))
    assert (again.verdict, Delivery.objects.count()) == (Verdict.SEEN, 1)


@pytest.mark.parametrize("name", monsters())
def test_m3_a_monster_is_set_aside_and_the_next_mail_answered(cast: Cast, name: str) -> None:
    row = take(monsters()[name].replace(ALICE.encode(), cast.alice.email.encode()))
    assert (row.answer, row.text) == (None, "")
    assert take(letter()).verdict == Verdict.ANSWERED


def test_m3_a_fault_of_our_own_sets_the_mail_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "subject_of", lambda _headers: 1 / 0)
    row = take(letter())
    assert (row.verdict, row.detail) == (Verdict.UNREADABLE, "ZeroDivisionError")


@pytest.mark.parametrize(
    "line",
    ["Message-ID: <a@b>\r\n Bcc: x@y.example", "Message-ID: <a@b> <c@d>", "Message-ID: a b"],
)
def test_d4_an_identifier_that_is_none_is_not_repeated(line: str) -> None:
    row = take(letter(ALICE, line))
    assert row.answer is not None
    said = message_from_bytes(prepare(row.answer).content)
    assert (said["In-Reply-To"], said["Bcc"]) == (None, None)


@pytest.fixture
def answered(cast: Cast) -> ReceivedMail:
    """A mail of Alice's, with a text and two files, received just now."""
    content = letter(cast.alice.email, WITH_FILES[0], body=WITH_FILES[1])
    return mailbox.receive(
        content=content, sender=cast.alice.email, recipient="", at=timezone.now()
    )


def test_p4_the_person_who_wrote_finds_a_declaration_with_text_and_files(
    client: Client, cast: Cast, answered: ReceivedMail
) -> None:
    client.force_login(cast.alice)
    page = client.get(f"/courrier-recu/{answered.token}/")
    assert "Revit plante" in page.content.decode()
    sent = client.post(f"/courrier-recu/{answered.token}/reprendre/", follow=True)
    draft = Draft.objects.get(person=cast.alice)
    assert (draft.title, draft.values["body"], draft.files) == (CANARY, ["Revit plante"], 1)
    assert sent.redirect_chain == [(f"/incidents/declarer/{draft.address}", 302)]
    assert "outil.exe" in sent.content.decode()
    assert [file.name for file in waiting(cast.alice, answered.token)] == ["trace.txt"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("who", ["bob", "charlie", "ines"])
def test_m2_for_anybody_else_the_link_is_that_of_nothing(
    client: Client, cast: Cast, answered: ReceivedMail, who: str
) -> None:
    client.force_login(getattr(cast, who))
    found = [
        (answer.status_code, answer.headers["Location"])
        for token in (answered.token, uuid4())
        for answer in (
            client.get(f"/courrier-recu/{token}/"),
            client.post(f"/courrier-recu/{token}/reprendre/"),
        )
    ]
    assert set(found) == {(302, "/")}
    assert not Draft.objects.exists()


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """Alice's incident; its receipt is what people answer."""
    made = make_ticket(company=cast.company, requester=cast.alice)
    derive_pending(at=timezone.now(), limit=10)
    return made


def link_of_answer(person: str, ticket: Ticket) -> str:
    """The link behind the answer to somebody who answered our mail about it, with two files."""
    ours = Delivery.objects.filter(event__ticket=ticket).latest("pk").message_id
    content = letter(person, f"In-Reply-To: {ours}", WITH_FILES[0], body=WITH_FILES[1])
    row = mailbox.receive(content=content, sender=person, recipient="", at=timezone.now())
    return f"/courrier-recu/{row.token}/"


def test_p4_the_answer_to_one_of_our_mails_leads_to_its_incident(
    client: Client, cast: Cast, ticket: Ticket
) -> None:
    client.force_login(cast.alice)
    page = client.get(link_of_answer(cast.alice.email, ticket)).content.decode()
    assert ticket.get_absolute_url() in page
    assert "Revit plante" in page


def test_p4_the_answer_waits_in_the_incidents_form_with_its_files(
    client: Client, cast: Cast, ticket: Ticket
) -> None:
    client.force_login(cast.alice)
    link = link_of_answer(cast.alice.email, ticket)
    sent = client.post(f"{link}reprendre/", follow=True)
    assert sent.redirect_chain == [(ticket.get_absolute_url(), 302)]
    form = sent.context["reply"]
    assert form["body"].value() == "Revit plante"
    assert [file.name for file in form.waiting_files] == ["trace.txt"]
    assert "Voici le texte de votre e-mail" in sent.content.decode()
    assert not ticket.messages.filter(body="Revit plante").exists()


def test_p4_the_answer_is_sent_once_read_again(client: Client, cast: Cast, ticket: Ticket) -> None:
    client.force_login(cast.alice)
    shown = client.post(f"{link_of_answer(cast.alice.email, ticket)}reprendre/", follow=True)
    form = shown.context["reply"]
    typed = {"body": form["body"].value(), "form_token": form["form_token"].value()}
    client.post(reverse("tickets:message", args=[ticket.reference]), typed)
    said = ticket.messages.get(body="Revit plante")
    assert [row.file.name for row in said.attachments.select_related("file")] == ["trace.txt"]
    assert not client.get(ticket.get_absolute_url()).context["unsent"]


def test_p4_the_link_says_that_the_answer_was_sent_already(
    client: Client, cast: Cast, ticket: Ticket
) -> None:
    client.force_login(cast.alice)
    link = link_of_answer(cast.alice.email, ticket)
    shown = client.post(f"{link}reprendre/", follow=True)
    form = shown.context["reply"]
    typed = {"body": "Revit plante", "form_token": form["form_token"].value()}
    client.post(reverse("tickets:message", args=[ticket.reference]), typed)
    assert "il n’y a rien à renvoyer" in client.get(link).content.decode()
    again = client.post(f"{link}reprendre/", follow=True)
    assert again.context["reply"]["body"].value() == ""


def test_p4_what_was_typed_before_stays_above_the_mail(
    client: Client, cast: Cast, ticket: Ticket
) -> None:
    client.force_login(cast.alice)
    page = client.get(ticket.get_absolute_url())
    (mark,) = re.findall(r'name="unsent" value="([^"]+)"', page.content.decode())[:1]
    link = link_of_answer(cast.alice.email, ticket)
    form = reverse("tickets:message", args=[ticket.reference])
    client.logout()
    typed = {"body": "Tapé longuement.", "unsent": mark, "form_token": str(uuid4())}
    client.post(form, typed)
    client.force_login(cast.alice)
    shown = client.post(f"{link}reprendre/", follow=True)
    assert shown.context["reply"]["body"].value() == "Tapé longuement.\n\nRevit plante"


def test_p4_a_declaration_made_of_the_mail_is_named_behind_its_link(
    client: Client, cast: Cast, answered: ReceivedMail
) -> None:
    made = make_ticket(company=cast.company, requester=cast.alice)
    Ticket.objects.filter(pk=made.pk).update(form_token=bound_token(answered.token, cast.alice))
    client.force_login(cast.alice)
    link = f"/courrier-recu/{answered.token}/"
    assert made.reference in client.get(link).content.decode()
    assert client.post(f"{link}reprendre/").headers["Location"] == made.get_absolute_url()


def test_m2_whoever_may_not_see_the_incident_reads_their_own_words_alone(
    client: Client, cast: Cast, ticket: Ticket
) -> None:
    client.force_login(cast.charlie)
    link = link_of_answer(cast.charlie.email, ticket)
    assert ticket.reference not in client.get(link).content.decode()
    assert client.post(f"{link}reprendre/").headers["Location"].startswith("/incidents/declarer/")


def test_p4_a_strangers_text_is_not_kept_and_a_persons_goes_after_seven_days(
    answered: ReceivedMail,
) -> None:
    assert take(letter("inconnu@client.example")).text == ""
    assert (answered.text, answered.files.count()) == ("Revit plante", 2)
    mailbox.purge(at=answered.received_at + mailbox.KEPT + timedelta(seconds=1))
    answered.refresh_from_db()
    assert (answered.text, ReceivedFile.objects.count()) == ("", 0)


def test_p4_the_desk_reads_what_arrived_and_why(client: Client, cast: Cast) -> None:
    take(letter(proven=False))
    client.force_login(cast.ines)
    page = client.get("/admin/notifications/receivedmail/").content.decode()
    assert "expéditeur non authentifié (DMARC)" in page
    assert ALICE in page


def test_p4_the_pipe_takes_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"Return-Path: <alice@client.example>\n" + letter()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    call_command("redirect_mail", stdout=io.StringIO())
    row = ReceivedMail.objects.get()
    assert (row.verdict, row.sender) == (Verdict.ANSWERED, ALICE)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_m4_the_mail_server_keeps_the_mail_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def receive(**_kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr(listener, "hand_over", receive)
    # The listener's thread has no connection of the test's to close.
    monkeypatch.setattr(listener, "close_old_connections", lambda: None)
    server = listener.Listener(host="127.0.0.1", port=_port())
    server.start()
    try:
        with smtplib.LMTP("127.0.0.1", server.port) as lmtp:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                lmtp.sendmail("a@b.example", ["support@aplicit.example"], letter())
            assert refused.value.smtp_code == 451
            monkeypatch.setattr(listener, "hand_over", lambda **_kwargs: None)
            assert lmtp.sendmail("a@b.example", ["support@aplicit.example"], letter()) == {}
            noted: list[int] = []
            monkeypatch.setattr(listener, "note_oversized", lambda *, size, **_: noted.append(size))
            monster = letter(body="x" * (listener.Server.line_length_limit + 10))
            assert lmtp.sendmail("a@b.example", ["support@aplicit.example"], monster) == {}
            assert noted
    finally:
        server.stop()
