"""Reading deliveries: what may leave, what is late, what an incident's mails became."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Func, Min, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.enums import StaffRole
from accounts.models import User, normalise_email
from foundation.prepared import PlannedRows
from notifications.enums import Channel, DeliveryState
from notifications.models import DeadAddress, Delivery, Reconciliation, SenderPause, SlowDomain
from tickets.enums import Act
from tickets.models import NEVER, Commitment, EventToTell, Message, Pause, Ticket, TicketEvent

# For how long the mails to a slow domain wait before anybody is told.
QUIET_WHILE_SLOW = timedelta(minutes=30)


def sendable(at: datetime) -> QuerySet[Delivery]:
    """Mails that may leave at `at`: due, held by no sender, and not before an earlier unsent
    mail of the same incident to the same person (an incident is read in its order).
    """
    earlier = Delivery.objects.filter(
        state=DeliveryState.QUEUED,
        recipient=OuterRef("recipient"),
        event__ticket=OuterRef("event__ticket"),
        event__sequence__lt=OuterRef("event__sequence"),
    )
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    return Delivery.objects.filter(
        free, ~Exists(earlier), state=DeliveryState.QUEUED, next_attempt_at__lte=at
    ).order_by("next_attempt_at", "pk")


def domain(address: Combinable) -> Lower:
    """The domain of an address in a statement, as `SlowDomain` has it."""
    return Lower(Func(address, Value("^.*@"), Value(""), function="regexp_replace"))


def is_slow(**conditions: Any) -> Exists:
    """Whether the domain of a delivery is one of the slow ones that meet the conditions."""
    return Exists(SlowDomain.objects.filter(domain=domain(OuterRef("address")), **conditions))


def number_of_slow_domains() -> int:
    """How many there are."""
    return SlowDomain.objects.count()


def why_pointless(to_tell: EventToTell) -> str:
    """Why an event that was kept for later is told no more, in French; empty for all others.

    S10: a rung found after the promise ended is recorded without mail. The same holds for a mail
    that could only leave after it; one that could leave at once does, whatever held the broker.
    """
    event = to_tell.event
    if event.act == Act.RUNG and to_tell.not_before > event.recorded_at:
        promise = Commitment.objects.filter(pk=event.facts["commitment"])
        if promise.filter(stopped_at__isnull=False).exists():
            return _("l’engagement a pris fin avant l’ouverture")
    return _overtaken(event)


def _overtaken(event: TicketEvent) -> str:
    """Whenever it would leave: an answer that was taken back is never sent (B1), nor a reminder of
    a waiting that has ended (0021).
    """
    return _why_overtaken(
        event,
        lambda message: _TAKEN_BACK.filter(pk=message).exists(),
        lambda pause: _ENDED.filter(pk=pause).exists(),
    )


def _why_overtaken(
    event: TicketEvent, is_taken_back: Callable[[int], bool], has_ended: Callable[[int], bool]
) -> str:
    if event.act == Act.MESSAGE and is_taken_back(event.facts["message"]):
        return _("la réponse a été reprise avant l’envoi")
    if event.act in _OF_A_WAIT and has_ended(event.facts["pause"]):
        return _("l’attente a pris fin avant l’envoi")
    return ""


_OF_A_WAIT = {Act.REMIND, Act.CHASE}
_TAKEN_BACK = Message.objects.filter(visible_from=NEVER)
_ENDED = Pause.objects.filter(ended_at__isnull=False)


def oldest_unsent_age(at: datetime) -> timedelta | None:
    """For how long the oldest mail has been ready to leave; None when none waits.

    A mail that a server put off, or that waits for such a one, is not late; nor is one to a domain
    that has been slow for less than half an hour, unless the mail server itself is away. Two
    queries.
    """
    quiet = is_slow(since__gt=at - QUIET_WHILE_SLOW) & ~Exists(SenderPause.objects.all())
    mail = sendable(at).exclude(quiet).aggregate(first=Min("next_attempt_at"))["first"]
    event = EventToTell.objects.filter(not_before__lte=at).aggregate(first=Min("not_before"))[
        "first"
    ]
    oldest = min((since for since in (mail, event) if since is not None), default=None)
    return at - oldest if oldest is not None else None


def deliveries_of(ticket: Ticket) -> QuerySet[Delivery]:
    """The register of an incident's mails, in the order of its events (proof: P5)."""
    return (
        Delivery.objects.filter(event__ticket=ticket)
        .select_related("event", "recipient", "carrier")
        .order_by(F("event__sequence").desc(), "address")
    )


