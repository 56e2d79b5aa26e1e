"""The companies, people and park of the demonstration. All invented."""

from __future__ import annotations

from typing import NamedTuple

from accounts.enums import CompanyRole, StaffRole
from licences.enums import LicenceKind

PASSWORD = "demo-portail"  # noqa: S105  (shown on the demo's own login page)


class AgencyFacts(NamedTuple):
    name: str
    city: str
    phone: str


AGENCIES = (
    AgencyFacts("Lyon", "Lyon", "04 72 20 68 90"),
    AgencyFacts("Paris", "Paris", "01 84 80 10 20"),
    AgencyFacts("Bordeaux", "Bordeaux", "05 35 54 10 20"),
    AgencyFacts("Nantes", "Nantes", "02 85 52 10 20"),
    AgencyFacts("Toulouse", "Toulouse", "05 82 95 10 20"),
)


class StaffFacts(NamedTuple):
    email: str
    first_name: str
    last_name: str
    agency: str
    role: StaffRole


STAFF = (
    StaffFacts("ingenieur@demo.example", "Inès", "Carpentier", "Lyon", StaffRole.ENGINEER),
    StaffFacts("hugo.lemaire@demo.example", "Hugo", "Lemaire", "Lyon", StaffRole.ENGINEER),
    StaffFacts("salome.fabre@demo.example", "Salomé", "Fabre", "Paris", StaffRole.ENGINEER),
    StaffFacts("karim.haddad@demo.example", "Karim", "Haddad", "Paris", StaffRole.ENGINEER),
    StaffFacts(
        "maud.etcheverry@demo.example", "Maud", "Etcheverry", "Bordeaux", StaffRole.ENGINEER
    ),
    StaffFacts("yann.legoff@demo.example", "Yann", "Le Goff", "Nantes", StaffRole.ENGINEER),
    StaffFacts("clara.pujol@demo.example", "Clara", "Pujol", "Toulouse", StaffRole.ENGINEER),
    StaffFacts("theo.marchand@demo.example", "Théo", "Marchand", "Toulouse", StaffRole.ENGINEER),
    StaffFacts("responsable@demo.example", "Marc", "Delattre", "Lyon", StaffRole.MANAGER),
    StaffFacts("admin@demo.example", "Adèle", "Besson", "Lyon", StaffRole.ADMINISTRATOR),
)


class LevelFacts(NamedTuple):
    """Working minutes for blocking, impairing, informational."""

    code: str
    name: str
    description: str
    acknowledgement: tuple[int, int, int]
    resolution: tuple[int, int, int]
    pauses_on_vendor: bool


LEVELS = (
    LevelFacts("essentiel", "Essentiel", "Les délais de la charte.", (30, 60, 120),
               (480, 1080, 2160), True),
    LevelFacts("avance", "Avancé", "Résolution accélérée.", (30, 60, 120), (240, 540, 1620), True),
    LevelFacts("premium", "Premium", "Prise en charge et résolution prioritaires.", (15, 30, 60),
               (180, 360, 1080), False),
)  # fmt: skip

PRODUCTS = (
    ("AutoCAD", "Autodesk"), ("Revit", "Autodesk"), ("Inventor", "Autodesk"),
    ("Civil 3D", "Autodesk"), ("Navisworks", "Autodesk"), ("Vault", "Autodesk"),
    ("Advance Steel", "Autodesk"), ("3ds Max", "Autodesk"), ("Fusion", "Autodesk"),
    ("Covadis", "Geomedia"),
)  # fmt: skip


class PersonFacts(NamedTuple):
    email: str
    first_name: str
    last_name: str
    role: CompanyRole = CompanyRole.CONTACT


class LicenceFacts(NamedTuple):
    """`ends_in` is in days from now; negative: expired; None: perpetual."""

    product: str
    version: str
    seats: int
    ends_in: int | None

    @property
    def kind(self) -> LicenceKind:
        return LicenceKind.PERPETUAL if self.ends_in is None else LicenceKind.SUBSCRIPTION


class CompanyFacts(NamedTuple):
    """`level` is the service level of the contract; None: no contract in force."""

    code: str
    name: str
    agency: str
    sites: tuple[tuple[str, str, str], ...]
    level: str | None
    alert_note: str
    people: tuple[PersonFacts, ...]
    licences: tuple[LicenceFacts, ...]


_REFERENT = CompanyRole.MANAGER

