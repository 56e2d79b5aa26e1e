"""Every kind of page: who opens it, and where it is.

A kind is a template with its states, not an address: one incident in each status counts, two
companies do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from files.operations import store
from licences.models import Licence
from notifications.enums import DeliveryState, Verdict
from notifications.models import DeadAddress, Delivery, ReceivedFile, ReceivedMail
from sla.enums import CommitmentKind, Severity
from tests.factories.blog import make_article
from tests.factories.licences import make_patch
from tests.factories.tickets import make_ticket, promise
from tests.journeys.scene import Scene
from tickets import operations
from tickets.models import Ticket

STRANGER = {
    "home": "/",
    "login": "/connexion/",
    "lost password": "/mot-de-passe-perdu/",
    "lost password, sent": "/mot-de-passe-perdu/envoye/",
    "password changed": "/mot-de-passe-perdu/change/",
    "dead link": "/bienvenue/lien-perime/",
    "account closed": "/connexion/compte-ferme/",
    "sign-up closed": "/inscription/",
    "charter": "/charte/",
    "blog": "/blog/",
    "blog, nothing found": "/blog/?q=introuvable",
    "article": "{article}",
    "search": "/recherche/?q=maquette",
    "not found": "/introuvable/",
    "demo mailbox": "/demo/courrier/",
    "demo mail": "/demo/courrier/1/",
}
ALICE = {
    "customer's home": "/",
    "incidents": "/incidents/",
    "incidents, nothing found": "/incidents/?q=introuvable",
    "incidents, all filters": "/incidents/?filtres=1&statut=ouverts&du=2026-01-01",
    "incidents, wrong filters": "/incidents/?statut=xx&du=2026-02-31",
    "incidents, by deadline": "/incidents/?tri=echeance",
    "incidents, nothing awaited": "/incidents/?tour=yours&criticite=informational",
    "declare": "/incidents/declarer/",
    "declare, a draft opened again": "/incidents/declarer/?brouillon={draft}",
    "declare, second of two pages": "/incidents/declarer/?brouillon={draft}&etape=2",
    "mail to the closed mailbox": "{mail}",
    "mail to the closed mailbox, an answer": "{mailed_answer}",
    "incident, declared": "{declared}",
    "incident, declared, to correct": "{declared}sujet/",
    "incident, in progress": "{in_progress}",
    "incident, waiting": "{waiting}",
    "incident, waiting for the vendor": "{vendor}",
    "incident, resolved": "{resolved}",
    "incident, closed": "{closed}",
    "incident, cancelled": "{cancelled}",
    "incident, reopened": "{reopened}",
    "incident, merged": "{merged}",
    "incident's ledgers": "{reopened}engagements/",
    "incident's colleagues": "{declared}collegues/",
    "incident, to escalate": "{declared}escalader/",
    "incident, another severity": "{waiting}criticite/",
    "incident, printed": "{in_progress}imprimer/",
    "park": "/licences/",
    "licence": "{licence}",
    "downloads": "/telechargements/",
    "customer's search": "/recherche/?q=maquette",
    "account": "/compte/",
    "own mails": "/compte/courriels/",
    "password": "/compte/mot-de-passe/",
    "sessions": "/compte/sessions/",
    "second factor": "/compte/second-facteur/",
    "second factor, on": "/compte/second-facteur/activer/",
    "leave": "/deconnexion/",
}
REJANE = {
    "team": "/equipe/",
    "invite": "/equipe/inviter/",
    "company's incidents": "/incidents/",
    "company's home": "/",
    "manager's own mails": "/compte/courriels/",
    "company's home, address that is dead": "/",
    "account, address that is dead": "/compte/",
}
INES = {
    "engineer's home": "/",
    "queue": "/admin/",
    "queue, nothing found": "/admin/?q=introuvable",
    "queue, filtered": "/admin/?filtres=1&criticite=blocking",
    "queue, what is gone": "/admin/?vue=999999&produit=999999&criticite=blocking",
    "views of the queue": "/admin/incidents/vues/",
    "call": "/admin/incidents/appel/",
    "call, several found": "/admin/incidents/appel/?q=acier",
    "call, nobody found": "/admin/incidents/appel/?q=introuvable",
    "call, form": "/admin/incidents/appel/?appelant={member}",
    "call, address that is dead": "/admin/incidents/appel/?appelant={referent}",
    "calculator": "/admin/incidents/echeance/?instant=2026-11-20T17:45",
    "calculator, faulty": "/admin/incidents/echeance/?instant=demain&criticite=urgent",
    "workspace, declared": "/admin{declared}",
    "workspace, in progress": "/admin{in_progress}",
    "workspace, waiting": "/admin{waiting}",
    "workspace, resolved": "/admin{resolved}",
    "workspace, closed": "/admin{closed}",
    "workspace, reopened": "/admin{reopened}",
    "workspace, merged": "/admin{merged}",
    "workspace, an act": "/admin{in_progress}acte/resolve/",
    "workspace, ready-made answers": "/admin{in_progress}reponses-types/",
    "workspace, known solutions": "/admin{in_progress}solutions/?q=revit",
    "workspace, checklists": "/admin{in_progress}listes/",
    "workspace, time spent": "/admin{in_progress}temps/",
    "workspace, mails": "/admin{in_progress}e-mails/",
    "second subject": "/admin{in_progress}scinder/",
    "several incidents": "/admin/incidents/groupe/?ticket={survivor}",
    "several incidents, an act": "/admin/incidents/groupe/?ticket={survivor}&acte=resoudre",
    "several incidents, none": "/admin/incidents/groupe/",
    "mails of a step": "/admin{declared}envois/1/",
    "customer's view, in progress": "/admin{in_progress}vue-client/",
    "customer's view, resolved": "/admin{resolved}vue-client/",
    "merge": "/admin{in_progress}fusionner/",
    "merge, form": "/admin{in_progress}fusionner/?dans={survivor}",
    "articles": "/admin/blog/article/",
    "write an article": "/admin/blog/article/add/",
    "companies": "/admin/accounts/company/",
    "patches": "/admin/licences/patch/",
    "mail that was received": "/admin/notifications/receivedmail/",
    "add a patch": "/admin/licences/patch/add/",
}
MARC = {
    "previews of mails": "/admin{in_progress}envois/apercu/",
    "previews of mails, of an account": (
        "/admin{in_progress}envois/apercu/?mail=compte-invitation"
    ),
    "dead addresses": "/admin/notifications/deadaddress/",
    "dashboard": "/pilotage/",
    "workspace, escalated": "/admin{vendor}",
    "changes of a month": "/pilotage/changements/",
    "rehearsal, asked": "/pilotage/repetition/",
    "rehearsal, found": "/pilotage/repetition/?period=year&acknowledgement_impairing=45",
    "a ready-made answer": "/admin/tickets/canned/add/",
    "company": "/admin/accounts/company/{company}/change/",
    "levels": "/admin/sla/servicelevel/",
    "calendars": "/admin/sla/calendar/",
    "a calendar's version": "/admin/sla/calendarversion/{calendar}/change/",
    "a new calendar version": "/admin/sla/calendarversion/add/?calendar={family}",
    "a level's version": "/admin/sla/servicelevelversion/{level}/change/",
    "new conditions, to apply": "/admin/sla/servicelevelversion/{level}/appliquer/",
    "a contract": "/admin/licences/supportcontract/add/",
    "deliveries": "/admin/notifications/delivery/",
    "absences": "/admin/accounts/absence/",
}
ADELE = {
    "people": "/admin/accounts/user/",
    "add a person": "/admin/accounts/user/add/",
    "a person": "/admin/accounts/user/{alice}/change/",
    "admin's history": "/admin/accounts/user/{alice}/history/",
}


@dataclass(frozen=True)
class Kind:
    """One page kind: its name, its path with {places}, whose page it is."""

    name: str
    path: str
    whose: Callable[[Scene], User | None] = field(repr=False)


KINDS = [
    Kind(name, path, whose)
    for paths, whose in (
        (STRANGER, lambda scene: None),
        (ALICE, lambda scene: scene.cast.alice),
        (REJANE, lambda scene: scene.cast.rejane),
        (INES, lambda scene: scene.cast.ines),
        (MARC, lambda scene: scene.cast.marc),
        (ADELE, lambda scene: scene.cast.adele),
    )
    for name, path in paths.items()
]


def make_places(scene: Scene) -> dict[str, str]:
    """Incidents in every status, an article, a patch; what the {places} of paths stand for."""
    article = make_article(title="Ouvrir une maquette lourde", products=[scene.revit])
    file = store(
        name="correctif.txt", content=ContentFile(b"correctif\n"), actor=scene.cast.ines,
        at=timezone.now(),
    )  # fmt: skip
    make_patch(scene.revit, title="Correctif de la maquette", file=file)
    cast, tickets = scene.cast, _tickets(scene)
    _mail_that_came_back(cast.rejane)
    calendar = promise(tickets["declared"], CommitmentKind.RESOLUTION).calendar_version
    return {
        **{name: ticket.get_absolute_url() for name, ticket in tickets.items()},
        "draft": _draft(scene),
        "mail": _mail(scene),
        "mailed_answer": _mail(scene, tickets["waiting"]),
        "survivor": tickets["declared"].reference,
        "article": article.get_absolute_url(),
        "licence": Licence.objects.get(
            company=cast.company, product=scene.revit
        ).get_absolute_url(),
        "company": str(cast.company.pk),
        "level": str(tickets["declared"].service_level_version_id),
        "calendar": str(calendar.pk),
        "family": str(calendar.calendar_id),
        "alice": str(cast.alice.pk),
        "member": str(cast.alice.memberships.get().pk),
        "referent": str(cast.rejane.memberships.get().pk),
    }


def _draft(scene: Scene) -> str:
    """A declaration of Alice's, saved by two pages; resembles her open incidents."""
    token = uuid4()
    for page in ("a", "b"):
        operations.save_draft(
            actor=scene.cast.alice, company=scene.cast.company, form_token=token,
            declared_as=uuid4(), about="", page=page, seen=0, files=1, at=timezone.now(),
            values={
                "product": [str(scene.revit.pk)], "title": ["La maquette se ferme"],
                "body": [f"De la page {page}."],
            },
        )  # fmt: skip
    return str(token)


