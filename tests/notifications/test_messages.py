"""What each mail says, to whom, and what no customer's mail ever holds (B1, D4, N8)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from notifications.messages import NoMessage, compose
from notifications.models import Delivery
from notifications.operations import derive_pending
from notifications.rendering import Mail
from notifications.sender.letters import prepare
from sla.enums import Severity
from tests.factories.cast import Cast
from tests.factories.files import make_stored_file
from tests.factories.sla import Targets, make_service_level_version
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.enums import Act
from tickets.models import Ask, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
AT = TUESDAY_10 + timedelta(minutes=10)
Step = Callable[[Ticket, Cast], object]


def acknowledge(ticket: Ticket, cast: Cast) -> object:
    return operations.acknowledge(ticket_id=ticket.pk, actor=cast.ines, at=AT)


def resolve(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    return operations.resolve(
        ticket_id=ticket.pk, actor=cast.ines, solution="Mettez à jour le pilote.", at=AT
    )


def answer(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=None, at=AT
    )
    return operations.post_message(
        ticket_id=ticket.pk, actor=cast.alice, body="Le voici.", at=AT, form_token=uuid4(),
        files=[make_stored_file(name="journal.pdf")],
    )  # fmt: skip


def wait_customer(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    return operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="Le journal ?", until=date(2026, 9, 17), at=AT
    )


def wait_vendor(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    return operations.wait_for_vendor(
        ticket_id=ticket.pk, actor=cast.ines, reason="Dossier 42.", until=None, at=AT
    )


def resume(ticket: Ticket, cast: Cast) -> object:
    wait_customer(ticket, cast)
    return operations.resume(ticket_id=ticket.pk, actor=cast.ines, at=AT)


def write(ticket: Ticket, cast: Cast) -> object:
    return operations.post_message(
        ticket_id=ticket.pk, actor=cast.ines, body="Bonjour.", at=AT, form_token=uuid4()
    )


def accept(ticket: Ticket, cast: Cast) -> object:
    resolve(ticket, cast)
    return operations.accept(ticket_id=ticket.pk, actor=cast.bob, at=AT)


def close(ticket: Ticket, cast: Cast) -> object:
    resolve(ticket, cast)
    return operations.sweep_deadlines(at=AT + timedelta(days=30))


def reopen(ticket: Ticket, cast: Cast) -> object:
    resolve(ticket, cast)
    return operations.reopen(ticket_id=ticket.pk, actor=cast.bob, reason="Toujours là.", at=AT)


def cancel(ticket: Ticket, cast: Cast) -> object:
    return operations.cancel(ticket_id=ticket.pk, actor=cast.ines, reason="Doublon.", at=AT)


def requalify(ticket: Ticket, cast: Cast) -> object:
    return operations.requalify(
        ticket_id=ticket.pk, actor=cast.marc, severity=Severity.BLOCKING, reason="Arrêt.", at=AT
    )


def restate(ticket: Ticket, cast: Cast) -> object:
    level = ticket.service_level_version.service_level
    shorter = Targets(resolution=(180, 360, 1200))
    version = make_service_level_version(level, effective_from=AT.date(), targets=shorter)
    return operations.apply_terms(
        ticket_id=ticket.pk, actor=cast.marc, version=version, reason="Avenant 2.", at=AT
    )


def correct(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    return operations.correct_acknowledgement(
        ticket_id=ticket.pk, actor=cast.marc, acknowledged_at=TUESDAY_10 + timedelta(minutes=5),
        reason="Pris au téléphone.", at=AT,
    )  # fmt: skip


def add_copy(ticket: Ticket, cast: Cast) -> object:
    return operations.add_copy(ticket_id=ticket.pk, actor=cast.alice, user=cast.rejane, at=AT)


def assign(ticket: Ticket, cast: Cast) -> object:
    return operations.assign(
        ticket_id=ticket.pk, actor=cast.marc, assignee=cast.ines, note="À toi.", at=AT
    )


def escalate(ticket: Ticket, cast: Cast) -> object:
    acknowledge(ticket, cast)
    return operations.escalate(
        ticket_id=ticket.pk, actor=cast.bob, reason="Le chantier est arrêté.", at=AT
    )


def answer_escalation(ticket: Ticket, cast: Cast) -> object:
    escalate(ticket, cast)
    return operations.answer_escalation(
        ticket_id=ticket.pk, actor=cast.marc, answer="Un renfort arrive.", at=AT
    )


def ask_severity(ticket: Ticket, cast: Cast) -> Ask:
    return operations.ask_severity(
        ticket_id=ticket.pk, actor=cast.bob, severity=Severity.BLOCKING, reason="Toute l’équipe.",
        at=AT,
    )  # fmt: skip


def decline_severity(ticket: Ticket, cast: Cast) -> object:
    found = ask_severity(ticket, cast)
    return operations.decline_severity(
        ticket_id=ticket.pk, actor=cast.ines, ask_id=found.pk, reason="Un détour.", at=AT
    )


def grant_severity(ticket: Ticket, cast: Cast) -> object:
    ask_severity(ticket, cast)
    return requalify(ticket, cast)


def reach(hours: float) -> Step:
    def sweep(ticket: Ticket, cast: Cast) -> object:
        return operations.sweep_deadlines(at=TUESDAY_10 + timedelta(hours=hours))

    return sweep


def declare(ticket: Ticket, cast: Cast) -> object:
    return ticket


def told(cast: Cast, step: Step, act: Act, reader: str, title: str = "Revit se ferme") -> Mail:
    """The mail that the last such event of an incident of Alice's sends to somebody."""
    ticket = make_ticket(requester=cast.alice, title=title, copies=[cast.bob])
    step(ticket, cast)
    event = TicketEvent.objects.filter(ticket=ticket, act=act).order_by("sequence").last()
    assert event is not None
    return compose(event, getattr(cast, reader))


