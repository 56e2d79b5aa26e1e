from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from foundation.database import words_of


class Migration(migrations.Migration):
    """Version and number of a licence, as people search them. Rewrites the table of licences."""

    dependencies = [("licences", "0001_initial"), ("foundation", "0002_plain_text")]

    operations = [
        migrations.AddField(
            "licence",
            "searched",
            models.GeneratedField(
                expression=words_of("version", "contract_number"),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "licence",
            GinIndex(
                fields=["searched"],
                opclasses=["gin_trgm_ops"],
                name="licence_searched",
                fastupdate=False,
            ),
        ),
    ]
