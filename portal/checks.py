"""Deploy checks of our own, run by `manage.py check --deploy`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No demo page may exist in production."""
    if settings.DEMO or "portal.demo" in settings.INSTALLED_APPS:
        return [Error("Demo pages are installed.", id="portal.E001")]
    return []


@register(Tags.security, deploy=True)
def staff_need_second_factor(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Staff see every customer's incidents: a password alone is not enough (F8)."""
    if not settings.STAFF_MUST_HAVE_SECOND_FACTOR:
        return [Error("The second factor is not compulsory for staff.", id="portal.E002")]
    return []


@register(Tags.security, deploy=True)
def policy_is_strict(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Nothing inline, no other host (K1)."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    loose = [
        name
        for name, sources in directives.items()
        if any("unsafe" in str(source) or str(source) == "*" for source in sources)
    ]
    if loose:
        return [Error(f"Loose content security policy: {', '.join(loose)}.", id="portal.E003")]
    return []
