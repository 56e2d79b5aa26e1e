"""Writing an article: the form checks what the operation would refuse, so that nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from blog.models import Article
from foundation.text import LineField, TextField
from licences.admin_forms import ActingForm


class ArticleForm(ActingForm):
    """An article as its author writes it."""

    title = LineField(
        label=_("Titre"),
        max_length=160,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    summary = LineField(
        label=_("Chapeau"),
        max_length=300,
        help_text=_("Deux lignes : elles paraissent dans la liste et le flux RSS."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )
    body = TextField(
        label=_("Texte"),
        max_length=70_000,
        help_text=_("En Markdown. « Aperçu » l’ouvre tel qu’il sera lu, sans rien enregistrer."),
        widget=forms.Textarea(attrs={"rows": 24, "class": "vLargeTextField"}),
    )
    slug = forms.SlugField(
        label=_("Adresse"),
        max_length=160,
        required=False,
        help_text=_("Vide : faite à partir du titre. Ne la changez plus une fois publiée."),
    )
    # The version that the author has before their eyes (G4).
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ["title", "slug", "summary", "body", "products", "audience", "companies"]
        # Plain widgets: Django's searching ones fail the accessibility rules.
        widgets = {
            "products": forms.CheckboxSelectMultiple,
            "companies": forms.SelectMultiple(attrs={"size": 10}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "seen_at" in self.fields:
            self.initial["seen_at"] = self.instance.updated_at.isoformat()

    def clean_seen_at(self) -> datetime | None:
        """An instant, or none for a new article; what was forged counts as an old version."""
        value = self.cleaned_data["seen_at"]
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)
