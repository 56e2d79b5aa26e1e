#!/usr/bin/env python
"""Django's command line. Without DJANGO_SETTINGS_MODULE it runs the production settings.

What the environment lacks, and a PostgreSQL that does not answer, are one line and exit code 2.
"""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

WRONG_SURROUNDINGS = 2


def main() -> int:
    """Run the command; gives the exit code of what no command could mend."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
    try:
        _ = settings.INSTALLED_APPS
    except (ImproperlyConfigured, ImportError, ValueError) as error:
        return _say(f"Réglages : {error}")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        # With a code, PostgreSQL has answered: that is another fault, told whole.
        if getattr(error.__cause__, "pgcode", None) or "--traceback" in sys.argv:
            raise
        place = settings.DATABASES["default"]
        host, port = place.get("HOST") or "localhost", place.get("PORT") or 5432
        return _say(f"PostgreSQL ne répond pas ({host}, port {port}).")
    return 0


def _say(sentence: str) -> int:
    sys.stderr.write(" ".join(sentence.split(" \n")).replace("\n", " ") + "\n")
    return WRONG_SURROUNDINGS


if __name__ == "__main__":
    sys.exit(main())