class Case(NamedTuple):
    step: Step
    act: Act
    reader: str
    subject: str
    parts: list[str]


_CASES: list[tuple[Step, Act, str, str, list[str]]] = [
    (declare, Act.DECLARE, "alice", "Bien reçu",
     ["15\u00a0sept. 2026 à 11\u00a0h", "aux heures d’ouverture du support"]),
    (declare, Act.DECLARE, "bob", "Bien reçu", ["Alice", "a déclaré"]),
    (acknowledge, Act.ACKNOWLEDGE, "alice", "Pris en charge",
     ["Inès", "Déclaré → En cours", "vous répond sur la page de l’incident"]),
    (write, Act.MESSAGE, "alice", "Nouveau message", ["Bonjour.", "du support"]),
    (answer, Act.MESSAGE, "bob", "Nouveau message", ["Le voici.", "journal.pdf"]),
    (wait_customer, Act.WAIT_CUSTOMER, "alice", "Une réponse est attendue de vous",
     ["Le journal ?", "jeu.\u00a017\u00a0sept. 2026", "suspendu jusqu’à votre réponse"]),
    (wait_vendor, Act.WAIT_VENDOR, "alice", "En attente de l’éditeur", ["Dossier 42.", "continue"]),
    (resume, Act.RESUME, "alice", "Reprise", ["n’est plus attendue", "au plus tard"]),
    (resolve, Act.RESOLVE, "alice", "Solution proposée",
     ["Mettez à jour le pilote.", "mar.\u00a029\u00a0sept. 2026 à 18\u00a0h\u00a000"]),
    (accept, Act.ACCEPT, "alice", "Clos", ["Bob", "Résolu → Clos"]),
    (close, Act.CLOSE, "alice", "Clos", ["n’a pas été refusée", "29\u00a0sept."]),
    (reopen, Act.REOPEN, "alice", "Rouvert",
     ["Toujours là.", "Résolu → Déclaré", "a refusé la solution et rouvert"]),
    (cancel, Act.CANCEL, "alice", "Annulé", ["Doublon.", "sans objet"]),
    (requalify, Act.REQUALIFY, "alice", "Criticité modifiée", ["Gênant", "Bloquant", "Arrêt."]),
    (restate, Act.RESTATE, "alice", "Échéances modifiées",
     ["Avenant 2.",
      "Résolution\u00a0: mar.\u00a015\u00a0sept. 2026 à 16\u00a0h\u00a000 (délai de 6\u00a0h)",
      "mer.\u00a016\u00a0sept. 2026 à 10\u00a0h\u00a000 (délai de 9\u00a0h)"]),
    (correct, Act.CORRECT, "alice", "Prise en charge corrigée",
     ["Pris au téléphone.", "10\u00a0h\u00a005 au lieu du mar.", "10\u00a0h\u00a010"]),
    (add_copy, Act.ADD_COPY, "rejane", "Vous êtes en copie", ["de l’un de ses incidents"]),
    (assign, Act.ASSIGN, "ines", "Vous est affecté", ["Marc", "Acier & Fils"]),
    (answer, Act.MESSAGE, "ines", "Réponse du client", ["Le voici.", "court à nouveau"]),
    (reopen, Act.REOPEN, "ines", "Rouvert", ["Toujours là."]),
    (reach(0.8), Act.RUNG, "ines", "75\u00a0% du délai de prise en charge", ["Personne n’est"]),
    (reach(1.1), Act.RUNG, "marc", "Échéance dépassée (prise en charge)", ["11\u00a0h\u00a000"]),
    (reach(1.6), Act.RUNG, "marc", "Très en retard (prise en charge)", ["11\u00a0h\u00a030"]),
    (accept, Act.ACCEPT, "ines", "Solution acceptée", ["Bob"]),
    (escalate, Act.ESCALATE, "marc", "Escalade",
     ["Bob", "Le chantier est arrêté.", "Une réponse d’un responsable est attendue"]),
    (escalate, Act.ESCALATE, "ines", "Escalade", ["Bob", "la réponse leur revient"]),
    (answer_escalation, Act.ANSWER_ESCALATION, "alice", "Réponse à l’escalade",
     ["Marc", "responsable au support", "Un renfort arrive."]),
    (answer_escalation, Act.ANSWER_ESCALATION, "ines", "Réponse à l’escalade",
     ["Marc", "Un renfort arrive."]),
    (ask_severity, Act.ASK_SEVERITY, "ines", "Criticité demandée, Bloquant",
     ["Bob", "Gênant", "Toute l’équipe.", "Aucun délai ne change"]),
    (decline_severity, Act.DECLINE_SEVERITY, "alice", "Criticité maintenue",
     ["Inès", "Un détour.", "Les délais ne changent pas."]),
    (grant_severity, Act.REQUALIFY, "alice", "Criticité modifiée", ["comme cela était demandé"]),
]  # fmt: skip
CASES = [Case(*case) for case in _CASES]
each_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.act}-{case.reader}-{case.subject}" for case in CASES]
)


