"""Prepared queries: the rows of the queryset, for each call's values, compiled once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Thread

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F, Func, IntegerField, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from foundation.prepared import Prepared
from licences.enums import LicenceKind
from licences.models import Licence
from tests.factories.accounts import make_company, make_membership, make_user
from tests.factories.licences import make_licence

AT = datetime(2026, 9, 15, 8, tzinfo=UTC)


def memberships(user: int) -> QuerySet[Membership]:
    found = Membership.objects.filter(user=user, is_active=True, company__is_active=True)
    return found.annotate(town=F("company__name")).select_related("company").order_by("town")


def new() -> Membership:
    """Somebody new in a company of their own."""
    return make_membership(make_user(), make_company())


@pytest.mark.django_db
def test_rows_are_those_of_the_queryset_for_each_value() -> None:
    one, two = new(), new()
    make_membership(one.user, make_company())
    ask = Prepared(memberships, user=int)
    for person in (one.user, two.user, one.user):
        assert ask(user=person.pk) == list(memberships(person.pk))


@pytest.mark.django_db
def test_what_is_joined_or_annotated_costs_no_further_query() -> None:
    membership = new()
    ask = Prepared(memberships, user=int)
    with CaptureQueriesContext(connection) as captured:
        (found,) = ask(user=membership.user_id)
        assert (found.company, vars(found)["town"]) == (membership.company, found.company.name)
    assert len(captured) == 1


@pytest.mark.django_db
def test_prefetched_rows_come_with_them() -> None:
    membership = new()
    ask = Prepared(
        lambda pk: User.objects.filter(pk=pk).prefetch_related("memberships"),
        pk=int,
    )
    (person,) = ask(pk=membership.user_id)
    with CaptureQueriesContext(connection) as captured:
        assert list(person.memberships.all()) == [membership]
    assert len(captured) == 0


@pytest.mark.django_db
def test_a4_nothing_of_an_answer_is_kept() -> None:
    membership = new()
    ask = Prepared(memberships, user=int)
    assert ask(user=membership.user_id) == [membership]
    Membership.objects.update(is_active=False)
    assert ask(user=membership.user_id) == []


@pytest.mark.django_db
def test_values_of_several_types_go_where_they_belong() -> None:
    Session.objects.create(session_key="kept", session_data="", expire_date=AT)
    ask = Prepared(
        lambda at, key: Session.objects.filter(session_key=key, expire_date__gte=at),
        at=datetime,
        key=str,
    )
    assert [row.session_key for row in ask(key="kept", at=AT)] == ["kept"]
    assert ask(key="other", at=AT) == []


@pytest.mark.django_db
def test_a_choice_and_a_day_are_values_too() -> None:
    licence = make_licence(make_company(), starts_on=AT.date())
    ask = Prepared(
        lambda kind, day: Licence.objects.filter(kind=kind, starts_on=day),
        kind=LicenceKind,
        day=date,
    )
    assert ask(kind=LicenceKind(licence.kind), day=AT.date()) == [licence]


@pytest.mark.django_db
def test_d1_a_value_is_a_parameter_whatever_it_says() -> None:
    make_user(email="somebody@demo.example")
    ask = Prepared(lambda email: User.objects.filter(email=email), email=str)
    assert ask(email="' OR '1'='1") == []


def test_a_value_that_the_statement_swallows_is_a_fault() -> None:
    ask = Prepared(lambda limit: User.objects.order_by("pk")[:limit], limit=int)
    with pytest.raises(ValueError, match="limit"):
        ask(limit=3)


@pytest.mark.django_db
def test_each_thread_asks_on_its_own_connection() -> None:
    backend = Func(function="pg_backend_pid", output_field=IntegerField())
    ask = Prepared(
        lambda app: ContentType.objects.filter(app_label=app).annotate(pid=backend), app=str
    )

    def pid() -> None:
        found.add(vars(ask(app="accounts")[0])["pid"])
        connection.close()

    found: set[int] = set()
    thread = Thread(target=pid)
    thread.start()
    thread.join()
    found.add(vars(ask(app="accounts")[0])["pid"])
    assert len(found) == 2
