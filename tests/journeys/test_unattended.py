"""§2.5 and §2.6: nobody takes charge; beat's sweep says so, and a manager reads it."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from playwright.sync_api import expect

from foundation.wording import instant, paris
from sla.enums import CommitmentKind
from tests.factories.tickets import promise
from tests.journeys.browsing import Windows
from tests.journeys.post import PostOffice, plain, text_of
from tests.journeys.scene import Scene
from tickets.enums import Act
from tickets.models import TicketEvent

# Beat sweeps every 30 seconds.
SWEEP = 90.0


def wait_for_rungs(scene: Scene, count: int) -> list[TicketEvent]:
    """The rungs of the forgotten incident, once the sweep has recorded so many."""
    deadline = time.monotonic() + SWEEP
    rungs = TicketEvent.objects.filter(ticket=scene.forgotten, act=Act.RUNG).order_by("sequence")
    while len(found := list(rungs.all())) < count:
        assert time.monotonic() < deadline, f"only {len(found)} rungs"
        time.sleep(0.2)
    return found


@pytest.mark.usefixtures("stack")
def test_s10_the_sweep_records_each_rung_once_at_its_own_instant(scene: Scene) -> None:
    rungs = wait_for_rungs(scene, 8)

    steps = Counter((rung.facts["kind"], rung.facts["percent"]) for rung in rungs)
    assert steps == {
        (kind, percent): 1 for kind in CommitmentKind for percent in (50, 75, 100, 150)
    }
    for rung in rungs:
        if rung.facts["percent"] == 100:
            row = promise(scene.forgotten, CommitmentKind(rung.facts["kind"]))
            assert rung.effective_at == row.breached_at == row.due_at


def test_s11_the_right_people_are_told(scene: Scene, post: PostOffice) -> None:
    cast, reference = scene.cast, scene.forgotten.reference
    rungs = wait_for_rungs(scene, 8)
    for engineer in (cast.ines, scene.hugo):
        post.wait(engineer, reference, "75 %", count=2, seconds=SWEEP)
        post.wait(engineer, reference, "Échéance dépassée", count=2)
    post.wait(scene.sophie, reference, "Échéance dépassée", count=2)
    post.wait(scene.sophie, reference, "Très en retard", count=2)

    due = {rung.facts["kind"]: rung for rung in rungs if rung.facts["percent"] == 100}
    missed = due[CommitmentKind.ACKNOWLEDGEMENT]
    mail = text_of(post.to(scene.sophie, reference, "Échéance dépassée (prise en charge)")[0])
    assert plain(f"s’est terminé le {instant(missed.effective_at)}") in mail
    assert post.to(scene.sophie, reference, "75 %") == []
    assert [str(mail["Subject"]) for mail in post.to(cast.charlie, reference)] == [
        str(post.wait(cast.charlie, reference, "Bien reçu")["Subject"])
    ]


def test_a_manager_reads_the_miss_and_its_ledger(
    windows: Windows, scene: Scene, width: int
) -> None:
    wait_for_rungs(scene, 8)
    row = promise(scene.forgotten, CommitmentKind.ACKNOWLEDGEMENT)
    assert row.breached_at is not None
    page = windows.of(scene.cast.marc).open("/admin/", width=width)
    page.get_by_role("link", name="Pilotage").click()
    # The miss belongs to the month in which it was missed, which may be the last one.
    page.get_by_label("Mois").select_option(f"{paris(row.breached_at):%Y-%m}")
    page.get_by_role("button", name="Afficher").click()
    # Two at least: what other journeys left open on the same scene may be late as well.
    late = page.locator(".kpi").filter(has_text="Dépassés")
    expect(late).to_have_text(re.compile(r"Dépassés\D*([2-9]|\d\d+)"))
    expect(page.locator(".report-total")).to_contain_text("sur")

    missed = page.get_by_role("row").filter(has_text="Personne ne s’en occupe")
    line = missed.filter(has_text="Prise en charge")
    expect(line).to_contain_text("pas encore")
    line.get_by_role("link", name="Décompte").click()
    ledger = page.locator(f"#engagement-{row.pk}")
    expect(ledger).to_be_in_viewport()
    expect(ledger).to_contain_text("compté")
