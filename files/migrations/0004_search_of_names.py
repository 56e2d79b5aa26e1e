import django.contrib.postgres.indexes
from django.db import migrations

import foundation.database


class Migration(migrations.Migration):
    """The desk finds an incident by the name of a file of it, accents and case forgiven."""

    dependencies = [
        ("foundation", "0002_plain_text"),
        ("files", "0003_uploads_that_resume"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="storedfile",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    foundation.database.Plain("name"), name="gin_trgm_ops"
                ),
                name="stored_file_searched",
            ),
        ),
    ]
