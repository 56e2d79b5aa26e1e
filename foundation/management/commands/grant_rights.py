"""`manage.py grant_rights`: what the application's role may do, after each migration.

Run as the owner of the tables. Default privileges (set by the launcher and by compose) give
`portal_app` SELECT, INSERT, UPDATE, DELETE; this takes UPDATE and DELETE away on history.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg2 import sql

from foundation.commands import PortalCommand
from foundation.database import append_only_tables

ROLE = "portal_app"


class Command(PortalCommand):
    help = "Retire au rôle de l’application le droit de modifier l’historique."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone() is None:
                self.stderr.write(f"Le rôle {ROLE} n’existe pas : aucun droit n’a été modifié.")
                return
            for table in append_only_tables():
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                        sql.Identifier(table), sql.Identifier(ROLE)
                    )
                )
        self.stdout.write("Droits de l’application en place.")
