"""A filter of the queue with a name, kept by an engineer for themselves or for the whole desk."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User

NAME_MAX = 60


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """One's own, and those that are shared with the desk; none for a customer."""
        if not user.is_staff:
            return self.none()
        return self.filter(Q(owner=user) | Q(is_shared=True))

    def kept_by(self, user: User) -> Self:
        """Those that this person may rename, share and delete: their own; a manager keeps the
        shared ones of others too, whose owners may have left.
        """
        if user.is_staff and user.is_manager:
            return self.visible_to(user)
        return self.visible_to(user).filter(owner=user)


class SavedView(models.Model):
    """What the address of the queue held, by name (tickets.admin_forms.queue).

    Read like any address, never trusted: what it names may have gone since.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom"), max_length=NAME_MAX)
    asked: models.JSONField[Any, Any] = models.JSONField(_("filtres"))
    is_shared = models.BooleanField(_("partagée avec le support"), default=False)
    created_at = models.DateTimeField(_("enregistrée le"))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("vue enregistrée")
        verbose_name_plural = _("vues enregistrées")
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("owner", Lower("name"), name="saved_view_name_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name"], name="saved_view_shared", condition=Q(is_shared=True))
        ]

    def __str__(self) -> str:
        return self.name
