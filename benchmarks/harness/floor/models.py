"""The portal's own tables, seen through the fewest columns that a page needs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Person(AbstractBaseUser):
    """Whoever the session belongs to."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "accounts_user"


class Incident(models.Model):
    """A row of the list."""

    reference = models.CharField(max_length=20)
    company_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    severity = models.CharField(max_length=15)
    origin = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    last_event_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Incident]] = models.Manager()

    class Meta:
        managed = False
        db_table = "tickets_ticket"

    def __str__(self) -> str:
        return self.reference


class Text(models.Model):
    """A message of a page."""

    ticket_id = models.BigIntegerField()
    body = models.TextField()
    written_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Text]] = models.Manager()

    class Meta:
        managed = False
        db_table = "tickets_message"

    def __str__(self) -> str:
        return self.body[:40]


class Line(models.Model):
    """What the bare insert writes; its table is made by benchmarks.harness.inside."""

    author_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Line]] = models.Manager()

    class Meta:
        managed = False
        db_table = "floor_line"

    def __str__(self) -> str:
        return self.title