def _mail(scene: Scene, ticket: Ticket | None = None) -> str:
    """What Alice wrote to the closed mailbox, maybe about an incident."""
    at = timezone.now()
    about = ticket.reference if ticket else "rien"
    answer = Delivery.objects.create(
        address=scene.cast.alice.email, message_id=f"<courrier-{about}@portail>", is_answer=True,
        created_at=at, state=DeliveryState.SENT, sent_at=at,
    )  # fmt: skip
    mail = ReceivedMail.objects.create(
        received_at=at, address=scene.cast.alice.email, size=1, name=f"<courrier-{about}@client>",
        subject="Revit se ferme", text="Bonjour,\n\nRevit se ferme.", verdict=Verdict.ANSWERED,
        answer=answer, ticket=ticket,
    )  # fmt: skip
    ReceivedFile.objects.create(mail=mail, name="journal.txt", content=b"x")
    return f"/courrier-recu/{mail.token}/"


def _mail_that_came_back(person: User) -> None:
    """Because there is no such address, its server said."""
    at = timezone.now()
    mail = Delivery.objects.create(
        recipient=person, address=person.email, message_id="<revenu@portail>", created_at=at,
        state=DeliveryState.BOUNCED, sent_at=at, bounced_at=at,
    )  # fmt: skip
    DeadAddress.objects.create(
        address=person.email, since=at, delivery=mail, answer="550 5.1.1 User unknown"
    )


