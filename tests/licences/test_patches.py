"""Patches: kept, published, withdrawn by ours; taken by those entitled at this click (A7)."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from files.models import FileAccess, StoredFile
from files.operations import FileRefused
from licences import operations, register
from licences.models import Licence, Patch
from tests.factories.cast import Cast, make_cast
from tests.factories.licences import make_contract, make_licence, make_patch, make_product

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIST = "/admin/licences/patch/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def archive(name: str = "correctif.zip") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("lisez-moi.txt", "Fermez Revit d’abord.")
    return SimpleUploadedFile(name, buffer.getvalue(), "application/zip")


def added(cast: Cast, **given: Any) -> Patch:
    fields: dict[str, Any] = {
        "product": make_product(),
        "title": "Correctif 1",
        "version": "2027.1",
        "content": archive(),
    }
    return operations.add_patch(actor=cast.ines, at=AT, **{**fields, **given})


def test_a_patch_is_kept_as_a_draft_with_its_file(cast: Cast) -> None:
    patch = added(cast)

    assert (patch.published_at, patch.file.name, patch.file.created_by_id) == (
        None,
        "correctif.zip",
        cast.ines.pk,
    )


def test_c3_the_file_of_a_patch_is_checked_like_any_other(cast: Cast) -> None:
    with pytest.raises(FileRefused):
        added(cast, content=SimpleUploadedFile("setup.exe", b"MZ" + b"\x00" * 100))

    assert not Patch.objects.exists()


def test_a_patch_is_published_once(cast: Cast) -> None:
    patch = added(cast)
    for hours in (0, 1):
        operations.publish_patch(patch_id=patch.pk, actor=cast.ines, at=AT + timedelta(hours=hours))

    assert Patch.objects.get().published_at == AT


def test_a7_a_withdrawn_patch_does_not_come_back(cast: Cast) -> None:
    patch = make_patch(make_product())
    operations.withdraw_patch(patch_id=patch.pk, actor=cast.ines, at=AT)

    with pytest.raises(operations.AlreadyWithdrawn):
        operations.publish_patch(patch_id=patch.pk, actor=cast.ines, at=AT)


def test_a_draft_cannot_be_withdrawn(cast: Cast) -> None:
    patch = added(cast)

    with pytest.raises(operations.NotPublished):
        operations.withdraw_patch(patch_id=patch.pk, actor=cast.ines, at=AT)


def test_customers_do_not_keep_patches(cast: Cast) -> None:
    with pytest.raises(operations.NotOurs):
        operations.add_patch(
            actor=cast.alice,
            at=AT,
            product=make_product(),
            title="x",
            version="1",
            content=archive(),
        )


@pytest.fixture
def offered(cast: Cast) -> Patch:
    """A real patch that Acier & Fils is entitled to."""
    patch = added(cast)
    make_licence(cast.company, product=patch.product)
    make_contract(cast.company)
    now = timezone.now() - timedelta(minutes=1)
    return operations.publish_patch(patch_id=patch.pk, actor=cast.ines, at=now)


def _status(person: User, patch: Patch) -> int:
    response = signed_in(person).get(f"/fichiers/{patch.file_id}/")
    if response.streaming:
        assert b"".join(response)
    return response.status_code


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 200), ("rejane", 200), ("charlie", 404), ("ines", 200)]
)
def test_a7_a_patch_is_taken_by_those_entitled(
    cast: Cast, offered: Patch, who: str, status: int
) -> None:
    assert _status(getattr(cast, who), offered) == status


def test_a7_a_download_leaves_a_line(cast: Cast, offered: Patch) -> None:
    _status(cast.alice, offered)

    assert FileAccess.objects.get().person_id == cast.alice.pk


def _withdraw(cast: Cast, patch: Patch) -> None:
    operations.withdraw_patch(patch_id=patch.pk, actor=cast.ines, at=timezone.now())


def _end_contract(cast: Cast, patch: Patch) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    cast.company.contracts.update(starts_on=yesterday, ends_on=yesterday)


def _end_licence(cast: Cast, patch: Patch) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    cast.company.licences.update(starts_on=yesterday, ends_on=yesterday)


def _leave(cast: Cast, patch: Patch) -> None:
    cast.alice.memberships.update(is_active=False)


@pytest.mark.parametrize("change", [_withdraw, _end_contract, _end_licence, _leave])
def test_a7_the_right_is_asked_at_each_click(cast: Cast, offered: Patch, change: Any) -> None:
    assert _status(cast.alice, offered) == 200

    change(cast, offered)

    assert _status(cast.alice, offered) == 404


def _typed(**fields: Any) -> dict[str, Any]:
    return {"title": "Correctif 1", "version": "2027.1", "notes": "Fermez Revit.", **fields}


def test_engineers_add_a_patch_in_the_admin(cast: Cast) -> None:
    product = make_product()

    response = signed_in(cast.ines).post(
        f"{LIST}add/", _typed(product=product.pk, content=archive())
    )

    patch = Patch.objects.get()
    assert (response.status_code, patch.product, patch.published_at) == (302, product, None)


def test_a_refused_file_keeps_what_was_typed(cast: Cast) -> None:
    bad = SimpleUploadedFile("setup.exe", b"MZ" + b"\x00" * 100)

    response = signed_in(cast.ines).post(
        f"{LIST}add/", _typed(product=make_product().pk, content=bad)
    )

    page = response.content.decode()
    assert (response.status_code, Patch.objects.count(), StoredFile.objects.count()) == (200, 0, 0)
    assert "setup.exe" in page
    assert "Fermez Revit." in page


def test_the_file_and_the_product_of_a_patch_do_not_change(cast: Cast) -> None:
    patch = added(cast)

    signed_in(cast.ines).post(
        f"{LIST}{patch.pk}/change/",
        _typed(title="Correctif 2", product=make_product().pk, content=archive("autre.zip")),
    )

    changed = Patch.objects.get()
    assert (changed.title, changed.product, changed.file) == (
        "Correctif 2",
        patch.product,
        patch.file,
    )


def test_patches_are_published_and_withdrawn_from_the_list(cast: Cast) -> None:
    patch = added(cast)
    client = signed_in(cast.ines)

    for action in ("publish", "withdraw"):
        client.post(LIST, {"action": action, "_selected_action": [patch.pk]})

    patch.refresh_from_db()
    assert patch.published_at is not None
    assert patch.withdrawn_at is not None


MODELS = ["product", "licence", "patch"]


@pytest.mark.parametrize("model", MODELS)
def test_j1_engineers_view_the_park(cast: Cast, model: str) -> None:
    assert signed_in(cast.ines).get(f"/admin/licences/{model}/").status_code == 200


@pytest.mark.parametrize(
    ("who", "model", "status"),
    [
        ("ines", "product", 403),
        ("ines", "licence", 403),
        ("ines", "patch", 200),
        ("marc", "product", 200),
        ("marc", "licence", 200),
        ("marc", "patch", 200),
    ],
)
def test_j1_who_adds_what(cast: Cast, who: str, model: str, status: int) -> None:
    client = signed_in(getattr(cast, who))

    assert client.get(f"/admin/licences/{model}/add/").status_code == status


@pytest.mark.parametrize("model", MODELS)
def test_j2_nothing_of_the_park_is_deleted(cast: Cast, model: str) -> None:
    patch = make_patch(make_product())
    licence = make_licence(cast.company, product=patch.product)
    pk = {"product": patch.product_id, "licence": licence.pk, "patch": patch.pk}[model]

    response = signed_in(cast.adele).post(f"/admin/licences/{model}/{pk}/delete/", {"post": "yes"})

    assert response.status_code == 403


def test_a_licence_stands_on_a_site_of_its_company(cast: Cast) -> None:
    product = make_product()

    response = signed_in(cast.marc).post(
        "/admin/licences/licence/add/",
        {
            "company": cast.company.code,
            "site": cast.other_site.name,
            "product": product.pk,
            "kind": "perpetual",
            "version": "2027",
            "seats": "1",
            "contract_number": "N-1",
            "starts_on": "01/01/2026",
        },
    )

    assert "Cette société n’a pas de site de ce nom." in response.content.decode()
    assert not Licence.objects.exists()


def _fragment(user: User, licence: Licence, at: datetime) -> SafeString:
    return mark_safe(f"<p>incidents de {licence.pk} pour {user.pk}</p>")  # noqa: S308


def test_a_higher_floor_shows_the_incidents_of_a_licence(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "_incidents_of", [])
    register.show_incidents(_fragment)
    licence = make_licence(cast.company)

    page = signed_in(cast.alice).get(f"/licences/{licence.pk}/").content.decode()

    assert f"<p>incidents de {licence.pk} pour {cast.alice.pk}</p>" in page
