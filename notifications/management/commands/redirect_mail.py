"""`manage.py redirect_mail < message.eml`: the closed mailbox, one message from a pipe.

A mail of ours that came back to its own address too (`--recipient`).
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from foundation.commands import PortalCommand
from notifications.mailbox import SIZE_MAX, hand_over, note_oversized
from notifications.mailbox.reading import headers_of
from notifications.models import ReceivedMail

# sysexits.h, EX_TEMPFAIL: the mail server keeps the mail and tries again.
_LATER = 75
_HEAD = 64 * 1024
_BLOCK = 1024**2


class Command(PortalCommand):
    help = (
        "Reçoit un message sur l’entrée standard. Sans option, l’enveloppe est lue dans Return-Path"
        " et X-Original-To ; sans expéditeur, rien n’est répondu."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sender", help="expéditeur de l’enveloppe")
        parser.add_argument("--recipient", help="destinataire de l’enveloppe")

    def handle(self, *args: Any, **options: Any) -> None:
        content = sys.stdin.buffer.read(SIZE_MAX + 1)
        headers = headers_of(content[:_HEAD].partition(b"\n\n")[0])
        sender = options["sender"] or headers.get("return-path", [""])[0]
        recipient = options["recipient"] or headers.get("x-original-to", [""])[0]
        envelope = {"sender": sender.strip("<> "), "recipient": recipient.strip("<> ")}
        try:
            row: ReceivedMail | None
            if len(content) > SIZE_MAX:
                size = len(content) + _rest()
                row = note_oversized(size=size, at=timezone.now(), **envelope)
            else:
                row = hand_over(content=content, at=timezone.now(), **envelope)
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "La base ne répond pas : à représenter.", returncode=_LATER
            ) from error
        self.stdout.write(str(row.get_verdict_display()) if row else "retour lu")


def _rest() -> int:
    """Read what is left without keeping it: whoever writes into the pipe must not be cut."""
    size = 0
    while block := sys.stdin.buffer.read(_BLOCK):
        size += len(block)
    return size
