"""Files that arrive over several requests, that the worker checks, and that say why not."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


def last_touched(apps, schema_editor):
    uploads = apps.get_model("files", "Upload").objects
    uploads.filter(touched_at=None).update(touched_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_upload_claimed_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("upload", "upload_age"),
        migrations.AddField("storedfile", "check_after", models.DateTimeField(null=True)),
        migrations.AddField("storedfile", "checks", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField(
            "storedfile",
            "refusal",
            models.CharField(blank=True, max_length=300, verbose_name="motif du refus"),
        ),
        migrations.AddField(
            "storedfile",
            "scan",
            models.CharField(
                blank=True,
                choices=[
                    ("clean", "analysé"),
                    ("too_large", "non analysé\xa0: trop volumineux pour l’antivirus"),
                ],
                max_length=10,
                verbose_name="antivirus",
            ),
        ),
        migrations.AddField("storedfile", "whole_at", models.DateTimeField(null=True)),
        migrations.AddField("upload", "fingerprint", models.CharField(blank=True, max_length=64)),
        migrations.AddField("upload", "touched_at", models.DateTimeField(null=True)),
        migrations.RunPython(last_touched, migrations.RunPython.noop, elidable=True),
        # The rows just written may not wait for the end of the transaction to be checked.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("upload", "touched_at", models.DateTimeField()),
        migrations.AddIndex(
            "storedfile",
            models.Index(
                condition=Q(state="checking"), fields=["check_after"], name="stored_file_to_check"
            ),
        ),
        migrations.AddIndex("upload", models.Index(fields=["touched_at"], name="upload_touched")),
        migrations.AddIndex(
            "upload", models.Index(fields=["person", "created_at"], name="upload_of_person")
        ),
        migrations.AddConstraint(
            "storedfile",
            models.CheckConstraint(
                condition=Q(state="checking", check_after__isnull=False, whole_at__isnull=False)
                | (~Q(state="checking") & Q(check_after__isnull=True)),
                name="stored_file_checking_has_its_turn",
            ),
        ),
        migrations.AddConstraint(
            "storedfile",
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""),
                name="stored_file_refused_says_why",
            ),
        ),
    ]