def barred(delivery: Delivery) -> str:
    """Why this may not be sent to its person now, in French; empty when nothing forbids it (N7)."""
    return _why_barred(delivery, is_dead, _overtaken, _sees)


def barred_among(deliveries: Sequence[Delivery]) -> dict[int, str]:
    """What `barred` says of each, by its key. Four queries, however many they are."""
    addresses = {_address(row).lower() for row in deliveries}
    dead = set(DeadAddress.objects.filter(address__in=addresses).values_list("address", flat=True))
    events = [row.event for row in deliveries if row.event is not None]
    messages = [event.facts["message"] for event in events if event.act == Act.MESSAGE]
    taken_back = set(_TAKEN_BACK.filter(pk__in=messages).values_list("pk", flat=True))
    pauses = [event.facts["pause"] for event in events if event.act in _OF_A_WAIT]
    ended = set(_ENDED.filter(pk__in=pauses).values_list("pk", flat=True))
    seen = _seen(deliveries)
    return {
        row.pk: _why_barred(
            row,
            lambda address: address.lower() in dead,
            lambda event: _why_overtaken(event, taken_back.__contains__, ended.__contains__),
            lambda person, ticket: (person.pk, ticket) in seen,
        )
        for row in deliveries
    }


def _why_barred(
    delivery: Delivery,
    is_dead: Callable[[str], bool],
    overtaken: Callable[[TicketEvent], str],
    sees: Callable[[User, int], bool],
) -> str:
    event, person = delivery.event, delivery.recipient
    if person is not None and not person.is_active:
        return _("le compte n’est plus actif")
    if is_dead(_address(delivery)):
        return _("l’adresse n’existe plus, d’après son serveur")
    reason = overtaken(event) if event is not None else ""
    if event is None or reason:
        return reason
    if person is None:
        return _("plus de destinataire")
    if not sees(person, event.ticket_id):
        return _("la personne n’a plus accès à l’incident")
    return ""


def _address(delivery: Delivery) -> str:
    """Where it goes: what tells of incidents follows the person, any other mail goes where it was
    written to.
    """
    follows = delivery.event_id is not None or delivery.is_digest
    if delivery.recipient is not None and follows:
        return delivery.recipient.email
    return delivery.address


def _seen(deliveries: Sequence[Delivery]) -> set[tuple[int, int]]:
    """Of these people and incidents, who sees which: the rule itself, once per person, as one
    statement.
    """
    wanted: dict[User, set[int]] = {}
    for row in deliveries:
        if row.event is not None and row.recipient is not None:
            wanted.setdefault(row.recipient, set()).add(row.event.ticket_id)
    parts = [
        Ticket.objects.visible_to(person)
        .filter(pk__in=tickets)
        .order_by()
        .values_list(Value(person.pk), "pk")
        for person, tickets in wanted.items()
    ]
    return set(parts[0].union(*parts[1:], all=True)) if parts else set()


_OF_CUSTOMER: PlannedRows[Any] = PlannedRows(
    lambda user, ticket: Ticket.objects.visible_to(User(pk=user)).filter(pk=ticket).values("pk"),
    user=int,
    ticket=int,
)
_OF_OURS: PlannedRows[Any] = PlannedRows(
    lambda ticket: (
        Ticket.objects.visible_to(User(staff_role=StaffRole.ENGINEER))
        .filter(pk=ticket)
        .values("pk")
    ),
    ticket=int,
)


def _sees(person: User, ticket_id: int) -> bool:
    if person.is_staff:
        return bool(_OF_OURS(ticket=ticket_id))
    return bool(_OF_CUSTOMER(user=person.pk, ticket=ticket_id))


# Asked by the home and by each page of an incident: compiled and planned once.
_DEAD: PlannedRows[DeadAddress] = PlannedRows(
    lambda address: DeadAddress.objects.filter(address=address), address=str
)


def dead_address(address: str) -> DeadAddress | None:
    """What a server said of an address that is none (N8); None for all others. One query."""
    return next(iter(_DEAD(address=address.lower())), None)


def is_dead(address: str) -> bool:
    """Whether a server said that there is no such address (N8)."""
    return bool(_DEAD(address=address.lower()))


def holder_of(dead: DeadAddress) -> User | None:
    """Whose open account bears this address; None once it was corrected or closed."""
    found: User | None = User.objects.filter(
        email=normalise_email(dead.address), is_active=True
    ).first()
    return found


def told_of_failure(person: User) -> QuerySet[User]:
    """Who of ours can do something about a person's dead address: the managers, and the engineers
    of the incidents that this person has open. Never the person.
    """
    theirs = Ticket.objects.open().filter(requester=person, assignee__isnull=False)
    engineers = User.objects.engineers().filter(pk__in=theirs.values("assignee"))
    ours: QuerySet[User] = User.objects.managers() | engineers
    return ours.exclude(pk=person.pk).order_by("pk")


