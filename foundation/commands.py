"""The base of our commands: what is wrong with a command line is one French line, exit code 2."""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

# What argparse says, and how we say it.
_WORDS = [
    (re.compile(r"the following arguments are required: (.+)"), "Il manque : {}."),
    (re.compile(r"unrecognized arguments: (.+)"), "Argument inconnu : {}."),
    (re.compile(r"argument (\S+): expected .*argument.*"), "{} attend une valeur."),
    (re.compile(r"argument (\S+): (?:invalid|.*not allowed).*"), "{} : valeur impossible."),
    (re.compile(r"argument (\S+): (.+)"), "{} : {}."),
]


class PortalCommand(BaseCommand):
    """A command that answers a wrong command line by one line, not by argparse's usage."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if parser.called_from_command_line:
            parser.error = partial(_refuse, parser.prog)  # type: ignore[method-assign]
        return parser


def _refuse(prog: str, message: str) -> NoReturn:
    sys.stderr.write(f"{in_french(message)} Aide : {prog} --help\n")
    sys.exit(2)


def in_french(message: str) -> str:
    """What argparse found wrong, in one French sentence."""
    for pattern, words in _WORDS:
        if found := pattern.fullmatch(message):
            return words.format(*found.groups())
    return f"Ligne de commande illisible : {message}."
