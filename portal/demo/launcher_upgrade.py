"""Tables, then rights, in one process: starting Django twice would cost a second each time.

Run by the launcher as `python -m portal.demo.launcher_upgrade`, as the owner of the tables.
"""

import django
from django.core.management import call_command


def main() -> None:
    """Bring the database up to date; does nothing when it is."""
    django.setup()
    call_command("migrate", interactive=False)
    call_command("grant_rights")


if __name__ == "__main__":
    main()
