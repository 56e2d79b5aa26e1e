from django.db import migrations, models


class Migration(migrations.Migration):
    """Slow domains, and the queue indexed in the sender's whole order."""

    dependencies = [
        ('notifications', '0007_closed_mailbox'),
    ]

    operations = [
        migrations.CreateModel(
            name='SlowDomain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=255, unique=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('stalls', models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'domaine lent',
                'verbose_name_plural': 'domaines lents',
            },
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_to_send',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at', 'id'], name='delivery_next'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['event', 'recipient'], name='delivery_waiting'),
        ),
    ]
