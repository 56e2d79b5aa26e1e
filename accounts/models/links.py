"""Single-use links to choose a password."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import LinkPurpose
from accounts.models.people import User


class Invitation(models.Model):
    """A single-use link to choose a password: a first one (P2, F7) or a lost one (F5).

    Only the digest of the token is kept. It is bound to the account, and dies with its hour, its
    use, a newer one of the same purpose, or a change of the person's address or password.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    purpose = models.CharField(
        max_length=10, choices=LinkPurpose.choices, default=LinkPurpose.INVITATION
    )
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_lasts"
            ),
            models.UniqueConstraint(
                fields=["user", "purpose"],
                name="invitation_one_open_per_purpose",
                condition=Q(used_at__isnull=True, replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
