"""Reminders of a wait, the parent of an incident, the second subject of another."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def look_at_waits(apps, schema_editor):
    """The sweep reminds those who are awaited since before there were reminders."""
    tickets = apps.get_model("tickets", "Ticket").objects.filter(
        status="waiting_customer", next_check_at__isnull=True
    )
    tickets.update(next_check_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_saved_views")]

    operations = [
        migrations.AddField(
            model_name="pause",
            name="reminders",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="pause",
            name="closes_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="tickets.ticket",
                verbose_name="incident principal",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="split_from",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Incident dont celui-ci était le second sujet.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="splits",
                to="tickets.ticket",
                verbose_name="issu de",
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="act",
            field=models.CharField(
                choices=[
                    ("declare", "Incident déclaré"),
                    ("acknowledge", "Prise en charge"),
                    ("assign", "Affectation"),
                    ("message", "Message"),
                    ("call", "Appel"),
                    ("note", "Note interne"),
                    ("wait_customer", "Mise en attente client"),
                    ("wait_vendor", "Mise en attente éditeur"),
                    ("resume", "Reprise"),
                    ("resolve", "Résolution"),
                    ("accept", "Solution acceptée"),
                    ("close", "Clôture automatique"),
                    ("reopen", "Réouverture"),
                    ("cancel", "Annulation"),
                    ("requalify", "Changement de criticité"),
                    ("restate", "Nouvelles conditions appliquées"),
                    ("correct", "Correction de la prise en charge"),
                    ("add_copy", "Personne ajoutée en copie"),
                    ("remove_copy", "Personne retirée des copies"),
                    ("rung", "Seuil d’un engagement"),
                    ("merge", "Fusion"),
                    ("unmerge", "Fusion annulée"),
                    ("absorb", "Fusion reçue"),
                    ("release", "Fusion reçue annulée"),
                    ("escalate", "Escalade"),
                    ("answer_escalation", "Réponse à l’escalade"),
                    ("ask_severity", "Demande d’une autre criticité"),
                    ("decline_severity", "Demande de criticité refusée"),
                    ("correct_subject", "Correction du sujet"),
                    ("remind", "Rappel au client"),
                    ("close_unanswered", "Clôture sans réponse"),
                    ("attach", "Rattachement à un incident principal"),
                    ("detach", "Incident détaché"),
                    ("split", "Scission"),
                ],
                max_length=20,
                verbose_name="acte",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="ticket_of_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("split_from__isnull", False)),
                fields=["split_from"],
                name="ticket_split_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="ticket_is_not_its_own_parent",
            ),
        ),
        migrations.AlterField(
            model_name='attachment',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', related_query_name='attachment', to='files.storedfile'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.UniqueConstraint(fields=('message', 'file'), name='attachment_once'),
        ),
        migrations.AddField(
            model_name='attachment',
            name='is_shared',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.UniqueConstraint(condition=models.Q(('is_shared', False)), fields=('file',), name='attachment_file_came_once'),
        ),
        migrations.RunPython(look_at_waits, migrations.RunPython.noop),
    ]
