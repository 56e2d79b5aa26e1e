"""A form with files: what was good is kept on the server and shown again (issue: bad input)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.template.loader import render_to_string
from pytest_django import Settings

from accounts.models import User
from files.enums import FileState
from files.forms import WaitingFilesForm
from files.models import StoredFile, Upload
from files.queries import waiting
from foundation.text import LineField
from tests.factories.accounts import make_user
from tests.factories.files import PDF, PNG, RECEIVED_AT, make_upload
from tests.files.multipart import post
from tests.files.samples import EXE
from tests.files.sending import Sender

pytestmark = pytest.mark.django_db


class TitledForm(WaitingFilesForm):
    title = LineField()


def submit(
    person: User, files: list[tuple[str, bytes]], *, token: UUID | str, **fields: str
) -> TitledForm:
    request = post({"form_token": str(token), **fields}, files)
    return TitledForm(request.POST, request.FILES).keep_files(person=person, at=RECEIVED_AT)


def test_good_files_are_kept_when_another_field_is_wrong() -> None:
    person, token = make_user(), uuid4()
    form = submit(person, [("a.pdf", PDF), ("b.png", PNG)], token=token, title="")
    names = [file.name for file in form.waiting_files]
    assert (form.is_valid(), names) == (False, ["a.pdf", "b.png"])


@pytest.mark.parametrize("order", [1, -1])
def test_c3_good_files_are_kept_beside_a_bad_one(order: int) -> None:
    files = [("a.pdf", PDF), ("virus.exe", EXE)][::order]
    form = submit(make_user(), files, token=uuid4(), title="Essai")
    names = [file.name for file in form.waiting_files]
    assert (list(form.errors), names) == (["uploads"], ["a.pdf"])


def test_each_bad_file_has_its_own_reason() -> None:
    form = submit(make_user(), [("v.exe", EXE), ("a.pdf", b"")], token=uuid4(), title="Essai")
    assert [str(text).partition("\u00a0»")[0] for text in form.errors["uploads"]] == [
        "«\u00a0v.exe",
        "«\u00a0a.pdf",
    ]


def test_the_second_submit_finds_the_files_of_the_first() -> None:
    person, token = make_user(), uuid4()
    submit(person, [("a.pdf", PDF)], token=token, title="")
    form = submit(person, [], token=token, title="Essai")
    assert (form.is_valid(), [file.name for file in form.waiting_files]) == (True, ["a.pdf"])


def test_a_ticked_file_is_taken_out() -> None:
    upload = make_upload()
    person: User = upload.person
    form = submit(
        person, [], token=upload.form_token, title="Essai", drop_files=str(upload.file.uuid)
    )
    assert (form.is_valid(), form.waiting_files) == (True, [])


def test_a_tick_that_is_no_identifier_is_ignored() -> None:
    upload = make_upload()
    form = submit(upload.person, [], token=upload.form_token, title="Essai", drop_files="../../x")
    assert form.waiting_files == [upload.file]


def _refused_meanwhile() -> Upload:
    """A file that a page showed as waiting, and that its check has refused since."""
    upload = make_upload(name="facture.pdf")
    StoredFile.objects.filter(pk=upload.file_id).update(
        state=FileState.REFUSED, refusal="il contient un programme."
    )
    return upload


def test_c3_a_file_refused_after_the_page_was_drawn_is_told_once_before_the_form_goes() -> None:
    upload = _refused_meanwhile()
    shown = {"title": "Essai", "awaited_files": str(upload.file_id)}
    form = submit(upload.person, [], token=upload.form_token, **shown)
    assert form.errors["uploads"] == [
        (
            "«\u00a0facture.pdf\u00a0» n’est pas joint\u00a0: il a été refusé à la vérification. "
            "Il contient un programme."
        )
    ]
    page = render_to_string("files/waiting.html", {"form": form})
    assert "envoyez de nouveau pour continuer sans lui" in page
    # The page knows now: sent again as it is, the form goes without the file.
    assert "awaited_files" not in page
    assert "Refusé, il ne sera pas joint." in page
    assert submit(upload.person, [], token=upload.form_token, title="Essai").is_valid()


def test_c3_a_refused_file_that_is_taken_out_holds_nothing() -> None:
    upload = _refused_meanwhile()
    named = {"drop_files": str(upload.file_id), "awaited_files": str(upload.file_id)}
    assert submit(upload.person, [], token=upload.form_token, title="Essai", **named).is_valid()


def test_a_broken_token_is_replaced_and_the_files_are_kept() -> None:
    person = make_user()
    form = submit(person, [("a.pdf", PDF)], token="n’importe quoi", title="Essai")
    assert form.is_valid()
    assert len(waiting(person, form.cleaned_data["form_token"])) == 1


def test_the_page_shows_the_waiting_files_and_the_reasons() -> None:
    form = submit(make_user(), [("a.pdf", PDF), ("v.exe", EXE)], token=uuid4(), title="Essai")
    page = render_to_string("files/waiting.html", {"form": form})
    assert all(
        part in page
        for part in ("Retirer", ">a.pdf</a>", "v.exe", str(form["form_token"].value()), "50")
    )


def test_a_new_form_has_a_token_of_its_own() -> None:
    tokens = {str(WaitingFilesForm()["form_token"].value()) for _form in range(3)}
    assert len(tokens) == 3


def test_the_form_shows_what_is_still_on_its_way_and_attaches_the_rest() -> None:
    person, token = make_user(), uuid4()
    sender = Sender(person, token)
    sender.patch(sender.address("en-route.pdf", 1000), 0, PDF[:20])
    sender.send("entier.pdf", PDF)
    form = submit(person, [], token=token, title="Essai")
    page = render_to_string("files/waiting.html", {"form": form})
    assert [file.name for file in form.waiting_files] == ["en-route.pdf", "entier.pdf"]
    assert "ceux qui sont arrivés en entier seront joints" in page
    assert "envoi interrompu" in page


def test_an_upload_on_its_way_is_taken_out_by_its_tick() -> None:
    person, token = make_user(), uuid4()
    Sender(person, token).address("en-route.pdf", 1000)
    file = StoredFile.objects.get()
    form = submit(person, [], token=token, title="Essai", drop_files=str(file.pk))
    assert (form.waiting_files, StoredFile.objects.count()) == ([], 0)


def test_both_limits_are_said_before_choosing(settings: Settings) -> None:
    settings.FILE_MAX_BYTES, settings.FILE_FORM_MAX_BYTES = 5 * 1024**3, 500 * 1024**2
    help_text = str(TitledForm().fields["uploads"].help_text)
    assert "5\u00a0Go chacun (sans JavaScript, 500\u00a0Mo en tout)" in help_text
