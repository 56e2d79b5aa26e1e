"""`manage.py redirect_mailbox`: the closed mailbox, as an LMTP server behind our mail server."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from foundation.commands import PortalCommand
from notifications.mailbox.listener import Listener


class Command(PortalCommand):
    help = "Reçoit par LMTP le courrier de la boîte fermée, jusqu’à l’arrêt (Ctrl-C)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.MAILBOX_HOST, help="adresse d’écoute")
        parser.add_argument("--port", type=int, default=settings.MAILBOX_PORT, help="port")

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_args: ended.set())
        listener = Listener(host=options["host"], port=options["port"])
        try:
            listener.start()
        except OSError as error:
            raise CommandError(f"Impossible d’écouter : {error}") from error
        self.stdout.write(f"La boîte fermée écoute sur {options['host']}:{options['port']} (LMTP).")
        if not settings.MAILBOX_AUTHSERV_ID:
            self.stderr.write("MAILBOX_AUTHSERV_ID est vide : aucune réponse ne partira.")
        ended.wait()
        listener.stop()
