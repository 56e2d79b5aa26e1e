"""Forms of the admin whose saving calls an operation, and the checks of a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from foundation.admin import LongListAdmin
from foundation.refusals import Refusal
from foundation.text import LineField, TextField
from licences.models import Licence, Patch

if TYPE_CHECKING:
    SiteField = forms.ModelChoiceField[Site]
    AnyModelForm = forms.ModelForm[Any]
    LicenceModelForm = forms.ModelForm[Licence]
    PatchModelForm = forms.ModelForm[Patch]
else:
    SiteField = forms.ModelChoiceField
    AnyModelForm = LicenceModelForm = PatchModelForm = forms.ModelForm


class ActingForm(AnyModelForm):
    """Shows what the operation refused as an error of the form."""

    refusal: ClassVar[str] = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned


class KeepingAdmin(LongListAdmin):
    """Saving calls an operation; what it refuses comes back with everything that was typed."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # Nothing was written; the same request again, to a form that knows why.
            request.META["portal.refusal"] = refusal.sentence
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = request.META.get("portal.refusal", "")
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form


class SiteOfCompanyField(SiteField):
    """A site, named with its company: every company has a « Siège »."""

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj.company} – {obj}" if isinstance(obj, Site) else str(obj)


class LicenceForm(LicenceModelForm):
    """A licence of a company, at one of its own sites."""

    site = SiteOfCompanyField(
        label=_("Site"),
        required=False,
        queryset=Site.objects.select_related("company").order_by("company__name", "name"),
        help_text=_("Vide : tous les sites."),
    )

    class Meta:
        labels = {"contract_number": _("N°\u00a0de contrat éditeur")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        site, company = cleaned.get("site"), cleaned.get("company")
        if site and company and site.company_id != company.pk:
            self.add_error("site", _("Ce site appartient à une autre société."))
        return cleaned


class PatchForm(ActingForm):
    """A patch; its file is given once, with the first saving."""

    title = LineField(label=_("Titre"), max_length=160)
    version = LineField(label=_("Version"), max_length=40)
    notes = TextField(
        label=_("Notes"),
        required=False,
        help_text=_("Ce qui change, dans quel ordre installer. Lu par les clients."),
    )
    content = forms.FileField(
        label=_("Fichier"),
        help_text=_("Un programme se met dans une archive ZIP. Le fichier ne changera plus."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("content", None)
