"""The portal's icons: drawn here, as inline SVG, so that no page waits for them or loses them.

`{% icon "clock" %}` is decoration (a word stands beside it); give a label when it stands alone.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Strokes on a 16-unit square; the stroke's width and colour come from the style sheet.
ICONS: dict[str, str] = {
    "alert": '<path d="M8 2 1.5 13.5h13z"/><path d="M8 6.5v3M8 11.6v.1"/>',
    "arrow-left": '<path d="M13.5 8h-11M6.5 4l-4 4 4 4"/>',
    "arrow-right": '<path d="M2.5 8h11M9.5 4l4 4-4 4"/>',
    "bell": '<path d="M3 11.5h10l-1.3-2V7a3.7 3.7 0 0 0-7.4 0v2.5zM6.5 13.8h3"/>',
    "blocking": (
        '<path class="icon-fill" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/>'
        '<path class="icon-cut" d="M4.8 8h6.4"/>'
    ),
    "book": '<path d="M8 4c-1.5-1-3.7-1.3-6-1.2v9.4c2.3-.1 4.5.2 6 1.3 1.5-1.1 3.7-1.4'
    ' 6-1.3V2.8C11.7 2.7 9.5 3 8 4zM8 4v9.5"/>',
    "calendar": '<rect x="2" y="3" width="12" height="11" rx="1"/><path d="M2 6.5h12M5 1.5v3M11'
    ' 1.5v3"/>',
    "camera": '<path d="M1.5 4.5h3l1-2h5l1 2h3v9h-13z"/><circle cx="8" cy="8.7" r="2.6"/>',
    "cancelled": '<circle cx="8" cy="8" r="6"/><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"/>',
    "chart": '<path d="M2 13.5h12M4 11V8M8 11V3.5M12 11V6"/>',
    "check": '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
    "chevron": '<path d="m4 6 4 4 4-4"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>',
    "closed": '<rect x="2.5" y="2.5" width="11" height="11" rx="2"/><path d="m5.5 8.2 1.8'
    ' 1.8 3.4-4"/>',
    "company": '<path d="M2 14h12M3.5 14V3l5-1v12M8.5 6h4v8M5.5 5.5h1M5.5 8h1M5.5 10.5h1"/>',
    "cross": '<path d="m4 4 8 8m0-8-8 8"/>',
    "declared": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.6 2.1"/>',
    "download": '<path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/>',
    "eye-off": '<path d="M2 8c1.5-2.7 3.6-4 6-4s4.5 1.3 6 4c-1.5 2.7-3.6 4-6 4s-4.5'
    '-1.3-6-4zM3 13 13 3"/>',
    "file": '<path d="M4 1.5h5.5L12.5 4.5v10H4zM9.5 1.5v3h3"/>',
    "impairing": (
        '<path class="icon-fill" d="M8 1 .8 14.5h14.4z"/>'
        '<path class="icon-cut" d="M8 6v3.8M8 12.2v.1"/>'
    ),
    "in_progress": (
        '<circle cx="8" cy="8" r="6"/><path class="icon-fill" d="M8 2a6 6 0 0 1 0 12z"/>'
    ),
    "inbox": '<path d="M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.5l1 1.5h3l1-1.5H14"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.7M8 4.9v.1"/>',
    "informational": (
        '<circle class="icon-fill" cx="8" cy="8" r="7"/>'
        '<path class="icon-cut" d="M8 7.3v4M8 4.6v.1"/>'
    ),
    "key": '<circle cx="5.5" cy="10.5" r="3"/><path d="m7.7 8.3 5.8-5.8M11 5l2 2"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
    "logout": '<path d="M6.5 2.5h-4v11h4M6.5 8h7.5M10.8 4.8 14 8l-3.2 3.2"/>',
    "mail": '<rect x="1.5" y="3.5" width="13" height="9.5" rx="1"/><path d="m2 4.5 6 4.5 6-4.5"/>',
    "menu": '<path d="M2 4h12M2 8h12M2 12h12"/>',
    "message": '<path d="M2 3h12v8H7l-3 2.5V11H2z"/>',
    "met": '<circle cx="8" cy="8" r="6"/><path d="m5.3 8.2 1.9 1.9 3.5-4"/>',
    "missed": '<path d="M5.3 2h5.4L14 5.3v5.4L10.7 14H5.3L2 10.7V5.3z"/><path d="M8'
    ' 5v3.5M8 10.9v.1"/>',
    "paperclip": '<path d="m13 7-5.5 5.5a3 3 0 0 1-4.3-4.3L8.8 2.7a2 2 0 0 1 2.9 2.8L6.2'
    ' 11a1 1 0 0 1-1.4-1.4L9.8 4.7"/>',
    "pause": '<circle cx="8" cy="8" r="6"/><path d="M6.3 5.8v4.4M9.7 5.8v4.4"/>',
    "phone": '<path d="M3 2.5h3l1 3.5-1.7 1.2a8 8 0 0 0 3.5 3.5L10 9l3.5 1v3c0 .5-.5 1-1'
    ' 1C7 14 2 9 2 3.5c0-.5.5-1 1-1z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "private": '<path d="M2 8c1.5-2.7 3.6-4 6-4s4.5 1.3 6 4c-1.5 2.7-3.6 4-6 4s-4.5'
    '-1.3-6-4zM3 13 13 3"/>',
    "product": '<path d="m8 1.5 6 3v7l-6 3-6-3v-7zM2 4.5l6 3 6-3M8 7.5v7"/>',
    "refresh": '<path d="M13.5 7.5A5.6 5.6 0 0 0 3.5 4.7L2.5 6M2.5 2.5V6H6M2.5'
    ' 8.5a5.6 5.6 0 0 0 10 2.8l1-1.3M13.5 13.5V10H10"/>',
    "resolved": '<circle cx="8" cy="8" r="6"/><path d="m5.3 8.2 1.9 1.9 3.5-4"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "user": '<circle cx="8" cy="5.5" r="3"/><path d="M2.5 14c.6-3 2.7-4.5 5.5-4.5s4.9'
    ' 1.5 5.5 4.5"/>',
    "users": '<circle cx="6" cy="5.5" r="2.5"/><path d="M1.5 13.5c.5-2.7 2.2-4 4.5-4s4'
    ' 1.3 4.5 4M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.9c1.4.6 2.2 1.8 2.5 3.6"/>',
    "void": '<circle cx="8" cy="8" r="6"/><path d="M5 8h6"/>',
    "waiting_customer": '<circle cx="8" cy="8" r="6"/><path d="M6.3 5.8v4.4M9.7 5.8v4.4"/>',
    "waiting_vendor": '<path d="M4 2h8M4 14h8M5 2v2.5L11 11v3M11 2v2.5L5 11v3"/>',
}


# Bounded, as labels are any words.
@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon by name; KeyError for one that does not exist. `size="l"` doubles it."""
    body = mark_safe(ICONS[name])  # noqa: S308 (our own constants above)
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" {}>{}</svg>',
        f" icon-{size}" if size else "",
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true" focusable="false"'),
        body,
    )
