"""A domain that holds the sender up is left alone for a while, by all senders; the rest flows (N2).

The stub stalls before its answer about a recipient, by domain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import User
from notifications import operations, queries, sender
from notifications.enums import DeliveryState
from notifications.models import Delivery, SenderPause, SlowDomain
from tests.factories.accounts import make_company, make_membership, make_user
from tests.factories.notifications import declared
from tests.factories.tickets import TUESDAY_10
from tests.notifications.smtp_stub import FaultyServer

pytestmark = pytest.mark.django_db
SOON = TUESDAY_10 + timedelta(seconds=5)
MINUTE = timedelta(minutes=1)
# Longer than the stub is waited for.
STALL = 2.0


@pytest.fixture(autouse=True)
def _impatient(settings: Settings, server: FaultyServer) -> None:
    settings.SMTP_TIMEOUT = 0.5


def person(address: str) -> User:
    """A customer whose own incidents may be declared."""
    found = make_user(email=address)
    make_membership(found, make_company())
    return found


def wait_for(*addresses: str) -> None:
    """One mail each, in this order."""
    for address in addresses:
        declared(User.objects.filter(email=address).first() or person(address))


def attempts() -> dict[str, int]:
    """Of the mails that still wait."""
    queued = Delivery.objects.filter(state=DeliveryState.QUEUED)
    return dict(queued.values_list("address", "attempts"))


def stall(server: FaultyServer, *domains: str) -> None:
    server.stalls = dict.fromkeys(domains, STALL)


def test_n2_a_slow_domain_is_remembered_by_the_next_batch(server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    wait_for("c@vif.test")
    sender.deliver_pending(at=SOON + MINUTE)
    assert (server.recipients, attempts()) == (
        ["c@vif.test"],
        {"a@lent.test": 1, "b@lent.test": 0},
    )


def test_n2_two_slow_domains_with_many_mails_hold_nobody_else_up(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent{n % 2}.test" for n in range(10)), "c@vif.test")
    stall(server, "lent0.test", "lent1.test")
    sender.deliver_pending(at=SOON)
    assert (server.recipients, SenderPause.objects.exists()) == (["c@vif.test"], False)


def test_n2_the_mails_of_a_slow_domain_wait_untouched(server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    row = Delivery.objects.filter(address="b@lent.test")
    before = row.values().get()
    sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert row.values().get() == before


def test_n2_it_is_probed_with_one_mail_once_its_wait_is_over(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent.test" for n in range(5)))
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    connections = server.connections
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert (server.connections - connections, sum(attempts().values())) == (1, 2)


def test_n2_a_probe_comes_after_the_mails_of_others(server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    stall(server)
    wait_for("c@vif.test")
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert server.recipients[0] == "c@vif.test"


def test_n2_an_answer_to_the_probe_frees_the_domain(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent.test" for n in range(5)))
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    stall(server)
    sent = sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert (sent, SlowDomain.objects.exists()) == (5, False)


def test_n2_a_refusal_is_an_answer_too(server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    stall(server)
    server.at_rcpt = {f"{name}@lent.test": ["451 4.7.1 plus tard"] * 9 for name in "ab"}
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert not SlowDomain.objects.exists()


def test_n2_waits_grow_up_to_a_quarter_of_an_hour(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent.test" for n in range(9)))
    stall(server, "lent.test")
    at, waits = SOON, []
    for _probe in range(5):
        sender.deliver_pending(at=at)
        until = SlowDomain.objects.get().until
        waits.append(round((until - at) / MINUTE))
        at = until + timedelta(seconds=1)
    assert waits == [3, 6, 12, 15, 15]


def test_n2_one_sender_of_all_probes(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent.test" for n in range(5)))
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    later = SOON + 4 * MINUTE
    probes = [operations.claim_probe(at=later, is_away=False) for _sender in range(3)]
    assert [probe is not None for probe in probes] == [True, False, False]


def test_n2_a_prober_that_died_is_replaced_after_its_lease(server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    later = SOON + 4 * MINUTE
    operations.claim_probe(at=later, is_away=False)
    assert operations.claim_probe(at=later + operations.LEASE, is_away=False) is not None


def test_n2_a_slow_domain_to_which_nothing_waits_is_forgotten(server: FaultyServer) -> None:
    wait_for("a@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    Delivery.objects.update(state=DeliveryState.DROPPED, next_attempt_at=None)
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert not SlowDomain.objects.exists()


@pytest.mark.parametrize(
    ("stalled", "waiting"),
    [
        ("a@lent.test", "A@LENT.test"),
        ("a@lent.test", '"a@b"@lent.test'),
        ("a@xn--socit-esab.test", "a@société.test"),
    ],
)
def test_n2_a_domain_is_known_however_it_is_written(
    stalled: str, waiting: str, server: FaultyServer
) -> None:
    wait_for("a@vif.test")
    Delivery.objects.update(address=waiting)
    operations.stalled(address=stalled, is_probe=False, at=SOON)
    assert operations.claim(at=SOON) is None


# --- the mail server itself -----------------------------------------------------------------------


def test_n2_three_silences_in_a_row_are_the_servers(server: FaultyServer) -> None:
    wait_for(*(f"a@lent{n}.test" for n in range(5)))
    server.stall = STALL
    sender.deliver_pending(at=SOON)
    assert (sorted(attempts().values()), SenderPause.objects.exists()) == ([0, 0, 1, 1, 1], True)


def test_n2_many_slow_domains_hold_the_others_up_for_minutes_not_for_ever(
    server: FaultyServer,
) -> None:
    slow = [f"lent{n}.test" for n in range(7)]
    wait_for(*(f"{n}@{domain}" for n in range(3) for domain in slow), "c@vif.test")
    stall(server, *slow)
    for minute in range(0, 8, 2):
        sender.deliver_pending(at=SOON + MINUTE * minute)
    assert server.recipients == ["c@vif.test"]


def test_n2_a_server_that_was_silent_for_everybody_leaves_no_domain_waiting(
    server: FaultyServer,
) -> None:
    wait_for(*(f"{n}@lent{n % 4}.test" for n in range(12)))
    server.stall = STALL
    for minute in (0, 2):
        sender.deliver_pending(at=SOON + MINUTE * minute)
    server.stall = 0.0
    sender.deliver_pending(at=SOON + MINUTE * 4)
    # Those that were tried wait for their own next attempt.
    assert [number for number in attempts().values() if number == 0] == []
    assert not SlowDomain.objects.exists()


def test_n2_a_paused_sender_asks_with_a_slow_domain_when_all_are(server: FaultyServer) -> None:
    wait_for(*(f"{n}@lent{n % 3}.test" for n in range(6)))
    server.stall = STALL
    sender.deliver_pending(at=SOON)
    server.stall = 0.0
    sent = sender.deliver_pending(at=SOON + 2 * MINUTE)
    assert (sent, SlowDomain.objects.exists()) == (6, False)


def test_n2_whoever_was_silent_with_the_server_is_probed_soon_after_it_answers(
    server: FaultyServer,
) -> None:
    wait_for(*(f"{n}@{domain}.test" for n in range(2) for domain in ("vif", "lent", "calme")))
    server.stall = STALL
    sender.deliver_pending(at=SOON)
    server.stall = 0.0
    stall(server, "lent.test")
    for minutes in (2, 2.5):
        sender.deliver_pending(at=SOON + MINUTE * minutes)
    assert list(SlowDomain.objects.values_list("domain", flat=True)) == ["lent.test"]


# --- what the operator is told --------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "is_told"), [(10, False), (29, False), (32, True)])
def test_n2_mails_to_a_slow_domain_are_late_after_half_an_hour(
    minutes: int, is_told: bool, server: FaultyServer
) -> None:
    slow_since(SOON, server)
    age = queries.oldest_unsent_age(SOON + minutes * MINUTE)
    assert (age is not None) == is_told


def test_n2_they_are_late_at_once_while_the_mail_server_is_away(server: FaultyServer) -> None:
    slow_since(SOON, server)
    operations.pause(delivery=Delivery.objects.all()[0], answer="421", at=SOON)
    assert queries.oldest_unsent_age(SOON + 10 * MINUTE) is not None


def test_n2_a_mail_to_another_domain_is_late_as_ever(server: FaultyServer) -> None:
    slow_since(SOON, server)
    wait_for("c@vif.test")
    assert queries.oldest_unsent_age(TUESDAY_10 + 7 * MINUTE) == 7 * MINUTE


def slow_since(at: datetime, server: FaultyServer) -> None:
    wait_for("a@lent.test", "b@lent.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=at)


def test_n2_a_probe_that_asks_the_server_nothing_lets_another_ask_at_once(
    server: FaultyServer,
) -> None:
    wait_for(*(f"{n}@lent.test" for n in range(4)))
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    stall(server)
    User.objects.filter(email__in=["1@lent.test", "2@lent.test"]).update(is_active=False)
    sender.deliver_pending(at=SOON + 4 * MINUTE)
    assert "3@lent.test" in server.recipients


def test_n2_people_who_moved_to_a_slow_domain_do_not_pause_the_sender(
    server: FaultyServer,
) -> None:
    wait_for(*(f"{n}@vieux.test" for n in range(4)))
    for mover in User.objects.filter(email__endswith="@vieux.test"):
        mover.email = mover.email.replace("vieux", "lent")
        mover.save()
    wait_for("c@vif.test")
    stall(server, "lent.test")
    sender.deliver_pending(at=SOON)
    assert server.recipients == ["c@vif.test"]
    assert not SenderPause.objects.exists()
