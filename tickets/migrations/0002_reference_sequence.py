"""Incident numbers come from a sequence: no lock between two people who declare at once.

The number runs on from year to year; a refused declaration may leave a hole in it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE ticket_reference AS bigint START 1",
            "DROP SEQUENCE ticket_reference",
        )
    ]
