"""K1, K4: every answer that the robot met, whatever its kind and status."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client
from django.urls import reverse

from tests.isolation.active import faults_at, faults_of, is_mail
from tests.isolation.crawl import Visit
from tests.isolation.crawl import visit as visit_page
from tests.isolation.matrix import LINES
from tests.isolation.walk import Walk
from tests.isolation.world import World
from tests.portal.test_headers import POLICY

# What a browser may do with a file that it downloaded: nothing at all (C2).
SEALED = {"sandbox", "default-src 'none'"}
# And what it wraps around an image or a PDF that it shows.
SHOWN = SEALED | {"img-src 'self' data:", "style-src 'unsafe-inline'"}
# The preview of a mail, drawn with the styles that the mail carries.
MAIL = SEALED | {"style-src 'unsafe-inline'"}
# A feed reader has no session, so everybody is given the same feed.
SHARED = {reverse("blog:feed")}
PUBLIC = ("home", "health", "charter", "blog:list", "blog:feed")
# Pages whose address is a secret. « no-referrer » would make browsers send « Origin: null » with
# their forms; « strict-origin » tells the host and nothing of the address.
LINKS = ("/bienvenue/", "/mot-de-passe-perdu/choisir/")
UNTOLD = {"no-referrer", "strict-origin"}


def wrong(visits: Iterable[Visit], **expected: set[str]) -> set[str]:
    """The answers of which a header has none of the values expected (`_` reads `-`)."""
    found = set()
    for visit in visits:
        for name, values in expected.items():
            header = visit.headers.get(name.replace("_", "-"), "absent")
            if header not in values:
                found.add(f"{visit} {name}: {header}")
    return found


@pytest.fixture
def answers(walk: Walk, world: World) -> list[Visit]:
    """Those of the walk, and the refusals of forms without their token."""
    return [*walk.all_visits, *_refused_forms(world)]


def _refused_forms(world: World) -> list[Visit]:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.alice)
    met = []
    for name, line in LINES.items():
        url = reverse(name, kwargs=line.theirs(world))
        answer = client.post(url, {"title": "x"})
        met.append(
            Visit("author", url, answer.status_code, dict(answer.headers), (), answer.content)
        )
    return met


def test_the_robot_met_every_kind_of_answer(answers: list[Visit]) -> None:
    assert {visit.status for visit in answers} >= {200, 301, 302, 403, 404, 405, 410}
    assert {visit.kind for visit in answers} >= {
        "text/html", "application/json", "application/rss+xml", "application/pdf", "text/plain",
    }  # fmt: skip


def test_k1_the_policy_is_strict_on_every_answer(answers: list[Visit]) -> None:
    loose = set()
    for visit in answers:
        policy = set(visit.headers.get("Content-Security-Policy", "").split("; "))
        if policy != _policy_of(visit):
            loose.add(f"{visit}: {policy ^ POLICY}")
    assert loose == set()


def _policy_of(visit: Visit) -> set[str]:
    if visit.status == 200 and is_mail(visit.url):
        return MAIL
    disposition = visit.headers.get("Content-Disposition", "")
    if not visit.url.startswith("/fichiers/") or not disposition:
        return POLICY
    return SEALED if disposition.startswith("attachment") else SHOWN


def test_k1_no_answer_is_framed_guessed_or_told_of(answers: list[Visit]) -> None:
    assert (
        wrong(
            answers,
            X_Frame_Options={"DENY"},
            X_Content_Type_Options={"nosniff"},
            Referrer_Policy={"same-origin", *UNTOLD},
            Cross_Origin_Opener_Policy={"same-origin"},
        )
        == set()
    )


def test_f5_pages_of_links_tell_their_address_to_nobody(answers: list[Visit]) -> None:
    pages = [visit for visit in answers if visit.url.startswith(LINKS) and visit.status == 410]
    assert pages
    assert wrong(pages, Referrer_Policy=UNTOLD) == set()


def test_k4_what_somebody_signed_in_reads_is_kept_by_nobody(walk: Walk) -> None:
    kept = {
        f"{visit}: {visit.headers.get('Cache-Control')}"
        for visit in walk.all_visits
        if visit.role != "anonymous"
        and visit.url.partition("?")[0] not in SHARED
        and "no-store" not in visit.headers.get("Cache-Control", "")
    }
    assert kept == set()


def test_k4_only_public_pages_may_be_shared(walk: Walk) -> None:
    """And only with whoever reads what a stranger reads."""
    shared = [visit for visit in walk.all_visits if "public" in visit.headers["Cache-Control"]]
    public = ("/blog/", *SHARED)
    assert {str(visit) for visit in shared if not visit.url.startswith(public)} == set()
    assert {visit.role for visit in shared if visit.url not in SHARED} == {"anonymous"}


def test_k4_public_pages_set_no_cookie(walk: Walk) -> None:
    public = {reverse(name) for name in PUBLIC}
    pages = [visit for visit in walk.visits["anonymous"] if visit.url.partition("?")[0] in public]
    assert {visit.url.partition("?")[0] for visit in pages} == public
    assert {str(visit) for visit in pages if visit.cookies} == set()


def test_k1_no_page_holds_inline_code(answers: list[Visit]) -> None:
    seen: set[bytes] = set()
    faults = {}
    for visit in answers:
        if visit.html and visit.body not in seen:
            seen.add(visit.body)
            if found := faults_at(visit.url, visit.html):
                faults[str(visit)] = found
    assert faults == {}


@pytest.mark.parametrize(
    "page",
    [
        "<p style='color:red'>", "<a onclick=x>", "<script>x</script>", "<script src=//x.test/y>",
        "<a href=' java\tscript:x'>", "<iframe>", "<base href=/>", "<img src=https://x.test/y>",
        "<form action=https://x.test/>", "<meta http-equiv=refresh>", "<canari-noeud>",
        '<p canari-noeud="1">', "<svg><a xlink:href=javascript:x>", "<link href=//x.test/y>",
    ],
)  # fmt: skip
def test_the_reader_of_pages_sees(page: str) -> None:
    assert faults_of(page)


def test_k1_static_files_are_not_guessed_either(world: World) -> None:
    found = visit_page(Client(), "anonymous", "/static/css/portal.css")
    assert (found.status, found.headers.get("X-Content-Type-Options")) == (200, "nosniff")


@pytest.mark.parametrize("name", LINES)
def test_k2_no_form_is_taken_without_its_token(world: World, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.alice)
    url = reverse(name, kwargs=LINES[name].theirs(world))
    # Pages that read only refuse any POST; the others ask for the token first.
    assert client.post(url).status_code == 403
