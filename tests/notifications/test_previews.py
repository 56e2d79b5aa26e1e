"""What each mail is made of, and its preview for those who word it (P5, issue 6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import messages
from notifications.messages import TO_CUSTOMERS
from notifications.messages.account_examples import AccountKind, account_kinds, account_sample
from notifications.messages.examples import Kind, kinds, sample
from notifications.models import Delivery
from tests.factories.cast import Cast
from tests.factories.tickets import TUESDAY_10, make_ticket
from tests.isolation.fingerprint import changed, fingerprint
from tickets.enums import Act, Side
from tickets.models import Ticket
from tickets.recipients import recipients_of

pytestmark = pytest.mark.django_db

# Why customers are not mailed of these: none changes a status (recipients_of tells any that does).
UNTOLD = {
    Act.ASSIGN: "who works on it shows on the page; the acknowledgement is what is promised",
    Act.NOTE: "internal (B1)",
    Act.RUNG: "the desk's own warnings (S11)",
    Act.REMOVE_COPY: "somebody left the conversation; the others keep theirs",
    Act.ABSORB: "told by the mail of the merged incident",
    Act.RELEASE: "told by the mail of the merged incident",
    Act.ESCALATE: "asked by a customer, shown at once; the answer is mailed",
    Act.ASK_SEVERITY: "asked by a customer, shown at once; the decision is mailed",
    Act.CORRECT_SUBJECT: "shown on the page; nothing is asked of anybody",
    Act.ATTACH: "the desk's own order; the parent's solution comes by its own mail",
    Act.DETACH: "as the attachment",
    Act.SPLIT: "the incident that it makes has its receipt",
    Act.WITHDRAW: "no customer ever saw the answer (B1)",
    Act.CHASE: "tells ours to ask the vendor again (0021)",
}
MAX_BYTES = 100_000  # Gmail cuts a mail at 102 kB
EACH = pytest.mark.parametrize("kind", kinds(), ids=[kind.key for kind in kinds()])


def test_p5_each_act_is_mailed_to_customers_or_said_why_not() -> None:
    assert (set(TO_CUSTOMERS) | set(UNTOLD), set(TO_CUSTOMERS) & set(UNTOLD)) == (set(Act), set())


@pytest.mark.parametrize("act", sorted(set(Act) - {Act.DECLARE}))
def test_p5_whatever_act_changes_the_status_tells_all_but_its_author(act: Act, cast: Cast) -> None:
    ticket = make_ticket(requester=cast.alice, copies=[cast.bob])
    told = recipients_of(ticket, act, actor=cast.bob, side=Side.CUSTOMER, changed_status=True)
    assert told == [cast.alice.pk]


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return make_ticket(requester=cast.alice, title="Revit se ferme")


@EACH
def test_each_mail_tells_the_states_the_promises_and_the_page(
    kind: Kind, ticket: Ticket, cast: Cast
) -> None:
    mail = sample(ticket, kind, cast.marc, TUESDAY_10).mail
    told = mail.text.splitlines()
    starts = [next((line for line in told if line.startswith(name)), "") for name in
              ("Statut\u00a0: ", "Prise en charge\u00a0: ", "Résolution\u00a0: ")]  # fmt: skip
    assert (
        all(starts),
        mail.subject.startswith(f"[{ticket.reference}] "),
        f"/incidents/{ticket.reference}/\n" in mail.text,
        mail.html.count('class="button"'),
        [word for word in ("<img", "src=", "<link", "@import", "url(") if word in mail.html],
        len(mail.html.encode()) + len(mail.text.encode()) < MAX_BYTES,
    ) == (True, True, True, 1, [], True)


@EACH
def test_p5_a_mail_of_a_change_of_status_says_both(kind: Kind, ticket: Ticket, cast: Cast) -> None:
    """And its first words, that a list of mails shows after the subject, say them too."""
    found = sample(ticket, kind, cast.marc, TUESDAY_10)
    line = next(line for line in found.mail.text.splitlines() if line.startswith("Statut\u00a0: "))
    changes = kind.act in {
        Act.ACKNOWLEDGE, Act.WAIT_CUSTOMER, Act.WAIT_VENDOR, Act.RESUME, Act.RESOLVE, Act.ACCEPT,
        Act.CLOSE, Act.CLOSE_UNANSWERED, Act.REOPEN, Act.CANCEL, Act.MERGE, Act.UNMERGE,
    }  # fmt: skip
    state = line.removeprefix("Statut\u00a0: ")
    first = found.mail.html.partition('class="preheader"')[2].partition("</div>")[0]
    assert (" → " in line, state in first) == (changes, True)


def test_a_preview_of_each_mail_writes_nothing(ticket: Ticket, cast: Cast, client: Client) -> None:
    client.force_login(cast.marc)
    page = reverse("mails:previews", args=[ticket.reference])
    client.get(page)
    before = fingerprint()
    answers = {
        client.get(address, {"mail": key}).status_code
        for key in [kind.key for kind in kinds()] + [kind.key for kind in account_kinds()]
        for address in (page, f"{page}html/")
    }
    assert (answers, changed(before, fingerprint())) == ({200}, changed(before, before))


def test_c2_the_laid_out_preview_can_run_and_load_nothing(
    ticket: Ticket, cast: Cast, client: Client
) -> None:
    client.force_login(cast.marc)
    answer = client.get(reverse("mails:preview-html", args=[ticket.reference]))
    assert answer["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    )


def test_the_reader_of_a_preview_is_named_as_french_does(
    ticket: Ticket, cast: Cast, client: Client
) -> None:
    client.force_login(cast.marc)
    page = client.get(reverse("mails:previews", args=[ticket.reference]))
    assert f"Tel qu’{cast.alice.full_name} le lit, " in page.content.decode()


def test_another_incident_is_chosen_by_its_reference_and_an_unknown_one_said(
    ticket: Ticket, cast: Cast, client: Client
) -> None:
    other = make_ticket(requester=cast.bob)
    client.force_login(cast.marc)
    page = reverse("mails:previews", args=[ticket.reference])
    found = client.get(page, {"incident": f" {other.reference.lower()} ", "mail": "client-close"})
    unknown = client.get(page, {"incident": "INC-0000-9", "mail": "client-close"})
    said = f"vérifiez-la. Voici toujours celui de {ticket.reference}." in unknown.content.decode()
    there = f"{reverse('mails:previews', args=[other.reference])}?mail=client-close"
    assert (found["Location"], said) == (there, True)


@EACH
def test_only_customers_are_told_to_call_the_support(
    kind: Kind, ticket: Ticket, cast: Cast
) -> None:
    """By a number that a tap dials and that no line cuts."""
    mail = sample(ticket, kind, cast.marc, TUESDAY_10).mail
    shown = settings.SUPPORT_PHONE.replace(" ", "\u00a0")
    dialled = f'href="tel:{settings.SUPPORT_PHONE.replace(" ", "")}"'
    assert (shown in mail.text, dialled in mail.html) == (not kind.to_desk, not kind.to_desk)


@EACH
def test_d4_a_word_that_no_line_holds_does_not_widen_a_mail(
    kind: Kind, ticket: Ticket, cast: Cast
) -> None:
    html = sample(ticket, kind, cast.marc, TUESDAY_10).mail.html
    body = html.partition("<body")[2].partition(">")[0]
    assert "overflow-wrap: anywhere" in body


# --- mails about no incident ----------------------------------------------------------------------

EACH_OF_ACCOUNT = pytest.mark.parametrize(
    "kind", account_kinds(), ids=[kind.key for kind in account_kinds()]
)


@EACH_OF_ACCOUNT
def test_each_account_mail_has_one_button_and_loads_nothing(
    kind: AccountKind, ticket: Ticket, cast: Cast
) -> None:
    mail = account_sample(ticket, kind, cast.marc, TUESDAY_10).mail
    assert (
        mail.html.count('class="button"'),
        [word for word in ("<img", "src=", "<link", "@import", "url(") if word in mail.html],
        "{{" in mail.text or "{%" in mail.text,
        "http://testserver/" in mail.text,
        len(mail.html.encode()) + len(mail.text.encode()) < MAX_BYTES,
    ) == (1, [], False, True, True)


def test_p2_the_preview_of_an_invitation_is_the_mail_that_leaves(
    ticket: Ticket, cast: Cast
) -> None:
    """But for its link, which opens nothing."""
    ends = TUESDAY_10 + timedelta(hours=settings.INVITATION_HOURS)
    messages.invitation(user=cast.alice, token="exemple", expires_at=ends, company=cast.company)
    sent = Delivery.objects.get()
    kind = next(kind for kind in account_kinds() if kind.key == "compte-invitation")
    mail = account_sample(ticket, kind, cast.marc, TUESDAY_10).mail
    assert mail == (sent.subject, sent.body_text, sent.body_html)


def test_f5_the_link_of_a_preview_opens_nothing(ticket: Ticket, cast: Cast, client: Client) -> None:
    for key in ("compte-invitation", "compte-mot-de-passe-perdu"):
        kind = next(kind for kind in account_kinds() if kind.key == key)
        text = account_sample(ticket, kind, cast.marc, TUESDAY_10).mail.text
        link = next(line for line in text.splitlines() if line.endswith("/exemple/"))
        page = client.get(link.removeprefix("http://testserver"), follow=True).content.decode()
        assert 'type="password"' not in page


def test_previews_of_account_mails_stand_apart(ticket: Ticket, cast: Cast, client: Client) -> None:
    client.force_login(cast.marc)
    address = reverse("mails:previews", args=[ticket.reference])
    page = client.get(address, {"mail": "compte-invitation"}).content.decode()
    assert ('label="Autres e-mails"' in page, "un exemple qui n’ouvre rien" in page) == (
        True,
        True,
    )
