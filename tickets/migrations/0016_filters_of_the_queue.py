from django.db import migrations, models

OPEN = ("declared", "in_progress", "waiting_customer", "waiting_vendor")


class Migration(migrations.Migration):
    """The open incidents of nobody and of a few companies, for the queue's filters and words."""

    dependencies = [("tickets", "0015_canned")]

    operations = [
        migrations.AddIndex(
            "ticket",
            models.Index(
                fields=["next_due_at", "id"],
                include=("severity", "status", "product", "agency"),
                name="ticket_nobodys",
                condition=models.Q(status__in=OPEN, assignee__isnull=True),
            ),
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(
                fields=["company", "next_due_at", "id"],
                include=("severity", "status", "product", "assignee", "agency", "searched"),
                name="ticket_open_of_company",
                condition=models.Q(status__in=OPEN),
            ),
        ),
    ]
