"""Which pages are measured, for whom, and beside which page of the floor."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

Floor = Literal["list", "page", "insert"]


@dataclass(frozen=True)
class Page:
    """One line of the table.

    `path` holds names of facts in braces. `goal` is the CPU time allowed, as a multiple of the
    floor's page; None where nothing was promised.
    """

    name: str
    who: str
    path: str
    floor: Floor
    goal: float | None = None
    is_post: bool = False

    @property
    def is_weighed(self) -> bool:
        """A page of customers, for whom weight was promised."""
        return not self.is_post and self.who in CUSTOMERS

    @property
    def html_goal(self) -> int | None:
        """Bytes of HTML allowed, where that was promised."""
        return 60_000 if self.name.startswith(("list", "incident")) else None


CUSTOMERS = ("contact", "référent", "large")
SENT_GOAL = 150_000  # bytes of a customer's page, compressed, with all that it links
DECLARE = "/incidents/declarer/"
PAGES = (
    Page("home", "contact", "/", "list", 2),
    Page("home", "référent", "/", "list", 2),
    Page("home, large company", "large", "/", "list", 2),
    Page("list, own", "contact", "/incidents/", "list", 1.5),
    Page("list, company", "référent", "/incidents/", "list", 1.5),
    Page("list, one word", "référent", "/incidents/?q=maquette", "list", 1.5),
    Page("list, large company", "large", "/incidents/", "list", 1.5),
    Page("incident", "référent", "/incidents/{incident}/", "page", 2.5),
    Page("declare", "contact", DECLARE, "page"),
    Page("search", "référent", "/recherche/?q=maquette", "list", 2.5),
    Page("queue", "engineer", "/admin/", "list", 2),
    Page("queue, one tab", "engineer", "/admin/?onglet=a-prendre", "list", 2),
    Page(
        "queue, filtered", "engineer", "/admin/?onglet=mon-agence&criticite=blocking", "list", 2.5
    ),
    Page("queue, one word", "engineer", "/admin/?q=maquette", "list", 2.5),
    Page(
        "queue, two words",
        "engineer",
        "/admin/?q=maquette+S1-12&criticite=impairing",
        "list",
        2.5,
    ),
    Page("queue, nobody’s", "engineer", "/admin/?ingenieur=personne", "list", 2.5),
    Page("workspace", "engineer", "/admin/incidents/{incident}/", "page"),
    Page("search", "engineer", "/recherche/?q=maquette", "list", 2.5),
    Page("search, no answer", "engineer", "/recherche/?q=introuvables", "list", 2.5),
    Page("dashboard", "manager", "/pilotage/", "list"),
    # Last: it makes the history longer.
    Page("declare (POST)", "contact", DECLARE, "insert", 4, is_post=True),
)
FLOORS: tuple[Floor, ...] = ("list", "page", "insert")
FLOOR_PATHS: dict[Floor, str] = {"list": "/list/", "page": "/page/", "insert": "/insert/"}


def fresh() -> dict[str, str]:
    """What no two declarations share: the same words again are asked about, not declared."""
    token = str(uuid.uuid4())
    return {"form_token": token, "title": f"Revit se ferme à l’ouverture d’une maquette {token}"}
