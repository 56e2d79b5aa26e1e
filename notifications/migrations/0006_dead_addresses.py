import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Addresses that a server said are none."""

    dependencies = [
        ('notifications', '0005_sender_pause'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, unique=True, verbose_name='adresse')),
                ('since', models.DateTimeField(verbose_name='depuis le')),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='réponse du serveur')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notifications.delivery', verbose_name='e-mail revenu')),
            ],
            options={
                'verbose_name': 'adresse en échec',
                'verbose_name_plural': 'adresses en échec',
                'ordering': ['-since', '-pk'],
            },
        ),
    ]
