"""`manage.py load_demo` never mixes the story with somebody's data."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from accounts.models import Company
from portal.demo.management.commands.load_demo import Command
from tests.factories.accounts import make_company, make_user

pytestmark = pytest.mark.django_db


def test_a_base_with_other_people_is_left_alone() -> None:
    make_user()
    make_company(name="Une vraie société")
    with pytest.raises(CommandError, match="autres données"):
        Command().handle()
    assert list(Company.objects.values_list("name", flat=True)) == ["Une vraie société"]
