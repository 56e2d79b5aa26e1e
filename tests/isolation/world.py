"""Alice's things, and whoever must or must not reach them.

Every private text is unique (a canary), so that a leak is found wherever it comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from accounts.models import Membership, User
from blog.enums import Audience
from files.models import StoredFile
from licences.models import Licence
from tests.factories.blog import make_article
from tests.factories.cast import Cast, make_cast
from tests.factories.files import make_stored_file
from tests.factories.licences import make_licence, make_patch, make_product
from tests.factories.tickets import TUESDAY_10, make_ticket
from tickets import operations
from tickets.models import Ticket


@dataclass(frozen=True)
class World:
    """The cast and one object of each kind that belongs to Alice or to her company."""

    cast: Cast
    ticket: Ticket
    private_ticket: Ticket
    file: StoredFile
    licence: Licence
    patch_file: StoredFile
    membership: Membership
    article_slug: str

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
    """A world at rest: a private note, a message with a file, a restricted article."""
    cast = make_cast()
    product = make_product(name="Canariciel")
    file = make_stored_file(name="canari-piece-jointe.pdf", actor=cast.alice)
    ticket = make_ticket(
        company=cast.company, requester=cast.alice, product=product, files=[file],
        title="canari-titre", body="canari-texte",
    )  # fmt: skip
    operations.acknowledge(
        ticket_id=ticket.pk, actor=cast.ines, at=TUESDAY_10 + timedelta(minutes=5)
    )
    operations.add_note(
        ticket_id=ticket.pk, actor=cast.ines, body="canari-note-interne", form_token=uuid4(),
        at=TUESDAY_10 + timedelta(minutes=6),
    )  # fmt: skip
    operations.wait_for_customer(
        ticket_id=ticket.pk, actor=cast.ines, reason="canari-question", until=None,
        at=TUESDAY_10 + timedelta(minutes=7),
    )  # fmt: skip
    private = make_ticket(
        company=cast.company, requester=cast.alice, product=product, is_private=True,
        title="canari-prive", body="canari-texte-prive",
    )  # fmt: skip
    article = make_article(
        title="canari-article", body="canari-corps", audience=Audience.COMPANIES,
        companies=[cast.company], products=[product],
    )  # fmt: skip
    licence = make_licence(cast.company, product=product, contract_number="canari-contrat")
    patch = make_patch(product=product, title="canari-correctif")
    return World(
        cast=cast,
        ticket=ticket,
        private_ticket=private,
        file=file,
        licence=licence,
        patch_file=patch.file,
        membership=Membership.objects.get(user=cast.alice),
        article_slug=article.slug,
    )


MISSING_UUID = UUID("00000000-0000-4000-8000-000000000000")
