from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sla', '0002_charter'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='calendarversion',
            constraint=models.CheckConstraint(condition=models.Q(('hours__has_keys', ['tz', 'weekly', 'holidays'])), name='calendar_version_hours_complete'),
        ),
    ]
