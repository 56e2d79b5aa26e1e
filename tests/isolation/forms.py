"""Every form of the portal, filled in as its page would: who sends it, what, and what is text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from licences.models import Product
from notifications import operations as mail_operations
from notifications.enums import Verdict
from notifications.models import Delivery, ReceivedMail
from sla.enums import Severity
from tests.factories.accounts import PASSWORD
from tests.factories.tickets import TUESDAY_10
from tests.isolation.test_matrix import client_of
from tests.isolation.world import MISSING_UUID, World
from tickets import operations
from tickets.models import Ask, Checklist, ChecklistStep, Ticket

Filled = dict[str, Any]

# Stands for the bytes that a test puts in a text, whatever they are.
TEXT = "@@texte@@"
NEW_PASSWORD = "canari-mot-de-passe-neuf-42"
_TOKEN = {"form_token": str(MISSING_UUID)}


@dataclass(frozen=True)
class Form:
    """One form. `others` are its fields that `data` leaves out; `before` sets the scene."""

    route: str
    role: str
    data: Callable[[World], Filled]
    texts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    about: Callable[[World], Filled] = lambda _world: {}
    query: Callable[[World], str] = lambda _world: ""
    before: Callable[[World], object] = lambda _world: None

    def address(self, world: World) -> str:
        """Where it is posted."""
        return reverse(self.route, kwargs=self.about(world)) + self.query(world)

    def post(
        self, client: Client, world: World, *, text: bytes = b"", extra: Filled | None = None
    ) -> Any:
        """Send it; `text` goes into every text field, `extra` beside its own fields."""
        data = {**(extra or {}), **self.data(world)}
        if text:
            data |= dict.fromkeys(self.texts, TEXT)
        body = encode_multipart(BOUNDARY, data).replace(TEXT.encode(), text)
        return client.generic("POST", self.address(world), body, MULTIPART_CONTENT)

    def client(self, world: World) -> Client:
        """The browser of whoever sends it."""
        return client_of(world, self.role)


def _on(name: str) -> Callable[[World], Filled]:
    return lambda world: {"reference": world.tickets[name].reference}


def _of(person: str) -> Callable[[World], Filled]:
    def parameters(world: World) -> Filled:
        user = getattr(world.cast, person)
        return {"membership_id": Membership.objects.get(user=user).pk}

    return parameters


def _taken(world: World) -> Ticket:
    pk = world.tickets["sequel"].pk
    return operations.acknowledge(ticket_id=pk, actor=world.cast.ines, at=TUESDAY_10)


def _solved(world: World) -> Ticket:
    _taken(world)
    pk = world.tickets["sequel"].pk
    return operations.resolve(ticket_id=pk, actor=world.cast.ines, solution="Fait.", at=TUESDAY_10)


def _merged(world: World) -> Ticket:
    pk, into = world.ticket.pk, world.tickets["colleague's"].pk
    return operations.merge(
        ticket_id=pk, into_id=into, actor=world.cast.ines, reason="Le même.", at=TUESDAY_10
    )


def _escalated(world: World) -> Ask:
    return operations.escalate(
        ticket_id=world.ticket.pk, actor=world.cast.alice, reason="Arrêt.", at=TUESDAY_10
    )


def _asked(world: World) -> Ask:
    return operations.ask_severity(
        ticket_id=world.ticket.pk, actor=world.cast.alice, severity=Severity.INFORMATIONAL,
        reason="Moins grave.", at=TUESDAY_10,
    )  # fmt: skip


def _declining(_world: World) -> Filled:
    """The request of `_asked`; none yet while only the names of the fields are asked for."""
    asked = Ask.objects.severities().order_by("-pk").first()
    return {"ask_id": asked.pk if asked else 0, "reason": "Un motif."}


def _listed() -> ChecklistStep:
    made = Checklist.objects.create(name="Licence réseau")
    return ChecklistStep.objects.create(checklist=made, text="Lire le journal")


def _step_pk() -> int:
    """The step of `_listed`; none yet while only the names of the fields are asked for."""
    found = ChecklistStep.objects.order_by("-pk").first()
    return found.pk if found else 0


def _other_product(world: World) -> int:
    """One that the incident is not about."""
    return (
        Product.objects.exclude(pk=world.ticket.product_id)
        .order_by("pk")
        .values_list("pk", flat=True)[0]
    )


def _copied(world: World) -> Ticket:
    return operations.add_copy(
        ticket_id=world.ticket.pk, actor=world.cast.ines, user=world.cast.bob, at=TUESDAY_10
    )


def _invitation(_world: World) -> Filled:
    found = re.search(
        r"/bienvenue/([\w-]{20,})/", Delivery.objects.exclude(body_text="").get().body_text
    )
    assert found is not None
    return {"token": found[1]}


def _refused_receipt(world: World) -> Delivery:
    mail_operations.derive_pending(at=TUESDAY_10, limit=100)
    delivery = _receipts(world).get()
    mail_operations.mark_refused(delivery=delivery, address=delivery.address, answer="550")
    return delivery


def _answered_mail(world: World) -> ReceivedMail:
    """A mail of Alice's that the closed mailbox answered, under a link that is known here."""
    at = timezone.now()
    answer = Delivery.objects.create(
        address=world.cast.alice.email, message_id="<r@p>", is_answer=True, created_at=at,
        next_attempt_at=at,
    )  # fmt: skip
    return ReceivedMail.objects.create(
        token=MISSING_UUID, received_at=at, address=world.cast.alice.email, size=1, name="<m@p>",
        subject="Un objet", text="Un texte.", verdict=Verdict.ANSWERED, answer=answer,
    )  # fmt: skip


