from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Slow domains, and the queue indexed in the sender's whole order."""

    dependencies = [("notifications", "0008_digests")]

    operations = [
        migrations.CreateModel(
            "SlowDomain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=255, unique=True)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("stalls", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "verbose_name": "domaine lent",
                "verbose_name_plural": "domaines lents",
            },
        ),
        migrations.RemoveIndex("delivery", "delivery_to_send"),
        migrations.AddIndex(
            "delivery",
            models.Index(
                condition=Q(state="queued"), fields=["next_attempt_at", "id"], name="delivery_next"
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                condition=Q(state="queued"), fields=["event", "recipient"], name="delivery_waiting"
            ),
        ),
    ]