def _tickets(scene: Scene) -> dict[str, Ticket]:
    """One incident of Alice's in each status."""
    made = {name: _declared(scene, title) for name, title in _TITLES.items()}
    tell = _Story(scene, timezone.now() - timedelta(days=1))
    for name, ticket in made.items():
        for act in _ACTS[name]:
            getattr(tell, act)(ticket)
    return made


_TITLES = {
    "declared": "La maquette se ferme",
    "in_progress": "La maquette est lente",
    "waiting": "La maquette attend un fichier",
    "vendor": "La maquette attend l’éditeur",
    "resolved": "La maquette est réparée",
    "closed": "La maquette est close",
    "cancelled": "La maquette n’avait rien",
    "reopened": "La maquette retombe",
    "merged": "La maquette est lente, encore",
}
_ACTS: dict[str, list[str]] = {
    "declared": [],
    "in_progress": ["take", "answer", "annotate", "ask_severity"],
    "waiting": ["take", "wait_for_customer", "escalate", "answer_escalation"],
    "vendor": ["take", "wait_for_vendor", "escalate"],
    "resolved": ["take", "resolve"],
    "closed": ["take", "resolve", "accept"],
    "cancelled": ["cancel"],
    "reopened": ["take", "resolve", "reopen"],
    "merged": ["take", "merge"],
}


