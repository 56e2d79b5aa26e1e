"""The index of the acts that reports count; made without holding up writers on a big history."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0003_search_and_figures")]

    operations = [
        AddIndexConcurrently(
            model_name="ticketevent",
            index=models.Index(
                condition=models.Q(("act__in", ["requalify", "correct"])),
                fields=["recorded_at"],
                name="event_change",
            ),
        ),
    ]
