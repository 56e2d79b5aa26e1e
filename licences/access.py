"""The only way a view reaches a licence or a patch's file. Absent and foreign: the same 404."""

from __future__ import annotations

import logging

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from files.models import StoredFile
from licences.models import Licence, Patch

logger = logging.getLogger(__name__)


def get_licence(user: User, licence_id: int) -> Licence:
    """The licence with what its page shows. Raises Http404 (A1)."""
    licence = (
        Licence.objects.visible_to(user)
        .select_related("company", "site", "product")
        .filter(pk=licence_id)
        .first()
    )
    if licence is None:
        logger.info("licence_not_reachable", extra={"user": user.pk})
        raise Http404("No such licence.")
    return licence


def may_read_patch(person: AbstractBaseUser, file: StoredFile) -> bool:
    """Rights on the file of a patch, as they are at this click (A7); asked by `files.rights`."""
    if not isinstance(person, User):
        return False
    # The edge of a download is here: `files` asks its owners without an instant.
    return Patch.objects.visible_to(person, timezone.now()).filter(file=file).exists()
