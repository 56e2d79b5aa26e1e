"""Parts drawn once: by what they are given, and from nothing else."""

from __future__ import annotations

from django.template import Context, Template

from foundation.templatetags.drawn import drawn
from portal.navigation import Place

FOOTER = "layout/footer.html"
LINKS = '{% load drawn %}{% drawn "layout/account_places.html" places=mine %}'


def footer(week: str) -> str:
    return drawn(FOOTER, organisation="APLICIT", support_phone="04 72", week=week)


def links(*labels: str, **others: object) -> str:
    places = tuple(Place(label, f"/{label}/", icon="user") for label in labels)
    return Template(LINKS).render(Context({"mine": places, **others}))


def test_the_same_values_are_drawn_once() -> None:
    assert footer("le lundi") is footer("le lundi")


def test_other_values_are_drawn_anew() -> None:
    assert ("le lundi" in footer("le lundi"), "le lundi" in footer("le mardi")) == (True, False)


def test_d1_what_is_given_is_escaped() -> None:
    assert "&lt;b&gt;" in footer("<b>")


def test_a1_a_template_sees_what_it_is_given_and_nothing_of_the_page() -> None:
    page = {"places": (Place("secret", "/secret/", icon="user"),)}
    assert ("Un" in links("Un", **page), "secret" in links("Un", **page)) == (True, False)


def test_a1_one_page_gets_nothing_of_another() -> None:
    assert ("Une" in links("Une"), "Une" in links("Autre")) == (True, False)
