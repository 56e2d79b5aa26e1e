"""Alice's things, and whoever must or must not reach them.

Every private text is unique (a canary), so that a leak is found wherever it comes out:
tests/isolation/canaries.py says who may read which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.test import Client

from accounts import operations as account_operations
from accounts.models import Agency, Membership, User
from blog.enums import Audience
from files.models import StoredFile
from licences.models import Licence, Product
from sla.enums import Severity
from tests.factories.accounts import make_absence, make_training
from tests.factories.blog import make_article
from tests.factories.cast import Cast, make_cast
from tests.factories.files import PDF, make_stored_file, make_upload
from tests.factories.licences import make_contract, make_licence, make_patch, make_product
from tests.factories.sla import make_service_level
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import SavedView, Ticket

MISSING_UUID = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class World:
    """The cast and one object of each kind that belongs to Alice or to her company."""

    cast: Cast
    ticket: Ticket
    private_ticket: Ticket
    file: StoredFile
    # Sent by Alice with a form that she has not sent yet.
    waiting: StoredFile
    licence: Licence
    patch_file: StoredFile
    membership: Membership
    article_slug: str
    # The engineer's, for her alone.
    view: SavedView
    # By the name that tests/isolation/canaries.py gives them.
    tickets: dict[str, Ticket]
    # Keys of the sessions of those who are signed in, by role.
    sessions: dict[str, str] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, User | None]:
        """The roles of the matrix."""
        cast = self.cast
        return {
            "anonymous": None,
            "author": cast.alice,
            "colleague": cast.bob,
            "référente": cast.rejane,
            "stranger": cast.charlie,
            "engineer": cast.ines,
            "manager": cast.marc,
            "administrator": cast.adele,
        }


def make_world() -> World:
    """A world at rest: incidents in several states, a park, articles, people, all with canaries."""
    cast = make_cast()
    product = make_product(name="Canariciel")
    _mark_people(cast)
    licence = _furnish(cast, product)
    patch_file = _publish(cast, product)
    file = _file("canari-piece-jointe", cast.alice)
    tickets = {
        "open": _open_ticket(cast, product, licence, file),
        "private": make_ticket(
            company=cast.company, requester=cast.alice, product=product, is_private=True,
            title="canari-prive", body="canari-texte-prive",
            files=[_file("canari-fichier-prive", cast.alice)],
        ),
        "ended": _ended_ticket(cast, product),
        "colleague's": make_ticket(
            company=cast.company, requester=cast.bob, product=product,
            title="canari-titre-collegue", body="canari-texte-collegue",
        ),
        "stranger's": _strangers_ticket(cast, product),
    }  # fmt: skip
    tickets |= _private_and_its_sequel(cast, product)
    waiting = make_upload(cast.alice, name="canari-fichier-en-attente.pdf").file
    world = World(
        cast=cast,
        ticket=tickets["open"],
        private_ticket=tickets["private"],
        file=file,
        waiting=waiting,
        licence=licence,
        patch_file=patch_file,
        membership=Membership.objects.get(user=cast.alice),
        article_slug="canari-adresse-article",
        view=SavedView.objects.create(
            owner=cast.ines,
            name="Le matin",
            asked={"criticite": "blocking"},
            created_at=TUESDAY_10,
        ),
        tickets=tickets,
    )
    for role, person in world.people.items():
        if person is not None:
            world.sessions[role] = _sign_in(person)
    return world


def _sign_in(person: User) -> str:
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)


def _after(minutes: int) -> datetime:
    return TUESDAY_10 + timedelta(minutes=minutes)


def _file(name: str, actor: User) -> StoredFile:
    return make_stored_file(
        name=f"{name}.pdf", content=PDF + f"{name}-dedans".encode(), actor=actor
    )


# --- people, companies, park ----------------------------------------------------------------------


def _mark_people(cast: Cast) -> None:
    marks = {
        "alice": cast.alice, "bob": cast.bob, "rejane": cast.rejane, "charlie": cast.charlie,
        "ines": cast.ines, "marc": cast.marc, "adele": cast.adele,
    }  # fmt: skip
    for name, person in marks.items():
        person.email = f"canari-courriel-{name}@portail.test"
        person.phone = f"canari-tel-{name}"
        person.save()
    cast.charlie.last_name = "canari-nom-etranger"
    cast.charlie.save()
    cast.company.alert_note = "canari-alerte"
    cast.company.phone = "canari-tel-societe"
    cast.company.save()
    cast.other_company.name = "canari-societe-etrangere"
    cast.other_company.alert_note = "canari-alerte-etrangere"
    cast.other_company.save()
    cast.site.address = "canari-adresse-site"
    cast.site.save()
    cast.other_site.name = "canari-site-etranger"
    cast.other_site.save()
    # Réjane is told of everything that she may know.
    Membership.objects.filter(user=cast.rejane).update(told_of_all=True)
    make_training(cast.ines, done_on=date(2026, 3, 2), title="canari-formation")
    make_absence(
        cast.marc, starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 30), substitute=cast.ines
    )
    Agency.objects.filter(pk=cast.agency.pk).update(phone="canari-tel-agence")
    account_operations.invite(
        actor=cast.rejane, at=TUESDAY_10, company=cast.company,
        email="canari-courriel-invite@portail.test", first_name="Nadia", last_name="Nouvelle",
    )  # fmt: skip


def _furnish(cast: Cast, product: Product) -> Licence:
    """The parks of both companies; Alice's licence."""
    licence = make_licence(cast.company, product=product, contract_number="canari-contrat")
    make_contract(cast.company, number="canari-support")
    make_licence(
        cast.other_company, product=make_product(name="canari-produit-etranger"),
        contract_number="canari-contrat-etranger",
    )  # fmt: skip
    make_contract(
        cast.other_company, number="canari-support-etranger",
        service_level=make_service_level(name="canari-niveau-etranger"),
    )  # fmt: skip
    return licence


