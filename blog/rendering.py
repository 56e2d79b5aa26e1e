"""Markdown into HTML that may stand in a page or a mail: articles and messages.

Two guards, one behind the other: markdown-it escapes any HTML that was typed, and nh3 keeps only
the tags, attributes and link schemes listed here (D1, D2). Nothing in the result makes a browser
or a mail reader fetch anything (D3). Time is bounded whatever the text (Q3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

MARKDOWN_MAX_BYTES = 64 * 1024
# The parser spends its time on marks and lines, not on letters. 64 KB of ordinary text hold some
# 3,000 of them; with this many the worst text found still takes less than 0.2 s.
MARKS_MAX = 6_000

ARTICLE_TOP_HEADING = 2  # the page's h1 is the title
MESSAGE_TOP_HEADING = 4  # the thread's own headings stand above
SCHEMES = {"http", "https", "mailto"}

_MARKS = re.compile(r"[\[\]!*_~<>/`|#=&\\\n]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"«»]+", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}'’…"

_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a", "div"),
        *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    allowed_classes={
        "div": {"table-scroll"},
        "th": {"text-center", "text-end"},
        "td": {"text-center", "text-end"},
    },
    # What scrolls within itself must be reachable by keyboard.
    set_tag_attribute_values={"div": {"tabindex": "0"}},
    url_schemes=SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)


def render_article(markdown: str) -> SafeString:
    """The HTML of an article: headings from h2 down, single line ends are spaces."""
    return _render(_ARTICLE, markdown, ARTICLE_TOP_HEADING)


def render_message(markdown: str) -> SafeString:
    """The HTML of a message: line ends are kept, headings from h4 down."""
    return _render(_MESSAGE, markdown, MESSAGE_TOP_HEADING)


def is_rendered(markdown: str) -> bool:
    """Whether the text is within what is parsed: 64 KB of UTF-8 and MARKS_MAX marks (Q3).

    Beyond, it is shown as it was typed, with its lines.
    """
    if len(markdown.encode("utf-8", "replace")) > MARKDOWN_MAX_BYTES:
        return False
    # An opening bracket counts twice: each one sends the parser looking for its end.
    return len(_MARKS.findall(markdown)) + markdown.count("[") <= MARKS_MAX


def _render(parser: MarkdownIt, markdown: str, top_heading: int) -> SafeString:
    markdown = markdown.encode("utf-8", "replace").decode()  # a lone surrogate is no text (D5)
    if is_rendered(markdown):
        html = parser.render(markdown, {"top_heading": top_heading})
    else:
        html = str(linebreaks(markdown, autoescape=True))
    return mark_safe(_CLEANER.clean(html))  # noqa: S308  what nh3 let through is safe


def _shift_headings(state: StateCore) -> None:
    """The highest heading of the text becomes the highest allowed here, the others follow."""
    levels = [int(token.tag[1]) for token in state.tokens if token.type == "heading_open"]
    if not levels:
        return
    shift = int(state.env["top_heading"]) - min(levels)
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"


def _align_by_class(state: StateCore) -> None:
    """Columns are aligned by a class: the policy of our pages allows no style attribute."""
    for token in state.tokens:
        style = str(token.attrs.pop("style", ""))
        if style.endswith(("right", "center")):
            token.attrs["class"] = "text-end" if style.endswith("right") else "text-center"


def _link_addresses(state: StateCore) -> None:
    """A web address typed as it is becomes a link."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_with_links(block.children))


def _with_links(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type == "text" and not depth:
            yield from _split_addresses(token.content)
        else:
            yield token


def _split_addresses(text: str) -> Iterator[Token]:
    done = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_NOT_AT_THE_END)
        yield _text(text[done : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield _text(address)
        yield Token("link_close", "a", -1)
        done = found.start() + len(address)
    yield _text(text[done:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _validate_link(url: str) -> bool:
    """Only absolute links of the schemes above; the others stay as they were typed (D2)."""
    scheme = _SCHEME.match(url)
    return scheme is not None and scheme[1].lower() in SCHEMES


def _image_as_text(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """An image becomes its description: nothing is loaded from anywhere (D3)."""
    return escapeHtml(renderer.renderInlineAsText(tokens[index].children, options, env))


def _open_table(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    return '<div class="table-scroll"><table>'


def _close_table(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    return "</table></div>"


def _parser(*, breaks: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": breaks})
    parser.enable(["table", "strikethrough"])
    for rule in (_shift_headings, _align_by_class, _link_addresses):
        parser.core.ruler.push(rule.__name__, rule)
    parser.add_render_rule("image", _image_as_text)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    parser.validateLink = _validate_link  # type: ignore[method-assign]  # its documented hook
    return parser


_ARTICLE = _parser(breaks=False)
_MESSAGE = _parser(breaks=True)
