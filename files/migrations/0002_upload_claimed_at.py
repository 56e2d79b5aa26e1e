"""An upload remembers when its form took it: what was taken for nothing can be found again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.AddField("upload", "claimed_at", models.DateTimeField(null=True)),
    ]