@each_case
def test_each_mail_says_what_changed_why_and_what_follows(case: Case, cast: Cast) -> None:
    mail = told(cast, case.step, case.act, case.reader)
    missing = [part for part in (*case.parts, "Revit se ferme") if part not in mail.text]
    assert (mail.subject.partition("] ")[2], missing) == (
        f"{case.subject.replace(chr(0xA0), ' ')} : Revit se ferme",
        [],
    )


@each_case
def test_html_and_text_say_the_same_and_load_nothing(case: Case, cast: Cast) -> None:
    html = told(cast, case.step, case.act, case.reader).html
    missing = [part for part in case.parts if part not in unescape(html)]
    loads = [word for word in ("<img", "src=", "<link", "@import", "url(") if word in html]
    assert (missing, loads, html.count('class="button"')) == ([], [], 1)


@pytest.mark.parametrize(
    ("reader", "path"), [("alice", "/incidents/{}/"), ("ines", "/admin/incidents/{}/")]
)
def test_f4_the_button_leads_to_the_readers_page_of_the_configured_portal(
    reader: str, path: str, cast: Cast
) -> None:
    ticket = make_ticket(requester=cast.alice)
    acknowledge(ticket, cast)
    event = TicketEvent.objects.get(ticket=ticket, act=Act.ACKNOWLEDGE)
    mail = compose(event, getattr(cast, reader))
    assert f"http://testserver{path.format(ticket.reference)}\n" in mail.text


def test_b1_a_customer_is_never_told_of_a_note(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI", at=AT, form_token=uuid4()
    )
    with pytest.raises(NoMessage):
        compose(TicketEvent.objects.get(act=Act.NOTE), cast.alice)


def test_b1_no_mail_after_a_note_holds_a_byte_of_it(cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice)
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="CANARI", at=AT, form_token=uuid4()
    )
    resolve(ticket, cast)
    mails = [
        compose(event, cast.alice)
        for event in TicketEvent.objects.filter(ticket=ticket).exclude(act=Act.NOTE)
    ]
    assert [mail for mail in mails if any("CANARI" in part for part in mail)] == []


@pytest.mark.parametrize("percent", [0.8, 1.1, 1.6])
def test_s11_a_customer_is_never_told_of_a_rung(percent: float, cast: Cast) -> None:
    with pytest.raises(NoMessage):
        told(cast, reach(percent), Act.RUNG, "alice")


def letter(cast: Cast, title: str) -> EmailMessage:
    make_ticket(requester=cast.alice, title=title)
    derive_pending(at=TUESDAY_10, limit=10)
    content = prepare(Delivery.objects.order_by("-pk")[0]).content
    return message_from_bytes(content, policy=policy.default)


