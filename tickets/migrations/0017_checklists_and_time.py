import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What ours keep beside an incident: checklists by kind, the time they spent."""

    dependencies = [
        ('licences', '0002_licences_searched'),
        ('tickets', '0016_filters_of_the_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Checklist',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='nom')),
                ('severity', models.CharField(blank=True, choices=[('blocking', 'Bloquant'), ('impairing', 'Gênant'), ('informational', 'Informatif')], default='', help_text='Vide\xa0: toutes les criticités.', max_length=15, verbose_name='criticité')),
                ('is_active', models.BooleanField(default=True, verbose_name='proposée')),
                ('product', models.ForeignKey(blank=True, help_text='Vide\xa0: tous les produits.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licences.product', verbose_name='produit')),
            ],
            options={
                'verbose_name': 'liste de contrôle',
                'verbose_name_plural': 'listes de contrôle',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ChecklistStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordre')),
                ('text', models.CharField(max_length=200, verbose_name='étape')),
                ('checklist', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='tickets.checklist')),
            ],
            options={
                'verbose_name': 'étape',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='StepDone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_at', models.DateTimeField()),
                ('done_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.checkliststep')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps_done', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ticket', 'step'), name='step_done_once')],
            },
        ),
        migrations.CreateModel(
            name='TimeSpent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
                ('noted_at', models.DateTimeField(verbose_name='noté le')),
                ('form_token', models.UUIDField(editable=False, unique=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='time_spent', to='tickets.ticket')),
            ],
            options={
                'verbose_name': 'temps passé',
                'ordering': ['noted_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('minutes__gt', 0), ('minutes__lte', 1440)), name='time_spent_sensible')],
            },
        ),
    ]
