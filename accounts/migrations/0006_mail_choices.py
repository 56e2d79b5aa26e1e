from django.db import migrations, models


class Migration(migrations.Migration):
    """How a person is told what changes no status: at once as before, until they choose."""

    dependencies = [("accounts", "0005_sites_named")]

    operations = [
        migrations.AddField(
            "user",
            "wants_digest",
            models.BooleanField("messages une fois par jour", default=False, db_default=False),
        ),
        migrations.AddField(
            "user",
            "mutes_copies",
            models.BooleanField(
                "sans les messages des incidents en copie", default=False, db_default=False
            ),
        ),
    ]
