"""Words, addresses and files that a template names outright: found once per process.

`{% translate "Accueil" %}`, `{% url "home" %}` and `{% static "css/portal.css" %}` say the same on
every page, and a page has a hundred of them. Settings put this library in the place of Django's
(decision 0019): its tags are Django's own, whose answer is kept per language. Whatever holds a
variable, a filter or `as` is left to them.
"""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags import i18n, static
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags | static.register.tags)
register.filters.update(i18n.register.filters)


class Found(Node):
    """What a tag of Django's says, asked once per language."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._said: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self._said:
            self._said[language] = mark_safe(self._node.render(context))  # noqa: S308 (no variable)
        return self._said[language]


@register.tag("trans")
@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """Django's `{% translate %}`."""
    node = i18n.do_translate(parser, token)
    literal = getattr(node.filter_expression.var, "literal", None)
    said_outright = literal is not None and not node.filter_expression.filters
    if not said_outright or node.asvar or node.message_context or node.noop:
        return node
    return Found(node)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's `{% url %}`."""
    node: URLNode = django_url(parser, token)
    if node.args or node.kwargs or node.asvar or not _is_outright(node.view_name):
        return node
    return Found(node)


@register.tag("static")
def static_file(parser: Parser, token: Token) -> Node:
    """Django's `{% static %}`."""
    node: StaticNode = static.do_static(parser, token)
    return node if node.varname or not _is_outright(node.path) else Found(node)


def _is_outright(expression: FilterExpression) -> bool:
    return isinstance(expression.var, str) and not expression.filters
