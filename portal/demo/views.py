"""`/demo/courrier/`: the mails that the demo's SMTP server received, for whoever tries the demo.

They hold sign-in links, and everybody may read them: that is the point of a demonstration, and
why none of this exists under production settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SHOWN = 200  # mails on the list, newest first

# The one exception to the strict policy: a page of its own, where a mail's own styles are shown.
_PREVIEW = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_HEADERS = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Auto-Submitted",
)


@dataclass(frozen=True)
class Received:
    """One mail of the mailbox."""

    number: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def recipient(self) -> str:
        return str(self.message["To"] or "")

    @property
    def dated(self) -> datetime | None:
        header = self.message["Date"]
        return getattr(header, "datetime", None)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.message[name])) for name in _HEADERS if self.message[name]]

    def body(self, kind: str) -> str:
        """The « plain » or « html » text; empty when there is none."""
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def has_html(self) -> bool:
        return bool(self.body("html"))


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    return render(request, "demo/mailbox.html", {"mails": latest(SHOWN), "total": len(_numbers())})


@login_not_required
@require_safe
def mail(request: HttpRequest, number: int) -> HttpResponse:
    """One mail: headers and text."""
    return render(request, "demo/mail.html", {"mail": _read(number)})


@login_not_required
@require_safe
def mail_html(request: HttpRequest, number: int) -> HttpResponse:
    """The mail as a mail program shows it, on a page that can run and load nothing."""
    response = HttpResponse(_read(number).body("html"))
    response["Content-Security-Policy"] = _PREVIEW
    return response


def latest(most: int) -> list[Received]:
    """The newest mails, `most` at most."""
    return [_read(number) for number in _numbers()[:most]]


def _numbers() -> list[int]:
    """Newest first."""
    return sorted((int(path.stem) for path in _folder().glob("*.eml")), reverse=True)


def _folder() -> Path:
    return Path(settings.PORTAL_MAILBOX_DIR)


def _read(number: int) -> Received:
    try:
        content = (_folder() / f"{number}.eml").read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    return Received(number, message_from_bytes(content, policy=policy.default))
