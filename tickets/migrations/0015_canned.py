from django.db import migrations, models


class Migration(migrations.Migration):
    """Answers written once by managers, for engineers to send."""

    dependencies = [("tickets", "0014_answers_taken_back")]

    operations = [
        migrations.CreateModel(
            name="Canned",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="nom")),
                ("body", models.TextField(verbose_name="texte")),
                (
                    "sequel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wait_customer", "mettre en attente client"),
                            ("wait_vendor", "mettre en attente éditeur"),
                            ("resolve", "résoudre\u00a0: le texte est la solution"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="puis",
                    ),
                ),
                (
                    "reason",
                    models.TextField(blank=True, default="", verbose_name="ce qui est attendu"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="proposée")),
                (
                    "uses",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="envois"),
                ),
            ],
            options={
                "verbose_name": "réponse type",
                "verbose_name_plural": "réponses types",
                "ordering": ["name"],
            },
        ),
    ]
