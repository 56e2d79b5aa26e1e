"""What higher floors add to the pages of this one, given in their `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.safestring import SafeString

from accounts.models import User
from licences.models import Licence

IncidentsOf = Callable[[User, Licence, datetime], SafeString]

_incidents_of: list[IncidentsOf] = []


def show_incidents(render: IncidentsOf) -> None:
    """Let `render` draw the incidents of a licence, as far as the person may see them."""
    _incidents_of[:] = [render]


def incidents_of(user: User, licence: Licence, at: datetime) -> str:
    """The incidents of a licence as HTML; nothing while no floor above draws them."""
    return "".join(render(user, licence, at) for render in _incidents_of)
