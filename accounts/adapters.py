"""How allauth behaves here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no stubs
    """Sign-up is closed: accounts are made by staff or by a company's manager."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