COMPANIES = (
    CompanyFacts(
        "ATRH", "Atelier du Rhône", "Lyon",
        (("Siège", "69007", "Lyon"), ("Agence de Grenoble", "38000", "Grenoble")), "avance", "",
        (
            PersonFacts("client@demo.example", "Alice", "Moreau"),
            PersonFacts("referent@demo.example", "Réjane", "Vasseur", _REFERENT),
            PersonFacts("bruno.picard@atelier-rhone.example", "Bruno", "Picard"),
            PersonFacts("lea.garnier@atelier-rhone.example", "Léa", "Garnier"),
            PersonFacts("samir.benali@atelier-rhone.example", "Samir", "Benali"),
            PersonFacts("odile.chevrier@atelier-rhone.example", "Odile", "Chevrier"),
        ),
        (
            LicenceFacts("Revit", "2027", 12, 210), LicenceFacts("AutoCAD", "2027", 20, 20),
            LicenceFacts("Navisworks", "2026", 3, 20), LicenceFacts("3ds Max", "2026", 2, -12),
            LicenceFacts("Vault", "2027", 25, 150), LicenceFacts("Covadis", "18", 2, None),
        ),
    ),
    CompanyFacts(
        "MBTP", "Mercier BTP", "Paris",
        (("Nanterre", "92000", "Nanterre"), ("Chantier Gare du Nord", "75010", "Paris")),
        "premium", "Chantier de la gare : prévenir aussi le conducteur de travaux.",
        (
            PersonFacts("client@autre.example", "Charlie", "Renaud"),
            PersonFacts("nadia.mercier@mercier-btp.example", "Nadia", "Mercier", _REFERENT),
            PersonFacts("paul.aubert@mercier-btp.example", "Paul", "Aubert"),
            PersonFacts("ines.costa@mercier-btp.example", "Inês", "Costa"),
            PersonFacts("victor.hamel@mercier-btp.example", "Victor", "Hamel"),
        ),
        (
            LicenceFacts("Revit", "2027", 30, 300), LicenceFacts("Civil 3D", "2027", 8, 75),
            LicenceFacts("AutoCAD", "2027", 15, 300), LicenceFacts("Navisworks", "2027", 6, 300),
        ),
    ),
    CompanyFacts(
        "GIRO", "Girondine de Mécanique", "Bordeaux", (("Usine de Mérignac", "33700", "Mérignac"),),
        "avance", "",
        (
            PersonFacts("jeanne.labat@girondine.example", "Jeanne", "Labat", _REFERENT),
            PersonFacts("eric.dupuy@girondine.example", "Éric", "Dupuy"),
            PersonFacts("manon.lacoste@girondine.example", "Manon", "Lacoste"),
            PersonFacts("tom.ferrand@girondine.example", "Tom", "Ferrand"),
            PersonFacts("sylvie.roussel@girondine.example", "Sylvie", "Roussel"),
        ),
        (
            LicenceFacts("Inventor", "2027", 14, 120), LicenceFacts("Vault", "2027", 18, 120),
            LicenceFacts("Fusion", "2027", 4, 45), LicenceFacts("AutoCAD", "2026", 5, 120),
        ),
    ),
    CompanyFacts(
        "CNAV", "Chantiers Navals de l’Erdre", "Nantes",
        (("Cale 3", "44000", "Nantes"), ("Bureau d’études", "44300", "Nantes")), "essentiel", "",
        (
            PersonFacts("gwen.morvan@cn-erdre.example", "Gwen", "Morvan", _REFERENT),
            PersonFacts("adrien.tanguy@cn-erdre.example", "Adrien", "Tanguy"),
            PersonFacts("fanny.leroux@cn-erdre.example", "Fanny", "Leroux"),
            PersonFacts("malo.kerguelen@cn-erdre.example", "Malo", "Kerguelen"),
            PersonFacts("sarah.cohen@cn-erdre.example", "Sarah", "Cohen"),
        ),
        (
            LicenceFacts("Inventor", "2026", 9, 240), LicenceFacts("AutoCAD", "2027", 11, 240),
            LicenceFacts("Advance Steel", "2027", 6, 62),
        ),
    ),
    CompanyFacts(
        "OCTP", "Occitanie Topographie", "Toulouse", (("Cabinet", "31000", "Toulouse"),),
        "essentiel", "Cabinet fermé le mercredi après-midi.",
        (
            PersonFacts("helene.vidal@occitanie-topo.example", "Hélène", "Vidal", _REFERENT),
            PersonFacts("lucas.esteve@occitanie-topo.example", "Lucas", "Estève"),
            PersonFacts("marion.delpech@occitanie-topo.example", "Marion", "Delpech"),
            PersonFacts("remi.cazeneuve@occitanie-topo.example", "Rémi", "Cazeneuve"),
        ),
        (
            LicenceFacts("Civil 3D", "2027", 5, 190), LicenceFacts("Covadis", "18", 5, None),
            LicenceFacts("AutoCAD", "2027", 5, 190),
        ),
    ),
    CompanyFacts(
        "MECA", "Mécabois", "Lyon", (("Atelier d’Oyonnax", "01100", "Oyonnax"),), None,
        "Contrat échu : le commercial relance.",
        (
            PersonFacts("denis.perrin@mecabois.example", "Denis", "Perrin", _REFERENT),
            PersonFacts("julie.monnet@mecabois.example", "Julie", "Monnet"),
            PersonFacts("alex.gros@mecabois.example", "Alex", "Gros"),
            PersonFacts("noe.blanc@mecabois.example", "Noé", "Blanc"),
            PersonFacts("eva.martel@mecabois.example", "Eva", "Martel"),
        ),
        (LicenceFacts("Inventor", "2025", 3, 33), LicenceFacts("Fusion", "2027", 2, 330)),
    ),
)  # fmt: skip


class PatchFacts(NamedTuple):
    product: str
    title: str
    version: str
    notes: str


PATCHES = (
    PatchFacts(
        "Revit", "Mise à jour 2027.1.2", "2027.1.2",
        "Corrige la fermeture à l’ouverture des maquettes à garde-corps importés. Suit la 2027.1.",
    ),
    PatchFacts(
        "AutoCAD", "Mise à jour 2027.0.3", "2027.0.3",
        "Corrige l’impression par lots en PDF sur les traceurs partagés.",
    ),
    PatchFacts(
        "Inventor", "Correctif nomenclatures", "2027.1",
        "Rétablit la mise à jour des nomenclatures structurées dans les mises en plan.",
    ),
    PatchFacts(
        "Covadis", "Base de symboles réseaux", "18.1b",
        "Bibliothèque de symboles pour les récolements de réseaux.",
    ),
)  # fmt: skip
