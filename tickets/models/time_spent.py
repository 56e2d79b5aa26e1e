"""How long ours worked on an incident, as they say it themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models.ticket import Ticket

# A whole day and night: more is a slip of the keyboard.
MINUTES_MAX = 24 * 60


class TimeSpent(models.Model):
    """Minutes of one person, on the wall clock. No promise counts them."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="time_spent")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    noted_at = models.DateTimeField(_("noté le"))
    form_token = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("temps passé")
        ordering = ["noted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gt=0, minutes__lte=MINUTES_MAX), name="time_spent_sensible"
            )
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min"
