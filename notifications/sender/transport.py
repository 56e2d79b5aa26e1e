"""The conversation with the mail server, and what its answers mean.

An answer about one recipient or one mail concerns that mail alone; whatever concerns the server
(no connection, no STARTTLS, refused login, 421) concerns them all and is nobody's fault (N2).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Container
from types import TracebackType
from typing import Self

from django.conf import settings

from notifications.sender.letters import Letter

# 421: closing. 530 to 538: the server wants a login or an encryption that it was not given.
_OK = 250
_WILLING = {250, 251}
_ABOUT_THE_SERVER = {421, 530, 534, 535, 538}


class ServerAway(Exception):
    """Nothing can be sent for now, whatever the mail."""


class Postponed(Exception):
    """A temporary answer (4xx) about this mail."""


class Refused(Exception):
    """A final answer (5xx) about this mail."""


class Broken(Exception):
    """The connection was lost in the middle of this mail: it may or may not have arrived.

    `has_stalled`: no answer came in time, rather than a cut.
    """

    def __init__(self, words: str, *, has_stalled: bool = False) -> None:
        super().__init__(words)
        self.has_stalled = has_stalled


class MailServer:
    """One connection, opened at the first mail and kept for the next ones."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        # It has answered about a mail since this was last looked at.
        self.is_answering = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def send(self, letter: Letter) -> str:
        """Send one mail and return the server's answer.

        Raises ServerAway, Postponed, Refused or Broken; the connection is fit for the next mail
        or will be opened again.
        """
        smtp = self._connected()
        try:
            answer = self._transact(smtp, letter)
        except (Postponed, Refused):
            self.is_answering = True
            self._reset(smtp)
            raise
        except ServerAway:
            self._drop()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            # smtplib says a silence as a lost connection, and keeps what it was beside it.
            has_stalled = isinstance(error.__context__ or error, TimeoutError)
            raise Broken(_words(error), has_stalled=has_stalled) from error
        self.is_answering = True
        return answer

    def _transact(self, smtp: smtplib.SMTP, letter: Letter) -> str:
        code, answer = smtp.mail(letter.sender)
        if code != _OK:
            # Its sender is refused: a fault of ours or of the server, not of the recipient.
            raise ServerAway(_told(code, answer))
        _judge(*smtp.rcpt(letter.recipient), expected=_WILLING)
        try:
            code, answer = smtp.data(letter.content)
        except smtplib.SMTPDataError as error:
            code, answer = error.smtp_code, _bytes(error.smtp_error)
        return _judge(code, answer, expected={_OK})

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = _open()
            except (smtplib.SMTPException, OSError, ValueError) as error:
                raise ServerAway(_words(error)) from error
        return self._smtp

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _open() -> smtplib.SMTP:
    """Connect; encrypted and signed in when so configured, and never in clear otherwise (N2)."""
    # Its own name is asked of no resolver: a slow one would stall every connection.
    name = settings.PORTAL_FROM_EMAIL.rpartition("@")[2]
    smtp = smtplib.SMTP(
        settings.SMTP_HOST, settings.SMTP_PORT, local_hostname=name, timeout=settings.SMTP_TIMEOUT
    )
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.SMTP_STARTTLS:
            _encrypt(smtp)
        if settings.SMTP_USER:
            smtp.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _encrypt(smtp: smtplib.SMTP) -> None:
    code, answer = smtp.starttls(context=ssl.create_default_context())
    if code != 220:
        raise smtplib.SMTPResponseException(code, answer)
    smtp.ehlo()


def _judge(code: int, answer: bytes, *, expected: Container[int]) -> str:
    """The answer in words when it is good; else the exception that it means."""
    told = _told(code, answer)
    if code in expected:
        return told
    if code in _ABOUT_THE_SERVER:
        raise ServerAway(told)
    if 500 <= code < 600:
        raise Refused(told)
    raise Postponed(told)


def _told(code: int, answer: bytes) -> str:
    return f"{code} {' '.join(answer.decode('utf-8', errors='replace').split())}"


def _bytes(answer: bytes | str) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer


def _words(error: Exception) -> str:
    """What broke, without anything that the mail holds."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _told(error.smtp_code, _bytes(error.smtp_error))
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