def _declared(scene: Scene, title: str) -> Ticket:
    return make_ticket(
        requester=scene.cast.alice, product=scene.revit, severity=Severity.IMPAIRING, title=title,
        copies=[scene.cast.bob], at=timezone.now() - timedelta(days=2),
    )  # fmt: skip


@dataclass(frozen=True)
class _Story:
    """Acts of a day on an incident, through the operations that people use."""

    scene: Scene
    at: datetime

    def take(self, ticket: Ticket) -> None:
        operations.acknowledge(ticket_id=ticket.pk, actor=self.scene.cast.ines, at=self.at)

    def answer(self, ticket: Ticket) -> None:
        self._say(ticket, self.scene.cast.ines, "Bonjour, essayez **sans** greffon.")
        self._say(ticket, self.scene.cast.alice, "Même chose, voici la capture.")

    def annotate(self, ticket: Ticket) -> None:
        operations.add_note(
            ticket_id=ticket.pk, actor=self.scene.cast.ines, body="À voir avec Hugo.", at=self.at,
            form_token=uuid4(),
        )  # fmt: skip

    def wait_for_customer(self, ticket: Ticket) -> None:
        operations.wait_for_customer(
            ticket_id=ticket.pk, actor=self.scene.cast.ines, reason="Le journal du poste.",
            until=None, at=self.at,
        )  # fmt: skip

    def wait_for_vendor(self, ticket: Ticket) -> None:
        operations.wait_for_vendor(
            ticket_id=ticket.pk, actor=self.scene.cast.ines, reason="Cas ouvert.", until=None,
            at=self.at,
        )  # fmt: skip

    def ask_severity(self, ticket: Ticket) -> None:
        operations.ask_severity(
            ticket_id=ticket.pk, actor=self.scene.cast.alice, severity=Severity.BLOCKING,
            reason="Toute l’équipe est arrêtée.", at=self.at,
        )  # fmt: skip

    def escalate(self, ticket: Ticket) -> None:
        operations.escalate(
            ticket_id=ticket.pk, actor=self.scene.cast.alice, reason="Deux jours.", at=self.at
        )

    def answer_escalation(self, ticket: Ticket) -> None:
        operations.answer_escalation(
            ticket_id=ticket.pk, actor=self.scene.cast.marc, answer="Un renfort.", at=self.at
        )

    def resolve(self, ticket: Ticket) -> None:
        operations.resolve(
            ticket_id=ticket.pk, actor=self.scene.cast.ines, solution="Videz le cache.", at=self.at
        )

    def accept(self, ticket: Ticket) -> None:
        operations.accept(ticket_id=ticket.pk, actor=self.scene.cast.alice, at=self.at)

    def cancel(self, ticket: Ticket) -> None:
        operations.cancel(
            ticket_id=ticket.pk, actor=self.scene.cast.alice, reason="Fausse alerte.", at=self.at
        )

    def merge(self, ticket: Ticket) -> None:
        into = Ticket.objects.get(title=_TITLES["in_progress"])
        operations.merge(
            ticket_id=ticket.pk, into_id=into.pk, actor=self.scene.cast.ines, reason="Le même.",
            at=self.at,
        )  # fmt: skip

    def reopen(self, ticket: Ticket) -> None:
        operations.reopen(
            ticket_id=ticket.pk, actor=self.scene.cast.alice, reason="Revenu.", at=self.at
        )

    def _say(self, ticket: Ticket, who: User, body: str) -> None:
        operations.post_message(
            ticket_id=ticket.pk, actor=who, body=body, at=self.at, form_token=uuid4()
        )
