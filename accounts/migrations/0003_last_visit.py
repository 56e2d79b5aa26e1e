from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when the home tells what has changed. Two empty columns: no row is rewritten."""

    dependencies = [("accounts", "0002_awaiting_members_and_lost_passwords")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="previous_login",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="connexion précédente"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="seen_until",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="tout vu jusqu’au"
            ),
        ),
    ]
