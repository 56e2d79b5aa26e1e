"""Line 3 of issue 4: files leave at once, go on after a cut, and the form waits for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import FileChooser, Page, expect

from tests.factories.accounts import PASSWORD
from tests.factories.cast import Cast
from tests.factories.files import PDF, PNG
from tests.journeys.browsing import Scheme, Windows, overflow, violations
from tests.journeys.scene import Scene
from tests.journeys.test_conversation import in_progress
from tests.journeys.test_declare import fill_declaration
from tests.journeys.test_declare_otherwise import tab_to
from tests.journeys.uploading import (
    MIB,
    Gate,
    choose,
    forget_cuts,
    line,
    model,
    payload,
    says,
)
from tickets.models import Attachment, Message, Ticket

DECLARE = "/incidents/declarer/"
# With a capital when it stands alone on the line.
PROGRAM = "l contient un programme"
CHECKED = "vérifié : il sera joint"
# A wake-up may be lost; beat looks every 30 s.
AT_MOST = 45_000  # ms
SEND = "Envoyer l’incident"


@pytest.fixture
def width() -> int:
    """A phone: what is tried here is the same at any width, and takes its time."""
    return 360


@pytest.fixture
def page(windows: Windows, cast: Cast, width: int) -> Page:
    """A declaration of Alice's, blank."""
    return windows.of(cast.alice).open(DECLARE, width=width)


def attached(title: str) -> list[str]:
    """The names of the files of an incident."""
    found = Attachment.objects.filter(message__ticket__title=title)
    return sorted(found.values_list("file__name", flat=True))


def send(page: Page) -> None:
    page.get_by_role("button", name=SEND).click()