def number_of_dead_addresses() -> int:
    """How many there are."""
    return DeadAddress.objects.count()


def sender_pause() -> SenderPause | None:
    """The pause of the sender while the mail server is away; None when it answers."""
    return SenderPause.objects.first()


def states_by_step(ticket: Ticket) -> dict[int, dict[str, int]]:
    """How many mails of each step (by the rank of its event) stand in which state. One query.

    A step whose mails are not made yet has as many waiting as it has recipients.
    """
    rows = (
        TicketEvent.objects.filter(ticket=ticket, recipients__len__gt=0)
        .order_by("sequence")
        .values_list("sequence", "recipients", "deliveries__state")
        .annotate(number=Count("deliveries"))
    )
    found: dict[int, dict[str, int]] = {}
    for sequence, recipients, state, number in rows:
        counts = found.setdefault(sequence, {})
        if state is None:
            counts[DeliveryState.QUEUED] = len(recipients)
        else:
            counts[state] = number
    return found


def untold_of(event: TicketEvent) -> datetime | None:
    """From when the mails of this step are to be made; None once they are. One query."""
    waiting = EventToTell.objects.filter(event=event)
    return waiting.values_list("not_before", flat=True).first()


# --- the proof ------------------------------------------------------------------------------------

# Events in default that a reconciliation names; the rest show at the next one.
GAPS_NAMED = 1_000
# A night that did not come is seen the next morning.
MAX_UNPROVEN_AGE = timedelta(hours=26)

_STATES = """\
SELECT delivery.state, count(*) FROM tickets_ticketevent AS event
CROSS JOIN LATERAL unnest(event.recipients) AS person
LEFT JOIN notifications_delivery AS delivery
  ON delivery.event_id = event.id AND delivery.recipient_id = person AND delivery.channel = %s
WHERE event.id > %s AND event.id <= %s GROUP BY delivery.state"""
_MISSING = """\
SELECT DISTINCT event.id FROM tickets_ticketevent AS event
CROSS JOIN LATERAL unnest(event.recipients) AS person
WHERE event.id > %s AND event.id <= %s AND NOT EXISTS (
  SELECT FROM notifications_delivery AS delivery
  WHERE delivery.event_id = event.id AND delivery.recipient_id = person
  AND delivery.channel = %s)
ORDER BY event.id LIMIT %s"""
_UNFORESEEN = """\
SELECT count(*) FROM notifications_delivery AS delivery
JOIN tickets_ticketevent AS event ON event.id = delivery.event_id
WHERE event.id > %s AND event.id <= %s
AND (delivery.recipient_id IS NULL OR delivery.recipient_id <> ALL (event.recipients))"""


def last_reconciliation() -> Reconciliation | None:
    """The newest proof."""
    return Reconciliation.objects.order_by("-checked_at").first()


def counted_between(after: int, through: int) -> dict[str, Any]:
    """What a reconciliation of these events finds, by the names of its fields."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [Channel.EMAIL, after, through])
        counts: dict[str | None, int] = dict(cursor.fetchall())
        cursor.execute(_UNFORESEEN, [after, through])
        (unforeseen,) = cursor.fetchone()
        gaps: list[int] = []
        if counts.get(None):
            cursor.execute(_MISSING, [after, through, Channel.EMAIL, GAPS_NAMED])
            gaps = [pk for (pk,) in cursor.fetchall()]
    return {
        "expected": sum(counts.values()),
        **{state.value: counts.get(state.value, 0) for state in DeliveryState},
        "missing": counts.get(None, 0),
        "unforeseen": unforeseen,
        "gaps": gaps,
    }


def unproven_age(at: datetime) -> timedelta | None:
    """For how long mails have been made without a proof that looked at them; None: none were.

    Counted from the last proof, if later: what was still waiting to be told then is for the next.
    """
    last = last_reconciliation()
    since = last.through_event if last is not None else 0
    made = Delivery.objects.filter(event__gt=since).order_by("event")
    oldest = made.values_list("created_at", flat=True).first()
    if oldest is None:
        return None
    return at - (max(oldest, last.checked_at) if last is not None else oldest)


def failed_since(since: datetime) -> dict[str, int]:
    """How many mails made since then stand refused, and bounced. One query."""
    failed = Delivery.objects.filter(
        state__in=[DeliveryState.REFUSED, DeliveryState.BOUNCED], created_at__gte=since
    )
    rows = failed.order_by().values_list("state").annotate(number=Count("pk"))
    return dict(rows)
