from django.db import migrations, models


class Migration(migrations.Migration):
    """What moved in a company since somebody's last visit, without reading its whole history."""

    dependencies = [("tickets", "0010_drafts")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                fields=["company", "-last_event_at", "-id"], name="ticket_moved"
            ),
        )
    ]
