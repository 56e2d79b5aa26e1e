from django.db import migrations, models


class Migration(migrations.Migration):
    """Another act of the history: the vendor is late."""

    dependencies = [
        ('tickets', '0017_checklists_and_time'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ticketevent',
            name='act',
            field=models.CharField(choices=[('declare', 'Incident déclaré'), ('acknowledge', 'Prise en charge'), ('assign', 'Affectation'), ('message', 'Message'), ('call', 'Appel'), ('note', 'Note interne'), ('wait_customer', 'Mise en attente client'), ('wait_vendor', 'Mise en attente éditeur'), ('resume', 'Reprise'), ('resolve', 'Résolution'), ('accept', 'Solution acceptée'), ('close', 'Clôture automatique'), ('reopen', 'Réouverture'), ('cancel', 'Annulation'), ('requalify', 'Changement de criticité'), ('restate', 'Nouvelles conditions appliquées'), ('correct', 'Correction de la prise en charge'), ('add_copy', 'Personne ajoutée en copie'), ('remove_copy', 'Personne retirée des copies'), ('rung', 'Seuil d’un engagement'), ('merge', 'Fusion'), ('unmerge', 'Fusion annulée'), ('absorb', 'Fusion reçue'), ('release', 'Fusion reçue annulée'), ('escalate', 'Escalade'), ('answer_escalation', 'Réponse à l’escalade'), ('ask_severity', 'Demande d’une autre criticité'), ('decline_severity', 'Demande de criticité refusée'), ('correct_subject', 'Correction du sujet'), ('remind', 'Rappel au client'), ('close_unanswered', 'Clôture sans réponse'), ('attach', 'Rattachement à un incident principal'), ('detach', 'Incident détaché'), ('split', 'Scission'), ('withdraw', 'Réponse reprise'), ('chase', 'Éditeur à relancer')], max_length=20, verbose_name='acte'),
        ),
    ]
