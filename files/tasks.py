"""What beat runs, and what a page wakes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from files import operations

# Seconds: sum, antivirus and a distant storage for the largest files. Past it the sweep goes on.
_LONGEST_CHECK = 2 * 3600


@shared_task(name="files.purge_uploads")
def purge_uploads(**kwargs: Any) -> None:
    """Remove files that no form claimed within a day (C6). Takes arguments of later versions."""
    operations.purge_uploads(at=timezone.now())


# Acknowledged at once: the row is the order, and a check may last longer than the broker waits
# before it gives a task to somebody else.
@shared_task(
    name="files.check_file",
    acks_late=False,
    time_limit=_LONGEST_CHECK,
    soft_time_limit=_LONGEST_CHECK - 60,
)
def check_file(file: str, **kwargs: Any) -> None:
    """Check one file that has just become whole."""
    # What is held was logged, and the sweep takes it up again.
    with suppress(operations.Held):
        operations.check_file(file=UUID(file), at=timezone.now())


@shared_task(
    name="files.check_pending",
    acks_late=False,
    time_limit=_LONGEST_CHECK,
    soft_time_limit=_LONGEST_CHECK - 60,
)
def check_pending(**kwargs: Any) -> None:
    """Check what the broker lost and what was held."""
    operations.check_pending(at=timezone.now())
