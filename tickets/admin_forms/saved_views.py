"""Forms of the saved views of the queue."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from foundation.text import LineField
from tickets.models.saved_view import NAME_MAX

ADDRESS_MAX = 2_000


class ViewForm(forms.Form):
    """A name, and for whom."""

    name = LineField(label=_("Nom de la vue"), max_length=NAME_MAX)
    is_shared = forms.BooleanField(label=_("Partager avec tout le support"), required=False)


class NewViewForm(ViewForm):
    """The same with what the queue showed, as its address holds it."""

    asked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=ADDRESS_MAX)

    def clean_asked(self) -> QueryDict:
        """The values of that address: read as any address before anything is kept of it."""
        return QueryDict(self.cleaned_data["asked"].lstrip("?"))