def _publish(cast: Cast, product: Product) -> StoredFile:
    """Articles for each audience, patches in each state; the file of the one on offer."""
    mine, theirs = [cast.company], [cast.other_company]
    make_article(
        title="canari-article", slug="canari-adresse-article", summary="canari-chapeau",
        body="canari-corps", audience=Audience.COMPANIES, companies=mine, products=[product],
        author=cast.ines,
    )  # fmt: skip
    make_article(
        title="canari-article-etranger", slug="canari-adresse-etrangere",
        body="canari-corps-etranger", audience=Audience.COMPANIES, companies=theirs,
    )  # fmt: skip
    make_article(
        title="canari-article-clients", slug="canari-adresse-clients",
        body="canari-corps-clients", audience=Audience.CUSTOMERS,
    )  # fmt: skip
    make_article(
        title="canari-article-public", slug="canari-adresse-publique",
        body="canari-corps-public", products=[product],
    )  # fmt: skip
    make_article(
        title="canari-brouillon", slug="canari-adresse-brouillon", body="canari-corps-brouillon",
        published_at=None,
    )  # fmt: skip
    make_article(
        title="canari-futur", slug="canari-adresse-future", body="canari-corps-futur",
        published_at=_after(60 * 24 * 365 * 50),
    )  # fmt: skip
    patch = make_patch(
        product=product, title="canari-correctif", notes="canari-notes-correctif",
        file=_file("canari-fichier-correctif", cast.ines),
    )  # fmt: skip
    make_patch(
        product=product, title="canari-correctif-brouillon", published_at=None,
        notes="canari-notes-brouillon", file=_file("canari-fichier-brouillon", cast.ines),
    )  # fmt: skip
    make_patch(
        product=product, title="canari-correctif-retire", withdrawn_at=_after(-60),
        notes="canari-notes-retire", file=_file("canari-fichier-retire", cast.ines),
    )  # fmt: skip
    return patch.file


# --- incidents ------------------------------------------------------------------------------------