def _receipts(world: World) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        event__ticket=world.ticket, event__sequence=1, recipient=world.cast.alice
    )


def _resending(world: World) -> Filled:
    """The mail of `_refused_receipt`; none yet while only the names of the fields are asked."""
    made = _receipts(world).first()
    return {"delivery": made.pk if made else 0, "seen": "0"}


def _said(**data: str) -> Callable[[World], Filled]:
    return lambda _world: {**_TOKEN, **data}


def _call(world: World) -> Filled:
    return {
        **_TOKEN, "appelant": _of("alice")(world)["membership_id"],
        "product": world.ticket.product_id, "severity": "blocking", "title": "Un appel",
        "body": "Au téléphone.", "began_at": "2026-09-15T11:55",
    }  # fmt: skip


def _declaration(world: World) -> Filled:
    return {
        **_TOKEN, "product": world.ticket.product_id, "severity": "impairing", "title": "Un titre",
        "body": "Un texte.",
    }  # fmt: skip


def _desk(act: str, on: str = "open", *, role: str = "engineer", **rest: Any) -> Form:
    return Form(f"desk:{act}", role, about=_on(on), **rest)


_FILES = ("uploads", "drop_files")
# What a ready-made answer brings with its text.
_ANSWER = (*_FILES, "sequel", "reason", "canned_id")
_DRAFT = ("draft_page", "draft_version", "etape")
_PASSWORDS = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

