"""What a lower floor's page says of an address to which nothing is sent any more (N8).

One indexed query each, on the pages where it is looked for: one's home, account and incidents, and
the desk's pages about one person. Not in the shell, which every page pays.
"""

from __future__ import annotations

from django import template
from django.template import Context

from accounts.models import User
from notifications.models import DeadAddress
from notifications.queries import dead_address

register = template.Library()


@register.simple_tag(takes_context=True)
def own_dead_address(context: Context) -> DeadAddress | None:
    """`{% own_dead_address as dead %}`: of the person signed in; None when mails arrive.

    For `notifications/own_unreachable.html`, which says it, and for what promises a mail.
    """
    user = context.get("user")
    return dead_address(user.email) if isinstance(user, User) else None


@register.inclusion_tag("notifications/unreachable.html")
def unreachable(address: str) -> dict[str, object]:
    """`{% unreachable person.email %}`: for our people, beside how a person is reached."""
    return {"dead": dead_address(address)}
