"""Forms of the admin whose saving calls an operation, and the checks of a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import CompanyField
from accounts.models import Company, Site
from foundation.admin import LongListAdmin
from foundation.refusals import Refusal
from foundation.text import LineField, TextField
from licences.models import Licence, Patch

if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
    LicenceModelForm = forms.ModelForm[Licence]
    PatchModelForm = forms.ModelForm[Patch]
else:
    AnyModelForm = LicenceModelForm = PatchModelForm = forms.ModelForm


_SITES_NAMED = 12


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


class SiteByName(LineField):
    """A site by its name: the form says of which company."""

    def prepare_value(self, value: Any) -> Any:
        """What was typed, or the name of the site that the row has."""
        if isinstance(value, int):
            return Site.objects.filter(pk=value).values_list("name", flat=True).first()
        return value


class LicenceForm(LicenceModelForm):
    """A licence of a company, at one of its own sites."""

    company = CompanyField(Company.objects.all())
    site = SiteByName(
        label=_("Site"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Nom d’un site de la société. Vide\u00a0: tous ses sites."),
    )

    class Meta:
        labels = {"contract_number": _("N°\u00a0de contrat éditeur")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        name, company = cleaned.pop("site", ""), cleaned.get("company")
        if not name or company is None:
            return {**cleaned, "site": None}
        sites = {site.name.casefold(): site for site in company.sites.order_by("name")}
        if name.casefold() in sites:
            return {**cleaned, "site": sites[name.casefold()]}
        self.add_error("site", _no_such_site(list(sites.values())))
        return cleaned


def _no_such_site(theirs: list[Site]) -> str:
    if not theirs:
        return gettext("Cette société n’a aucun site.")
    names = ", ".join(site.name for site in theirs[:_SITES_NAMED])
    sentence = gettext("Cette société n’a pas de site de ce nom. Les siens\u00a0: %(names)s.")
    return sentence % {"names": names}


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
