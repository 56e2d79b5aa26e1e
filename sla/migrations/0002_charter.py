"""The charter's own calendar and service level: every portal starts with them (S2)."""

from datetime import date

from django.db import migrations

from sla.holidays import french_holidays

SINCE = date(2025, 1, 1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def install(apps, schema_editor):
    Calendar = apps.get_model("sla", "Calendar")
    Version = apps.get_model("sla", "CalendarVersion")
    Level = apps.get_model("sla", "ServiceLevel")
    LevelVersion = apps.get_model("sla", "ServiceLevelVersion")
    names = french_holidays(SINCE.year)
    calendar = Calendar.objects.create(code="bureaux", name="Support, lundi au vendredi, 9 h – 18 h")
    Version.objects.create(
        calendar=calendar,
        effective_from=SINCE,
        hours={
            "tz": "Europe/Paris",
            "weekly": {day: [["09:00", "18:00"]] for day in WEEKDAYS},
            "holidays": list(names),
        },
        holiday_names=names,
    )
    level = Level.objects.create(
        code="charte", name="Charte", description="Les engagements de la charte qualité, sans contrat."
    )
    LevelVersion.objects.create(
        service_level=level,
        effective_from=SINCE,
        calendar=calendar,
        acknowledgement_blocking=30,
        acknowledgement_impairing=60,
        acknowledgement_informational=120,
        resolution_blocking=4 * 60,
        resolution_impairing=9 * 60,
        resolution_informational=27 * 60,
    )


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
