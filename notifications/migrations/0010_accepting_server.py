from django.db import migrations, models


class Migration(migrations.Migration):
    """Which server accepted a mail; unknown for those of before."""

    dependencies = [("notifications", "0009_slow_domains")]

    operations = [
        migrations.AddField(
            "delivery",
            "server",
            models.CharField("serveur", blank=True, db_default="", max_length=253),
        ),
        migrations.AlterModelOptions(
            "receivedmail",
            options={
                "ordering": ["-received_at", "-pk"],
                "verbose_name": "courrier reçu",
                "verbose_name_plural": "courriers reçus",
            },
        ),
    ]
