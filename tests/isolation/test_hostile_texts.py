"""D5: no text, charset or address breaks a form or a page."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse
from freezegun import freeze_time

from tests.isolation.active import faults_of
from tests.isolation.forms import FORMS, Form
from tests.isolation.payloads import ODD
from tests.isolation.test_matrix import client_of
from tests.isolation.walk import WALKED_AT
from tests.isolation.world import World

WRITERS = [form for form in FORMS if form.texts]


@pytest.mark.parametrize("form", WRITERS, ids=lambda form: form.route)
def test_d5_no_text_breaks_a_form(world: World, form: Form) -> None:
    """Taken or refused, never a fault; and what comes back is inert."""
    with freeze_time(WALKED_AT):
        form.before(world)
        client = form.client(world)
        for name, text in ODD.items():
            with transaction.atomic():
                answer = form.post(client, world, text=text)
                transaction.set_rollback(True)
            assert answer.status_code < 500, name
            assert faults_of(answer.content.decode()) == [], name


@pytest.mark.parametrize(
    "charset",
    ["unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "undefined", "base64", "rot13",
     "idna", "punycode", "latin-1"],
)  # fmt: skip
@pytest.mark.parametrize("route", ["account_login", "tickets:declare", "tickets:list"])
def test_d5_a_form_is_read_as_utf_8_or_not_at_all(world: World, route: str, charset: str) -> None:
    """`unicode_escape` makes lone surrogates of plain letters; `base64` is no charset at all."""
    kind = f"multipart/form-data; boundary=B; charset={charset}"
    body = b'--B\r\nContent-Disposition: form-data; name="title"\r\n\r\n\\ud800\r\n--B--\r\n'
    answer = client_of(world, "author").generic("POST", reverse(route), body, kind)
    assert answer.status_code == 400


ADDRESSES = [
    "/admin/incidents/{}/", "/admin/incidents/{}/note/", "/incidents/{}/", "/blog/{}/",
    "/bienvenue/{}/", "/mot-de-passe-perdu/choisir/{}/", "/fichiers/{}/", "/licences/{}/",
    "/equipe/{}/fermer/", "/admin/tickets/ticket/{}/change/", "/admin/accounts/user/{}/change/",
    "/incidents/declarer/?suite={}", "/incidents/declarer/?societe={}",
    "/admin/incidents/appel/?appelant={}", "/recherche/?q={}",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("role", ["author", "engineer"])
def test_d5_no_address_breaks_a_page(world: World, role: str, address: str) -> None:
    client = client_of(world, role)
    for odd in ("%00", "%ED%A0%80", "%ff", "9" * 30, "x" * 3_000, "%E2%80%AE", "..%2f..%2fx", "%"):
        for method in ("GET", "POST"):
            assert client.generic(method, address.format(odd)).status_code < 500, odd
