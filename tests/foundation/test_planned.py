"""Statements that PostgreSQL plans once per connection give what they gave before."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.enums import CompanyRole
from accounts.models import Company, Membership, User
from foundation.planned import PlannedSQL, insert
from foundation.prepared import PlannedRows
from tests.factories.accounts import make_company, make_membership, make_user

NAME = "SELECT name, %(since)s::date, 'a%%' FROM accounts_company WHERE id = %(company)s"


def plans() -> list[str]:
    """The statements that this connection keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.django_db
def test_rows_for_each_call_with_parameters_by_name() -> None:
    ask = PlannedSQL(NAME)
    for company in (make_company(), make_company()):
        rows = ask.rows(company=company.pk, since=date(2026, 9, 15))
        assert rows == [(company.name, date(2026, 9, 15), "a%")]


@pytest.mark.django_db
def test_a_name_used_twice_is_given_once() -> None:
    assert PlannedSQL("SELECT %(n)s::int + %(n)s::int").rows(n=4) == [(8,)]


@pytest.mark.django_db
def test_a_statement_without_parameters() -> None:
    assert PlannedSQL("SELECT 1").rows() == [(1,)]


@pytest.mark.django_db
def test_a_connection_learns_a_statement_once() -> None:
    ask = PlannedSQL("SELECT 'learnt once', %(n)s::int")
    for number in range(3):
        ask.rows(n=number)
    assert sum("'learnt once'" in statement for statement in plans()) == 1


def test_a_new_connection_learns_it_again(committed_db: str) -> None:
    ask = PlannedSQL("SELECT 5")
    ask.rows()
    connection.close()
    assert ask.rows() == [(5,)]


@pytest.mark.django_db
def test_a_statement_outlives_the_transaction_that_first_asked_it() -> None:
    ask = PlannedSQL("SELECT 6 / %(n)s::int")
    with pytest.raises(DatabaseError), transaction.atomic():
        ask.rows(n=0)
    assert ask.rows(n=1) == [(6,)]


@pytest.mark.django_db
def test_a_statement_that_is_wrong_fails_as_any_other() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        PlannedSQL("SELECT nothing FROM nowhere").rows()


@pytest.mark.django_db
def test_rows_are_those_of_the_queryset() -> None:
    membership = make_membership(make_user(), make_company())
    found = Membership.objects.select_related("company")
    ask = PlannedRows(lambda user: found.filter(user=user, is_active=True), user=int)
    # Beyond the fifth time PostgreSQL may have kept one plan for all values.
    for user in [membership.user_id, 0] * 4:
        assert ask(user=user) == list(found.filter(user=user, is_active=True))
    assert ask(user=membership.user_id)[0].company == membership.company


def membership_of(user: User, company: Company) -> Membership:
    return Membership(user=user, company=company, role=CompanyRole.CONTACT)


@pytest.mark.django_db
def test_a_row_is_inserted_as_save_would_and_gets_its_key() -> None:
    row = membership_of(make_user(), make_company())
    insert(row)
    found = Membership.objects.get(pk=row.pk)
    assert {name: getattr(found, name) for name in vars(row) if not name.startswith("_")} == {
        name: value for name, value in vars(row).items() if not name.startswith("_")
    }
    row.save()
    assert Membership.objects.filter(user=row.user).count() == 1


@pytest.mark.django_db
def test_several_rows_get_their_keys_in_their_order() -> None:
    company = make_company()
    rows = [membership_of(make_user(), company) for _number in range(3)]
    insert(*rows)
    found = Membership.objects.filter(company=company).order_by("pk")
    assert [(row.pk, row.user_id) for row in found] == [(row.pk, row.user_id) for row in rows]


@pytest.mark.django_db
def test_a_row_may_come_with_its_key_and_is_refused_twice() -> None:
    row = Company(pk=987_654, name="Acier & Fils", agency=make_company().agency)
    insert(row)
    assert Company.objects.get(pk=987_654).name == "Acier & Fils"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(row)
