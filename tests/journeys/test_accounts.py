"""§2.8: an account made in the admin, its invitation; a lost password."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.factories.accounts import make_contact
from tests.factories.cast import Cast
from tests.journeys.browsing import Windows
from tests.journeys.post import PostOffice, text_of

FIRST = "Un mot de passe à moi 1"
SECOND = "Un autre mot de passe 2"


def link_in(text: str) -> str:
    """The one link of an account mail, without its host."""
    found = re.search(r"https?://[^/]+(/(?:bienvenue|mot-de-passe-perdu)/\S+)", text)
    assert found is not None, text
    return found[1]


def choose(page: Page, password: str, button: str) -> None:
    for field in page.locator("input[type=password]").all():
        field.fill(password)
    page.get_by_role("button", name=button).click()


def test_an_account_of_the_admin_chooses_its_password(
    windows: Windows, cast: Cast, post: PostOffice, width: int
) -> None:
    email = f"nadia{width}@acier.test"
    desk = windows.of(cast.adele).open("/admin/accounts/user/add/", width=width)
    desk.get_by_label("Adresse e-mail").fill(email)
    desk.get_by_label("Prénom").fill("Nadia")
    desk.get_by_label(re.compile(r"^Nom\b")).fill("Benali")
    desk.locator("input[name=company]").fill("Acier & Fils")
    desk.locator("input[name=_save]").click()
    expect(desk.locator(".messagelist")).to_contain_text("Nadia")

    mail = text_of(post.wait(email, "choisissez votre mot de passe"))
    window = windows.new(width=width)
    page = window.open(link_in(mail), width=width)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue, Nadia")
    choose(page, FIRST, "Enregistrer et entrer")
    expect(page.locator(".menu summary").first).to_contain_text("Nadia")

    elsewhere = windows.new(width=width)
    elsewhere.sign_in(email, FIRST)
    expect(elsewhere.open("/incidents/").get_by_role("heading", level=1)).to_be_visible()


def test_a_lost_password_is_replaced_by_a_mailed_link(
    windows: Windows, cast: Cast, post: PostOffice, width: int
) -> None:
    email = f"oubli{width}@acier.test"
    make_contact(cast.company, email=email)
    window = windows.new(width=width)
    page = window.open("/connexion/", width=width)
    page.get_by_role("link", name="Mot de passe perdu ?").click()
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez votre messagerie")

    mail = text_of(post.wait(email, "nouveau mot de passe"))
    page.goto(link_in(mail))
    choose(page, SECOND, "Changer le mot de passe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre mot de passe est changé")
    window.sign_in(email, SECOND)
