"""The mails that really arrived: awaited, never slept for."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from accounts.models import User

PATIENCE = 40.0  # seconds
_TICK = 0.05


class PostOffice:
    """The folder of the mail server, read mail by mail as they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[int, EmailMessage] = {}

    def all(self) -> list[EmailMessage]:
        """Every mail so far, in the order of arrival."""
        for path in self._folder.glob("*.eml"):
            number = int(path.stem)
            if number not in self._read:
                self._read[number] = message_from_bytes(path.read_bytes(), policy=policy.default)
        return [self._read[number] for number in sorted(self._read)]

    def to(self, person: User | str, *words: str) -> list[EmailMessage]:
        """Mails of a person whose subject holds all of `words`."""
        address = person if isinstance(person, str) else person.email
        return [
            mail
            for mail in self.all()
            if mail["To"] == address and all(word in str(mail["Subject"]) for word in words)
        ]

    def wait(
        self, person: User | str, *words: str, count: int = 1, seconds: float = PATIENCE
    ) -> EmailMessage:
        """The `count`-th mail of a person with these words in its subject, once it has come."""
        deadline = time.monotonic() + seconds
        while len(found := self.to(person, *words)) < count:
            if time.monotonic() > deadline:
                came = "\n".join(f"{mail['To']}: {mail['Subject']}" for mail in self.all())
                raise AssertionError(f"no mail to {person} with {words}; these came:\n{came}")
            time.sleep(_TICK)
        return found[count - 1]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, its spaces made ordinary."""
    part = mail.get_body(preferencelist=("plain",))
    return plain(str(part.get_content())) if part is not None else ""


def plain(text: str) -> str:
    """Every run of spaces, non-breaking ones and line ends, as one space."""
    return " ".join(text.split())
