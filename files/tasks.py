"""What beat runs."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from files import operations


@shared_task(name="files.purge_uploads")
def purge_uploads(**kwargs: Any) -> None:
    """Remove files that no form claimed within a day (C6). Takes arguments of later versions."""
    operations.purge_uploads(at=timezone.now())
