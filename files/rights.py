"""Who may read a file: owners say so, each for its own (C7).

This floor knows no rights. An owner (an attachment, a patch) registers one function in its
`AppConfig.ready`; a file is readable when one of them says yes. Asked at every click.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from files.enums import FileState
from files.models import StoredFile, Upload

# The person is an `accounts.User`, a name of a higher floor.
Rule = Callable[[Any, StoredFile], bool]

_rules: dict[str, Rule] = {}


def register(owner: str, rule: Rule) -> None:
    """Let `owner` (« tickets.attachment ») answer for its files; the same owner replaces itself."""
    _rules[owner] = rule


def may_read(person: AbstractBaseUser, file: StoredFile) -> bool:
    """Whether this person may take this file now."""
    if file.state != FileState.AVAILABLE or not person.is_active:
        return False
    return _is_own_upload(person, file) or any(rule(person, file) for rule in _rules.values())


def _is_own_upload(person: AbstractBaseUser, file: StoredFile) -> bool:
    return Upload.objects.filter(file=file, person_id=person.pk, claimed_at__isnull=True).exists()
