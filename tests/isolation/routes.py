"""Every route of the portal, read from the URLconf: nothing can be added beside the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """A named address and the names of its parameters."""

    name: str
    parameters: tuple[str, ...]

    @property
    def is_admin_model(self) -> bool:
        """One of the stock admin's own pages, held by the admin's matrix (J1)."""
        return self.name.startswith("admin:")


def all_routes() -> list[Route]:
    """In the order of the URLconf."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(filter(None, [namespace, pattern.namespace]))
            yield from _walk(pattern.url_patterns, inner)
        else:
            name = ":".join(filter(None, [namespace, pattern.name or str(pattern.pattern)]))
            yield Route(name, tuple(pattern.pattern.converters))