FORMS = [
    # The customers' own.
    Form(
        "tickets:declare", "author", _declaration, texts=("title", "body"),
        others=("site", "licence", "other_product", "copies", "is_private", *_FILES, *_DRAFT),
    ),
    Form(
        "tickets:draft", "author", _declaration, texts=("title", "body"),
        others=("site", "licence", "other_product", "copies", "is_private", *_DRAFT),
    ),
    Form("tickets:drop_draft", "author", lambda _world: _TOKEN),
    Form(
        "mailbox:take", "author", lambda _world: {}, others=("company",),
        about=lambda _world: {"token": MISSING_UUID}, before=_answered_mail,
    ),
    Form("tickets:follow", "colleague", lambda _world: {}, about=_on("open")),
    Form(
        "tickets:helped", "author", lambda _world: _TOKEN,
        about=lambda world: {"slug": world.article_slug},
    ),
    Form(
        "tickets:message", "author", _said(body="Un message."), texts=("body",), others=_FILES,
        about=_on("open"),
    ),
    Form("tickets:accept", "author", _said(cycle="1"), about=_on("sequel"), before=_solved),
    Form(
        "tickets:refuse", "author", _said(reason="Un motif."), texts=("reason",),
        others=("cycle",), about=_on("sequel"), before=_solved,
    ),
    Form(
        "tickets:reopen", "author", _said(reason="Un motif."), texts=("reason",),
        others=("cycle",), about=_on("ended"),
    ),
    Form(
        "tickets:cancel", "author", _said(reason="Un motif."), texts=("reason",),
        others=("cycle",), about=_on("sequel"),
    ),
    Form(
        "tickets:copies", "author", lambda world: {"person": world.cast.bob.pk},
        others=("removed",), about=_on("open"),
    ),
    Form(
        "tickets:escalate", "author", _said(reason="Un motif."), texts=("reason",),
        about=_on("open"),
    ),
    Form(
        "tickets:ask_severity", "author", _said(reason="Un motif.", severity="informational"),
        texts=("reason",), about=_on("open"),
    ),
    Form(
        "home_seen", "author", lambda _world: {"until": "2026-09-15T10:00:00+00:00"},
        texts=("until",),
    ),
    Form(
        "tickets:correct_subject", "author",
        lambda world: {"title": "Un autre titre", "product": world.ticket.product_id},
        texts=("title",), about=_on("sequel"),
    ),
    # One's account, one's company.
    Form(
        "account_settings", "author",
        lambda _world: {"first_name": "Alicia", "last_name": "Nouvelle", "phone": "01"},
        texts=("first_name", "last_name", "phone"),
    ),
    Form(
        "account_change_password", "author",
        lambda _world: {"oldpassword": PASSWORD, **_PASSWORDS},
        texts=("oldpassword", "password1", "password2"),
    ),
    Form(
        "account_reset_password", "anonymous", lambda world: {"email": world.cast.alice.email},
        texts=("email",),
    ),
    Form(
        "account_login", "anonymous",
        lambda world: {"login": world.cast.alice.email, "password": PASSWORD},
        texts=("login", "password"), others=("next", "remember"),
    ),
    Form("account_logout", "author", lambda _world: {}),
    Form(
        "switch_company", "author", lambda world: {"company": world.cast.company.pk},
        texts=("company",), others=("next",),
    ),
    Form(
        "invitation", "anonymous", lambda _world: _PASSWORDS, texts=("password1", "password2"),
        about=_invitation,
    ),
    Form("account_mails", "author", lambda _world: {"wants_digest": "on"},
         others=("hears_copies",)),
    Form(
        "team_invite", "référente",
        lambda _world: {"email": "neuve@acier.test", "first_name": "Zoé", "last_name": "Neuve",
                        "role": "contact"},
        texts=("email", "first_name", "last_name"), others=("site",),
    ),
    Form("team_close", "référente", lambda _world: {}, about=_of("bob")),
    Form("team_role", "référente", lambda _world: {"role": "manager"}, texts=("role",),
         about=_of("bob")),
    # The desk.
    _desk("acknowledge", "colleague's", data=lambda _world: {}, others=("queue",)),
    _desk("assign", texts=("assignee", "note"), data=lambda world: {
        **_TOKEN, "assignee": world.cast.marc.pk, "note": "À toi.",
    }),
    _desk("reply", data=_said(body="Une réponse."), texts=("body",), others=_ANSWER),
    _desk("use-canned", data=_said(body="Une réponse.", choisie=""), texts=("body",),
          others=_ANSWER),
    _desk("tick", data=lambda _world: {"step_id": _step_pk()}, others=("is_done",),
          before=lambda _world: _listed()),
    _desk("note-time", data=_said(minutes="15"), texts=("minutes",)),
    _desk("remove-time", data=lambda _world: {"time_id": "1"}),
    _desk("withdraw", data=lambda _world: {"message": "1"}, texts=("message",)),
    _desk("log-call", texts=("body",),
          data=lambda world: {**_TOKEN, "caller": world.cast.alice.pk, "body": "Elle rappelle.",
                              "began_at": "2026-09-15T10:30:00"}),
    _desk("note", data=_said(body="Une note."), texts=("body",)),
    _desk("wait-customer", "sequel", data=_said(reason="Ceci."), texts=("reason",),
          others=("until",), before=_taken),
    _desk("wait-vendor", "sequel", data=_said(reason="Cela."), texts=("reason",),
          others=("until",), before=_taken),
    _desk("resume", data=lambda _world: {}),
    _desk("resolve", data=_said(solution="Ainsi."), texts=("solution",)),
    _desk("reopen", "ended", data=_said(reason="Un motif."), texts=("reason",)),
    _desk("cancel", data=_said(reason="Un motif."), texts=("reason",)),
    _desk("merge", texts=("reason",), data=lambda world: {
        "dans": world.tickets["colleague's"].reference, "reason": "Un motif.",
    }),
    _desk("attach", data=lambda world: {
        "number": world.tickets["colleague's"].reference,
    }),
    _desk("detach", data=lambda _world: {}),
    _desk("split", texts=("title", "body"), others=("kept", "seen"), data=lambda world: {
        **_TOKEN, "title": "Un titre", "body": "Un texte.", "severity": "impairing",
        "product": world.ticket.product_id,
    }),
    _desk("unmerge", data=_said(reason="Un motif."), texts=("reason",), before=_merged),
    _desk("requalify", data=_said(reason="Un motif.", severity="informational"),
          texts=("reason",)),
    _desk("answer-escalation", role="manager", data=_said(answer="Une réponse."),
          texts=("answer",), before=_escalated),
    _desk("decline-severity", data=_declining, texts=("reason",), before=_asked),
    _desk("correct-product", texts=("reason",),
          data=lambda world: {**_TOKEN, "product": _other_product(world), "reason": "Un motif."}),
    _desk("correct", role="manager", texts=("reason",),
          data=_said(reason="Un motif.", acknowledged_at="2026-09-15T10:03")),
    _desk("add-copy", data=lambda world: {"user": world.cast.bob.pk}, texts=("user",)),
    _desk("remove-copy", data=lambda world: {"user": world.cast.bob.pk}, before=_copied),
    Form(
        "desk:bulk", "engineer", texts=("body",), others=("seen",),
        data=lambda world: {
            **_TOKEN, "ticket": world.tickets["open"].reference, "acte": "repondre",
            "body": "Une réponse.",
        },
    ),
    Form("mails:resend", "engineer", _resending, about=_on("open"), before=_refused_receipt),
    Form("desk:views", "engineer", texts=("name",), others=("is_shared",),
         data=_said(name="Une vue", asked="?q=revit")),
    Form("desk:view", "engineer", texts=("name",), others=("is_shared",),
         data=_said(name="Une autre"), about=lambda world: {"view_id": world.view.pk}),
    Form("desk:call", "engineer", _call, texts=("title", "body"),
         others=("site", "acknowledged_on_call", "suite")),
    Form(
        "admin:blog_article_add", "engineer",
        lambda _world: {"title": "Un article", "summary": "Deux lignes.", "body": "Un texte.",
                        "audience": "public", "slug": ""},
        texts=("title", "summary", "body"),
        others=("products", "companies", "seen_at", "_save", "_continue", "_addanother",
                "_saveasnew", "_popup", "_to_field"),
    ),
]  # fmt: skip