def test_n8_the_headers_of_a_notification(cast: Cast) -> None:
    mail = letter(cast, "Revit se ferme")
    row = Delivery.objects.get()
    assert {name: str(mail[name]) for name in mail} == {
        "Subject": f"[{row.event.ticket.reference}] Bien reçu : Revit se ferme",  # type: ignore[union-attr]  # made from an event
        "From": "Portail support <portail@aplicit.example>",
        "To": "alice@acier.test",
        "Reply-To": "support@aplicit.example",
        "Date": "Tue, 15 Sep 2026 08:00:00 +0000",
        "Message-ID": row.message_id,
        "In-Reply-To": str(mail["References"]),
        "References": str(mail["References"]),
        "Thread-Topic": row.event.ticket.reference,  # type: ignore[union-attr]  # the same
        "Thread-Index": str(mail["Thread-Index"]),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": str(mail["Content-Type"]),
    }


def test_all_mails_of_an_incident_are_one_thread(cast: Cast) -> None:
    acknowledge(make_ticket(requester=cast.alice), cast)
    derive_pending(at=AT, limit=10)
    threads = {
        message_from_bytes(prepare(row).content)["References"] for row in Delivery.objects.all()
    }
    assert (Delivery.objects.count(), len(threads)) == (2, 1)


def test_outlook_too_knows_the_mails_of_an_incident_as_one_conversation(cast: Cast) -> None:
    """By headers that do not follow the subject, for somebody who joins later too."""
    ticket = make_ticket(requester=cast.alice)
    acknowledge(ticket, cast)
    add_copy(ticket, cast)
    make_ticket(requester=cast.alice)
    derive_pending(at=AT, limit=10)
    mails = [message_from_bytes(prepare(row).content) for row in Delivery.objects.all()]
    subjects = {mail["Thread-Topic"]: mail["Thread-Index"] for mail in mails}
    pairs = {(mail["Thread-Topic"], mail["Thread-Index"]) for mail in mails}
    lengths = {len(b64decode(mail["Thread-Index"])) for mail in mails}
    assert (len(mails), len(subjects), len(pairs), lengths) == (4, 2, 2, {22})


def test_a_mail_is_seven_bits_whatever_it_says(cast: Cast) -> None:
    make_ticket(requester=cast.alice, title="Échec à l’ouverture 图纸 🙂")
    derive_pending(at=TUESDAY_10, limit=10)
    assert prepare(Delivery.objects.get()).content.isascii()


@pytest.fixture
def told_receipt(cast: Cast) -> Delivery:
    """The receipt of an incident, ready to leave."""
    make_ticket(requester=cast.alice)
    derive_pending(at=TUESDAY_10, limit=10)
    return Delivery.objects.get()


HEADERS = sorted([
    "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References",
    "Thread-Topic", "Thread-Index", "Auto-Submitted", "X-Auto-Response-Suppress",
    "Content-Language", "Content-Type", "MIME-Version",
])  # fmt: skip
HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200
) | st.sampled_from([
    "a\r\nBcc: x@evil.test", "a\nTo: x@evil.test\n\nbonjour", "a\r\n\r\n<script>", "a\x0bBcc: x",
    "a\u2028Bcc: x@evil.test", "=?utf-8?q?=0d=0aBcc:_x?=", "\r", "\n\n.\r\nMAIL FROM:<x>",
    "{{ 7|add:7 }}", "{% include 'x' %}", "%(a)s", "{0.__class__}",
])  # fmt: skip


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=HOSTILE, name=HOSTILE)
def test_d4_no_text_adds_a_header_or_a_recipient(
    title: str, name: str, told_receipt: Delivery
) -> None:
    Ticket.objects.update(title=title[:200])
    User.objects.update(first_name=name[:80])
    mail = message_from_bytes(
        prepare(Delivery.objects.get(pk=told_receipt.pk)).content, policy=policy.default
    )
    assert (sorted(mail.keys()), str(mail["To"])) == (HEADERS, "alice@acier.test")


@pytest.mark.parametrize("shift", range(0, 60, 7))
def test_a_subject_keeps_its_spaces_wherever_it_folds(told_receipt: Delivery, shift: int) -> None:
    title = "x" * shift + " se ferme à l’ouverture d’une maquette très chargée à l’étude"
    Ticket.objects.update(title=title)
    mail = message_from_bytes(
        prepare(Delivery.objects.get(pk=told_receipt.pk)).content, policy=policy.default
    )
    assert str(mail["Subject"]).endswith(title.strip())


def test_d5_a_template_in_a_title_is_text(cast: Cast) -> None:
    mail = told(cast, declare, Act.DECLARE, "alice", title="{{ 7|add:7 }} <b>&</b>")
    assert ("{{ 7|add:7 }} <b>&</b>" in mail.text, "<b>" in mail.html) == (True, False)
