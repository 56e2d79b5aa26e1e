"""The places of the portal, as the header shows them to each kind of person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the header. `current` is the value of aria-current, empty elsewhere."""

    label: str
    url: str
    current: str = ""
    icon: str = ""
    is_act: bool = False
    css: str = ""


# Compared by identity: labels would be translated to be compared.
@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    label: Promise
    name: str
    icon: str = ""
    is_act: bool = False
    css: str = ""


_HOME = _Entry(_("Accueil"), "home", css="places-first")
_INCIDENTS = _Entry(_("Incidents"), "tickets:list")
_LICENCES = _Entry(_("Licences"), "licences:park")
_DOWNLOADS = _Entry(_("Téléchargements"), "licences:downloads")
_BLOG = _Entry(_("Blog"), "blog:list")
_CHARTER = _Entry(_("Charte"), "charter")
_SEARCH = _Entry(_("Recherche"), "search", icon="search")
_DECLARE = _Entry(
    _("Déclarer un incident"), "tickets:declare", icon="plus", is_act=True, css="places-act"
)
_PILOT = _Entry(_("Pilotage"), "reports:dashboard", css="places-split")
_ADMIN = _Entry(_("Administration"), "admin:index")
_LOGIN = _Entry(_("Se connecter"), "account_login", icon="lock", is_act=True, css="places-act")

_ANONYMOUS = (_HOME, _CHARTER, _BLOG, _LOGIN)
_EVERYBODY = (_HOME, _INCIDENTS, _LICENCES, _DOWNLOADS, _BLOG, _CHARTER, _SEARCH)

_ACCOUNT = (
    _Entry(_("Mon compte"), "account_settings", icon="user"),
    _Entry(_("Mot de passe"), "account_change_password", icon="key"),
    _Entry(_("Double authentification"), "mfa_index", icon="lock"),
    _Entry(_("Sessions ouvertes"), "usersessions_list", icon="list"),
)
_MAILS = _Entry(_("Mes e-mails"), "account_mails", icon="mail")
_TEAM = _Entry(_("Comptes de la société"), "team", icon="users")


def places(request: HttpRequest) -> tuple[Place, ...]:
    """The header's links for this person, the current one marked."""
    found = _resolved(_entries(_person(request)), get_language())
    return tuple(_marked(place, request.path) for place in found)


def account_places(request: HttpRequest) -> tuple[Place, ...]:
    """The account menu's links."""
    person = _person(request)
    if isinstance(person, AnonymousUser):
        return ()
    if person.is_staff:
        return _resolved(_ACCOUNT, get_language())
    entries = (*_ACCOUNT, _MAILS, *((_TEAM,) if _manages_a_company(request) else ()))
    return _resolved(entries, get_language())


def _person(request: HttpRequest) -> User | AnonymousUser:
    # An error page may be drawn before the session was read.
    return getattr(request, "user", None) or AnonymousUser()


def _manages_a_company(request: HttpRequest) -> bool:
    return bool(getattr(request, "manages_company", False))


def _entries(person: User | AnonymousUser) -> tuple[_Entry, ...]:
    if isinstance(person, AnonymousUser):
        return _ANONYMOUS
    if not person.is_staff:
        return (*_EVERYBODY, _DECLARE)
    return (*_EVERYBODY, *((_PILOT,) if person.is_manager else ()), _ADMIN)


@cache
def _resolved(entries: tuple[_Entry, ...], _language: str | None) -> tuple[Place, ...]:
    """Labels and addresses: a handful of sets, the same on every page."""
    return tuple(
        Place(str(entry.label), reverse(entry.name), "", entry.icon, entry.is_act, entry.css)
        for entry in entries
    )


def _marked(place: Place, path: str) -> Place:
    if path == place.url:
        return replace(place, current="page")
    below = place.url != "/" and path.startswith(place.url)
    return replace(place, current="true") if below else place
