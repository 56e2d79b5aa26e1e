from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations

from foundation.database import words_of


class Migration(migrations.Migration):
    """Sites are found by their name and town, in the park's search and in the admin."""

    dependencies = [("accounts", "0004_callers")]

    operations = [
        migrations.AddIndex(
            "site",
            GinIndex(
                OpClass(words_of("name", "city"), "gin_trgm_ops"),
                name="site_named",
                fastupdate=False,
            ),
        ),
    ]