def _open_ticket(cast: Cast, product: Product, licence: Licence, file: StoredFile) -> Ticket:
    """Taken in charge, requalified, answered, noted, waiting: what Alice is working on."""
    ticket = operations.declare(
        actor=cast.alice, company=cast.company, product=product, licence=licence, site=cast.site,
        severity=Severity.IMPAIRING, title="canari-titre", body="canari-texte", files=[file],
        at=TUESDAY_10, form_token=uuid4(),
    )  # fmt: skip
    pk, ines = ticket.pk, cast.ines
    operations.acknowledge(ticket_id=pk, actor=ines, at=_after(5))
    operations.add_note(
        ticket_id=pk, actor=ines, body="canari-note-interne", form_token=uuid4(), at=_after(6)
    )
    operations.requalify(
        ticket_id=pk, actor=ines, severity=Severity.BLOCKING, reason="canari-requalification",
        at=_after(7),
    )  # fmt: skip
    operations.wait_for_vendor(
        ticket_id=pk, actor=ines, reason="canari-attente-editeur", until=None, at=_after(8)
    )
    operations.resume(ticket_id=pk, actor=ines, at=_after(9))
    operations.post_message(
        ticket_id=pk, actor=ines, body="canari-reponse", form_token=uuid4(), at=_after(10),
        files=[_file("canari-fichier-reponse", ines)],
    )  # fmt: skip
    operations.post_message(
        ticket_id=pk, actor=cast.alice, body="canari-precision", form_token=uuid4(), at=_after(11)
    )
    operations.wait_for_customer(
        ticket_id=pk, actor=ines, reason="canari-question", until=None, at=_after(12)
    )
    return ticket


def _ended_ticket(cast: Cast, product: Product) -> Ticket:
    """Solved, refused, corrected, solved again, accepted."""
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, product=product,
        title="canari-titre-clos", body="canari-texte-clos",
    )  # fmt: skip
    pk, ines = ticket.pk, cast.ines
    operations.acknowledge(ticket_id=pk, actor=ines, at=_after(5))
    operations.correct_acknowledgement(
        ticket_id=pk, actor=cast.marc, acknowledged_at=_after(4), reason="canari-correction",
        at=_after(6),
    )  # fmt: skip
    operations.resolve(ticket_id=pk, actor=ines, solution="canari-solution", at=_after(7))
    operations.reopen(ticket_id=pk, actor=cast.alice, reason="canari-refus", at=_after(8))
    operations.acknowledge(ticket_id=pk, actor=ines, at=_after(9))
    operations.add_note(
        ticket_id=pk, actor=cast.marc, body="canari-note-close", form_token=uuid4(), at=_after(10)
    )
    operations.resolve(ticket_id=pk, actor=ines, solution="canari-solution-finale", at=_after(11))
    operations.accept(ticket_id=pk, actor=cast.alice, at=_after(12))
    return ticket


def _strangers_ticket(cast: Cast, product: Product) -> Ticket:
    """Of another company, on the same product."""
    return make_ticket(
        company=cast.other_company, requester=cast.charlie, product=product, site=cast.other_site,
        title="canari-titre-etranger", body="canari-texte-etranger",
        files=[_file("canari-fichier-etranger", cast.charlie)],
    )  # fmt: skip


def _private_and_its_sequel(cast: Cast, product: Product) -> dict[str, Ticket]:
    """A private incident that was given up, and one open to the référente that follows it."""
    private = make_ticket(
        company=cast.company, requester=cast.alice, product=product, is_private=True,
        title="canari-titre-secret", body="canari-texte-secret",
    )  # fmt: skip
    operations.cancel(ticket_id=private.pk, actor=cast.alice, reason="canari-abandon", at=_after(3))
    sequel = operations.declare(
        actor=cast.alice, company=cast.company, product=product, severity=Severity.INFORMATIONAL,
        title="canari-titre-suite", body="canari-texte-suite", at=_after(4), form_token=uuid4(),
        follows=Ticket.objects.get(pk=private.pk),
    )  # fmt: skip
    return {"secret": private, "sequel": sequel}