def drop(page: Page, target: str, name: str, content: str) -> None:
    """A file let fall on an element, as a browser tells it."""
    data = page.evaluate_handle(
        """([name, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([content], name));
          return data;
        }""",
        [name, content],
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event(target, kind, {"dataTransfer": data})


# --- choosing ------------------------------------------------------------------------------------


def test_the_limits_are_read_before_choosing(page: Page, width: int) -> None:
    field = page.locator("[data-uploads] input[type=file]")
    help_text = page.locator(f"#{field.get_attribute('aria-describedby')}")
    expect(help_text).to_contain_text("10 fichiers au plus, 5 Go chacun")
    expect(help_text).to_contain_text("RVT")
    accepted = (field.get_attribute("accept") or "").split(",")
    assert {"image/jpeg", ".rvt", ".pdf"} <= set(accepted)


def test_a_large_file_goes_in_pieces_with_its_progress_and_is_attached(
    page: Page, tmp_path: Path, width: int
) -> None:
    title = f"Maquette en morceaux {width}"
    gate = Gate(page, passes=1)
    fill_declaration(page, title)
    choose(page, model(tmp_path))
    gate.wait()
    expect(says(page, "maquette.rvt")).to_contain_text("33 %")
    expect(says(page, "maquette.rvt")).to_contain_text("1 Mo sur 3,1 Mo")
    expect(line(page, "maquette.rvt").get_by_role("progressbar")).to_have_attribute("value", "33")
    gate.open()
    expect(says(page, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    assert gate.offsets == sorted(set(gate.offsets))
    page.get_by_role("button", name=SEND).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".thread")).to_contain_text("maquette.rvt")
    assert (Ticket.objects.filter(title=title).count(), attached(title)) == (1, ["maquette.rvt"])


def test_a_file_dropped_on_the_form_is_sent(page: Page, width: int) -> None:
    drop(page, "[data-part=drop]", "journal.txt", "une ligne\n")
    expect(says(page, "journal.txt")).to_contain_text(CHECKED, timeout=AT_MOST)


def test_a_file_dropped_beside_the_form_changes_nothing(page: Page, width: int) -> None:
    fill_declaration(page, "Je vise mal")
    drop(page, "header", "journal.txt", "une ligne\n")
    expect(page.get_by_label("Le problème en une phrase")).to_have_value("Je vise mal")
    expect(page.locator(".upload")).to_have_count(0)


PASTE = """([target, kinds]) => {
  const data = new DataTransfer();
  for (const [kind, text] of Object.entries(kinds)) {
    if (kind.startsWith("image/")) {
      data.items.add(new File([Uint8Array.from(text)], "image.png", { type: kind }));
    } else data.setData(kind, text);
  }
  const told = { clipboardData: data, bubbles: true, cancelable: true };
  const event = new ClipboardEvent("paste", told);
  return !document.querySelector(target).dispatchEvent(event);
}"""


def test_a_pasted_screenshot_gets_a_name_of_its_own(page: Page, width: int) -> None:
    for _time in range(2):
        assert page.evaluate(PASTE, ["textarea[name=body]", {"image/png": list(PNG)}])
    names = page.locator(".upload .file-name")
    stamp = r"capture-\d{4}-\d\d-\d\d-\d\d-\d\d"
    # The second has a number, unless a minute began in between.
    expect(names).to_have_text([re.compile(rf"{stamp}\.png"), re.compile(rf"{stamp}(-2)?\.png")])
    assert len(set(names.all_inner_texts())) == 2


def test_a_paste_from_a_spreadsheet_stays_text(page: Page, width: int) -> None:
    kinds = {"text/plain": "12 h 30", "text/html": "<td>12 h 30</td>", "image/png": [1]}
    assert not page.evaluate(PASTE, ["textarea[name=body]", kinds])
    expect(page.locator(".upload")).to_have_count(0)


def test_c3_a_bad_file_is_refused_at_once_and_the_others_go_on(page: Page, width: int) -> None:
    fill_declaration(page, "Avec un mauvais fichier")
    choose(
        page,
        payload("virus.exe", b"MZ" + b"\0" * 99),
        payload("plan.pdf", PDF),
        payload("vide.txt", b""),
    )
    expect(says(page, "virus.exe")).to_contain_text("ce type de fichier n’est pas accepté")
    expect(says(page, "virus.exe")).to_contain_text("archive ZIP")
    expect(says(page, "vide.txt")).to_contain_text("est vide")
    expect(says(page, "plan.pdf")).to_contain_text(CHECKED, timeout=AT_MOST)
    expect(page.get_by_label("Ce qui se passe")).to_have_value(re.compile("plus rien"))
    page.get_by_role("button", name="Retirer virus.exe").click()
    expect(line(page, "virus.exe")).to_have_count(0)


def test_c3_a_refused_file_is_never_left_out_in_silence(page: Page, width: int) -> None:
    title = f"Sans le fichier refusé {width}"
    fill_declaration(page, title)
    choose(page, payload("virus.exe", b"MZ" + b"\0" * 99))
    expect(line(page, "virus.exe")).to_have_attribute("data-state", "refused")
    asked = page.locator("[data-part=hold]")
    page.get_by_role("button", name=SEND).click()
    expect(asked).to_contain_text("Rien n’est encore envoyé : ce fichier ne sera pas joint.")
    expect(asked).to_contain_text("« virus.exe » : ce type de fichier n’est pas accepté")
    expect(asked).to_be_focused()

    # Taken out by hand, it sends nothing by itself: another may be chosen first.
    page.get_by_role("button", name="Retirer virus.exe").click()
    expect(asked).to_be_hidden()
    choose(page, payload("encore.exe", b"MZ" + b"\0" * 99), payload("vide.txt", b""))
    page.get_by_role("button", name=SEND).click()
    expect(asked).to_contain_text("2 fichiers ne seront pas joints : « encore.exe », « vide.txt ».")
    assert not Ticket.objects.filter(title=title).exists()
    expect(page.get_by_label("Ce qui se passe")).to_have_value(re.compile("plus rien"))
    page.wait_for_timeout(800)  # longer than a double click
    page.get_by_role("button", name="Envoyer sans ce qui est refusé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_c3_what_only_the_server_sees_is_refused_with_its_sentence(page: Page, width: int) -> None:
    choose(page, payload("facture.pdf", b"MZ" + b"\0" * 99))
    expect(line(page, "facture.pdf")).to_have_attribute("data-state", "refused")
    expect(says(page, "facture.pdf")).to_contain_text(PROGRAM)
    page.reload()
    expect(says(page, "facture.pdf")).to_contain_text(PROGRAM)


def test_c5_a_file_too_big_is_refused_at_once(page: Page, width: int) -> None:
    page.locator("[data-uploads]").evaluate("(box) => { box.dataset.maxBytes = 1000 }")
    choose(page, payload("gros.txt", b"x" * 1001))
    expect(says(page, "gros.txt")).to_contain_text("dépasse la taille permise (5 Go par fichier)")


def test_c6_one_file_too_many_is_refused_the_ten_first_are_kept(page: Page, width: int) -> None:
    choose(page, *(payload(f"page-{number}.txt", b"une ligne\n") for number in range(11)))
    # A wake-up of the worker may be lost without harm: the sweep comes within the minute.
    expect(page.locator(".upload[data-state=available]")).to_have_count(10, timeout=90_000)
    expect(says(page, "page-10.txt")).to_contain_text("10 fichiers au plus")


def test_the_same_file_chosen_twice_is_sent_once(page: Page, width: int) -> None:
    for _time in range(2):
        choose(page, payload("plan.pdf", PDF))
    expect(page.locator("[data-part=note]")).to_contain_text("est déjà dans la liste")
    expect(page.locator(".upload")).to_have_count(1)


# --- pausing, losing the connection, coming back --------------------------------------------------


def test_c5_paused_then_resumed_where_it_was(page: Page, tmp_path: Path, width: int) -> None:
    gate = Gate(page)
    choose(page, model(tmp_path))
    gate.wait()
    page.get_by_role("button", name="Pause maquette.rvt").click()
    expect(says(page, "maquette.rvt")).to_contain_text("En pause à 33 %")
    resume = page.get_by_role("button", name="Reprendre maquette.rvt")
    expect(resume).to_be_focused()
    gate.open()
    resume.click()
    expect(says(page, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    assert gate.offsets.count(0) == 1


def test_c5_a_cut_connection_says_so_and_goes_on_by_itself(
    windows: Windows, page: Page, tmp_path: Path, width: int
) -> None:
    gate = Gate(page)
    choose(page, model(tmp_path))
    gate.wait()
    gate.cut()
    lost = "Connexion perdue : reprise automatique dès son retour."
    expect(says(page, "maquette.rvt")).to_have_text(lost)
    gate.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(says(page, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    assert gate.offsets.count(0) == 1
    assert gate.offsets == sorted(gate.offsets)
    forget_cuts(windows)


def test_c5_a_closed_page_finds_its_file_again_and_goes_on(
    windows: Windows, page: Page, tmp_path: Path, width: int
) -> None:
    file = model(tmp_path)
    gate = Gate(page)
    choose(page, file)
    gate.wait()
    gate.cut()
    address, state = page.url, page.context.storage_state()
    page.close()

    window = windows.new(width=width, storage_state=state)
    again = window.open(address, width=width)
    expect(says(again, "maquette.rvt")).to_contain_text(
        "Envoi interrompu à 33 % : choisissez de nouveau ce fichier, il reprendra là où il en "
        "était."
    )
    gate = Gate(again, passes=9)
    with again.expect_file_chooser() as chooser:
        again.get_by_role("button", name="Choisir de nouveau maquette.rvt").click()
    chooser.value.set_files(file)
    expect(says(again, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    assert gate.offsets[0] == MIB
    expect(again.locator(".upload")).to_have_count(1)
    forget_cuts(windows)


def test_c5_another_file_of_the_same_name_is_a_new_one(
    page: Page, tmp_path: Path, width: int
) -> None:
    gate = Gate(page)
    choose(page, model(tmp_path))
    gate.wait()
    page.reload()
    expect(says(page, "maquette.rvt")).to_contain_text("Envoi interrompu")
    page.unroute_all()
    gate = Gate(page, passes=9)
    choose(page, model(tmp_path))
    expect(page.locator(".upload[data-state=available]")).to_have_count(1)
    expect(page.locator(".upload[data-state=interrupted]")).to_have_count(1)
    assert gate.offsets[0] == 0


def test_c5_the_blank_form_says_that_an_earlier_one_waits(
    windows: Windows, page: Page, tmp_path: Path, width: int
) -> None:
    gate = Gate(page)
    choose(page, model(tmp_path, f"Halle {width}.rvt"))
    gate.wait()
    gate.cut()
    page.close()
    again = page.context.new_page()
    again.goto(DECLARE)
    expect(again.locator("[data-part=recall]")).to_contain_text("Un envoi précédent vous attend")
    again.get_by_role("link", name=f"Halle {width}.rvt").click()
    expect(says(again, f"Halle {width}.rvt")).to_contain_text("Envoi interrompu à 33 %")
    forget_cuts(windows)


def test_c5_leaving_warns_only_while_a_file_is_on_its_way(
    page: Page, tmp_path: Path, width: int
) -> None:
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    gate = Gate(page)
    page.get_by_label("Le problème en une phrase").click()
    choose(page, model(tmp_path))
    gate.wait()
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert (asked, page.is_closed()) == (["beforeunload"], False)
    gate.open()
    expect(says(page, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    page.goto(DECLARE)
    assert asked == ["beforeunload"]


# --- the form waits for its files -----------------------------------------------------------------


def test_a_form_sent_too_early_waits_and_goes_by_itself(
    page: Page, tmp_path: Path, width: int
) -> None:
    title = f"Envoyé trop tôt {width}"
    gate = Gate(page)
    fill_declaration(page, title)
    choose(page, model(tmp_path))
    gate.wait()
    page.get_by_role("button", name=SEND).dblclick()
    held = page.locator("[data-part=hold]")
    expect(held).to_be_focused()
    expect(held).to_contain_text("1 fichier est encore en cours d’envoi")
    expect(held).to_contain_text("Le formulaire partira de lui-même")
    assert not Ticket.objects.filter(title=title).exists()
    gate.open()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert (Ticket.objects.filter(title=title).count(), attached(title)) == (1, ["maquette.rvt"])


def test_a_form_can_leave_without_the_files_that_are_not_there(
    page: Page, tmp_path: Path, width: int
) -> None:
    title = f"Sans attendre {width}"
    gate = Gate(page, passes=2)
    fill_declaration(page, title)
    choose(page, payload("plan.pdf", PDF))
    expect(says(page, "plan.pdf")).to_contain_text(CHECKED, timeout=AT_MOST)
    choose(page, model(tmp_path))
    gate.wait(3)
    send(page)
    expect(page.locator("[data-part=hold]")).to_be_focused()
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Envoyer sans attendre ces fichiers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert attached(title) == ["plan.pdf"]


def test_a_paused_file_is_never_left_behind_silently(
    page: Page, tmp_path: Path, width: int
) -> None:
    title = f"En pause {width}"
    gate = Gate(page)
    fill_declaration(page, title)
    choose(page, model(tmp_path))
    gate.wait()
    page.get_by_role("button", name="Pause maquette.rvt").click()
    send(page)
    held = page.locator("[data-part=hold]")
    expect(held).to_contain_text("1 fichier n’est pas arrivé en entier")
    page.get_by_role("button", name="Ne pas envoyer pour l’instant").click()
    expect(held).to_be_hidden()
    page.get_by_role("button", name="Retirer maquette.rvt").click()
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert attached(title) == []


def test_c3_a_refusal_during_the_wait_stops_the_form(
    page: Page, tmp_path: Path, width: int
) -> None:
    gate = Gate(page, passes=0)
    fill_declaration(page, f"Refusé en route {width}")
    choose(page, payload("facture.pdf", b"MZ" + b"\0" * 99))
    gate.wait(1)
    send(page)
    gate.open()
    expect(page.locator("[data-part=hold]")).to_contain_text("Rien n’est encore envoyé")
    expect(says(page, "facture.pdf")).to_contain_text(PROGRAM)
    expect(page.get_by_label("Ce qui se passe")).to_have_value(re.compile("plus rien"))


def test_other_scripts_are_told_what_is_on_its_way(page: Page, tmp_path: Path, width: int) -> None:
    page.evaluate(
        """() => document.addEventListener("portal:uploads", (event) => {
          window.told = [event.target.matches("form.declare"), event.detail];
        })"""
    )
    gate = Gate(page)
    choose(page, model(tmp_path))
    gate.wait()
    assert page.evaluate("told") == [True, {"busy": True, "count": 1}]
    page.get_by_role("button", name="Pause maquette.rvt").click()
    assert page.evaluate("told") == [True, {"busy": False, "count": 1}]
    gate.open()


def test_a_session_that_ends_pauses_the_files_and_they_go_on_after_signing_in(
    windows: Windows, cast: Cast, tmp_path: Path, width: int
) -> None:
    window = windows.new(width=width)
    window.come_in(cast.bob.email)
    page = window.open(DECLARE, width=width)
    title = f"Session finie en route {width}"
    gate = Gate(page)
    fill_declaration(page, title)
    choose(page, model(tmp_path))
    gate.wait()
    window.context.clear_cookies(name=re.compile("session"))
    gate.open()
    told = page.locator("[data-part=signed-out]")
    expect(told).to_contain_text("Votre session a pris fin")
    with window.context.expect_page() as opened:
        told.get_by_role("link", name="Reconnectez-vous dans un autre onglet").click()
    beside = opened.value
    beside.get_by_label("Adresse e-mail").fill(cast.bob.email)
    beside.get_by_label("Mot de passe").fill(PASSWORD)
    beside.get_by_role("button", name="Se connecter").click()
    expect(beside).not_to_have_url(re.compile("/connexion/"))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(says(page, "maquette.rvt")).to_contain_text(CHECKED, timeout=AT_MOST)
    expect(told).to_be_hidden()
    assert gate.offsets.count(0) == 1
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert attached(title) == ["maquette.rvt"]


# --- everybody, everywhere ------------------------------------------------------------------------


def test_files_with_the_keyboard_alone(page: Page, tmp_path: Path, width: int) -> None:
    gate, choosers = Gate(page), list[FileChooser]()

    def keep(chooser: FileChooser) -> None:
        choosers.append(chooser)

    page.on("filechooser", keep)
    page.locator("textarea[name=body]").focus()
    tab_to(page, "[data-uploads] input[type=file]")
    page.keyboard.press("Enter")
    for _tick in range(400):
        if choosers:
            break
        page.wait_for_timeout(50)
    choosers[0].set_files(model(tmp_path))
    gate.wait()
    tab_to(page, "[data-part=pause]")
    page.keyboard.press("Enter")
    expect(says(page, "maquette.rvt")).to_contain_text("En pause")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".upload")).to_have_count(0)
    expect(page.locator("[data-uploads] input[type=file]")).to_be_focused()


def test_starts_arrivals_and_refusals_are_read_out(page: Page, width: int) -> None:
    choose(page, payload("plan.pdf", PDF), payload("virus.exe", b"MZ"))
    expect(says(page, "plan.pdf")).to_contain_text(CHECKED, timeout=AT_MOST)
    log = page.get_by_role("log")
    expect(log.locator("p")).to_have_text(
        [
            "plan.pdf : envoi en cours",
            re.compile("Fichier refusé. «\u00a0virus.exe"),
            "plan.pdf : reçu en entier",
            "plan.pdf : vérifié",
        ]
    )


def test_axe_finds_nothing_in_any_state(windows: Windows, page: Page, tmp_path: Path) -> None:
    gate = Gate(page)
    choose(page, model(tmp_path, "interrompue.rvt"))
    gate.wait()
    page.reload()
    choose(page, payload("plan.pdf", PDF), payload("virus.exe", b"MZ"))
    expect(says(page, "plan.pdf")).to_contain_text("sur 35 octets")
    choose(page, model(tmp_path, "en-route.rvt"), model(tmp_path, "en-pause.rvt"))
    page.get_by_role("button", name="Pause en-pause.rvt").click()
    send(page)
    expect(page.locator("[data-part=hold]")).to_be_visible()
    found = windows.faults()
    schemes: tuple[tuple[int, Scheme], ...] = ((360, "dark"), (1280, "light"))
    for here, scheme in schemes:
        page.set_viewport_size({"width": here, "height": 900})
        found += [f"too wide at {here}"] if overflow(page) > 0 else []
        found += violations(page, scheme)
    windows.faults()
    assert found == []


def test_a_reply_takes_a_screenshot_and_shows_it(
    windows: Windows, cast: Cast, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Avec une capture ({width})")
    page = windows.of(cast.alice).open(ticket.get_absolute_url(), width=width)
    page.get_by_label("Votre message").fill("Voici l’écran.")
    assert page.evaluate(PASTE, ["#repondre textarea", {"image/png": list(PNG)}])
    expect(page.locator(".upload[data-state=available]")).to_have_count(1)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    name = re.compile(r"Aperçu de capture-\d{4}.*\.png")
    seen = page.locator(".thread").get_by_role("link", name=name)
    with page.context.expect_page() as opened:
        seen.click()
    expect(opened.value).to_have_url(re.compile(r"/fichiers/[0-9a-f-]{36}/apercu/$"))


def test_c3_the_desks_answer_takes_files_the_same_way(
    windows: Windows, scene: Scene, width: int
) -> None:
    ticket = in_progress(scene, f"Fichier du support ({width})")
    page = windows.of(scene.cast.ines).open(f"/admin/incidents/{ticket.reference}/", width=width)
    form = page.locator("form.write-reply")
    form.get_by_role("textbox").first.fill("Voici la marche à suivre.")
    form.locator("input[type=file]").set_input_files([payload("marche.pdf", PDF)])
    expect(form.locator("[data-part=says]").first).to_contain_text(CHECKED, timeout=AT_MOST)
    form.get_by_role("button", name="Envoyer au client").click()
    expect(page.locator(".desk-messages")).to_contain_text("le client la verra dans")
    message = Message.objects.get(ticket=ticket, body="Voici la marche à suivre.")
    assert [row.file.name for row in message.attachments.all()] == ["marche.pdf"]


def test_c3_without_javascript_the_plain_field_goes_on(
    windows: Windows, cast: Cast, width: int
) -> None:
    window = windows.new(javascript=False, width=width)
    window.come_in(cast.bob.email)
    page = window.open(DECLARE, width=width)
    title = f"Champ simple {width}"
    fill_declaration(page, title)
    limits = page.locator(".drop .form-text")
    expect(limits).to_contain_text("Sans JavaScript, 500 Mo en tout", use_inner_text=True)
    expect(page.locator(".drop-choose")).to_be_hidden()
    page.locator("input[type=file]").set_input_files(
        [payload("plan.pdf", PDF), payload("virus.exe", b"MZ" + b"\0" * 99)]
    )
    send(page)
    # Beside the field: a <template> of the page holds the same words for its scripts.
    fault = page.locator(".files-field .invalid-feedback")
    expect(fault).to_contain_text(re.compile("virus.exe.*ce type de fichier n’est pas accepté"))
    expect(page.locator(".files-waiting")).to_contain_text("plan.pdf")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert attached(title) == ["plan.pdf"]
