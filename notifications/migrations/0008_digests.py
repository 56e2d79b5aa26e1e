import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_STATES = [
    ("held", "au prochain récapitulatif"),
    ("queued", "à envoyer"),
    ("sent", "accepté par le serveur"),
    ("refused", "refusé par le serveur"),
    ("bounced", "rebondi"),
    ("dropped", "abandonné"),
]


class Migration(migrations.Migration):
    """Messages may wait for one mail of the day, which carries them."""

    dependencies = [("notifications", "0007_closed_mailbox")]

    operations = [
        migrations.AddField(
            "delivery",
            "carrier",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried",
                to="notifications.delivery",
                verbose_name="récapitulatif",
            ),
        ),
        migrations.AddField(
            "delivery",
            "is_digest",
            models.BooleanField("récapitulatif", default=False, db_default=False),
        ),
        migrations.AddField(
            "reconciliation",
            "held",
            models.PositiveBigIntegerField("au récapitulatif", default=0, db_default=0),
        ),
        migrations.AlterField(
            "delivery",
            "state",
            models.CharField("état", choices=_STATES, default="queued", max_length=10),
        ),
        migrations.AlterField(
            "resend",
            "state_before",
            models.CharField("état avant", choices=_STATES, max_length=10),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                condition=Q(state="held", carrier__isnull=True),
                fields=["recipient", "created_at"],
                name="delivery_held",
            ),
        ),
        migrations.AddIndex(
            "delivery",
            models.Index(
                condition=Q(carrier__isnull=False), fields=["carrier"], name="delivery_carried"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=~Q(state="held") | Q(event__isnull=False),
                name="delivery_held_is_of_an_event",
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(carrier__isnull=True),
                name="delivery_queued_leaves_by_itself",
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=Q(is_digest=False)
                | Q(event__isnull=True, carrier__isnull=True, recipient__isnull=False),
                name="delivery_digest_is_of_a_person",
            ),
        ),
    ]
