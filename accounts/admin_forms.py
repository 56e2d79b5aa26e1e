"""Forms of the admin pages of people. They validate; operations write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from accounts.enums import CompanyRole
from accounts.models import Absence, Company, Membership, User, normalise_email
from accounts.queries import companies_named
from foundation.text import LINE_MAX, LineField, tidy_line

if TYPE_CHECKING:
    PersonModelForm = forms.ModelForm[User]
    MembershipModelForm = forms.ModelForm[Membership]
    AbsenceModelForm = forms.ModelForm[Absence]
    CompanyChoiceField = forms.ModelChoiceField[Company]
else:
    CompanyChoiceField = forms.ModelChoiceField
    PersonModelForm = MembershipModelForm = AbsenceModelForm = forms.ModelForm

# Companies among which one is asked to choose.
_NAMED_AT_MOST = 6


class CompanyField(CompanyChoiceField):
    """A company by its code or its name, as it is typed: nobody reads a list of a thousand.

    A part of the name will do when one company alone has it. Raises ValidationError that names
    those among which one must choose.
    """

    widget = forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})

    def __init__(self, queryset: QuerySet[Company], **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Société"))
        kwargs.setdefault("help_text", _("Code client ou nom, même en partie."))
        super().__init__(queryset, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """What was typed, or the name of the company that the row has."""
        if isinstance(value, int):
            value = Company.objects.filter(pk=value).first()
        return value.name if isinstance(value, Company) else value

    def to_python(self, value: Any) -> Company | None:
        if not value or isinstance(value, Company):
            return value or None
        typed = tidy_line(str(value)[:LINE_MAX])
        rows: QuerySet[Company] = self.queryset  # type: ignore[assignment]  # ours, never None
        named = rows.filter(Q(code=typed.upper()) | Q(name=typed)).first()
        if named is not None:
            return named
        if not typed:
            return None
        found = companies_named(rows, typed.split()).order_by(Length("name"), "pk")
        return _the_only_one(list(found[:_NAMED_AT_MOST]), typed)


def _the_only_one(found: list[Company], typed: str) -> Company:
    if len(found) == 1 or (found and found[0].name.casefold() == typed.casefold()):
        return found[0]
    if not found:
        raise forms.ValidationError(_("Aucune société n’a ce code ou ce nom."))
    names = ", ".join(f"{company.name} ({company.code})" for company in found)
    raise forms.ValidationError(
        _("Plusieurs sociétés répondent\u00a0: %(names)s. Tapez le code de la bonne."),
        params={"names": names},
    )


class PersonForm(PersonModelForm):
    """Somebody's own facts. There is no password here: the person chooses it (P2)."""

    first_name = LineField(label=_("Prénom"), max_length=80)
    last_name = LineField(label=_("Nom"), max_length=80)
    phone = LineField(label=_("Téléphone"), max_length=30, required=False)

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "phone", "staff_role", "agency"]

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        # Said here, in one sentence: a field that has its fault is spared the database's own.
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Cette adresse est celle d’un autre compte."))
        return email


class NewPersonForm(PersonForm):
    """The same, with the company to which the person belongs and the link to send."""

    company = CompanyField(
        Company.objects.filter(is_active=True),
        required=False,
        help_text=_("Code client ou nom, même en partie. Vide pour un membre du support."),
    )
    role = forms.TypedChoiceField(
        label=_("Rôle dans la société"),
        choices=CompanyRole.choices,
        coerce=CompanyRole,
        initial=CompanyRole.CONTACT,
    )
    send_invitation = forms.BooleanField(
        label=_("Envoyer l’invitation"),
        required=False,
        initial=True,
        help_text=_("Un lien pour choisir son mot de passe part à son adresse."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        company, staff_role = cleaned.get("company"), cleaned.get("staff_role")
        if company is None and not staff_role:
            self.add_error("company", _("Indiquez la société de cette personne."))
        if company is not None and staff_role:
            self.add_error("company", _("Un membre du support n’est rattaché à aucune société."))
        return cleaned


class MembershipForm(MembershipModelForm):
    """A person in a company."""

    class Meta:
        model = Membership
        fields = ["user", "company", "role", "site", "told_of_all"]

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if user.is_staff:
            raise forms.ValidationError(_("Un membre du support n’est rattaché à aucune société."))
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        company = cleaned.get("company") or getattr(self.instance, "company", None)
        site = cleaned.get("site")
        if site is not None and company is not None and site.company_id != company.pk:
            self.add_error("site", _("Ce site est celui d’une autre société."))
        if cleaned.get("told_of_all") and cleaned.get("role") != CompanyRole.MANAGER:
            self.add_error("told_of_all", _("Ce choix est celui d’un référent."))
        return cleaned


class AbsenceForm(AbsenceModelForm):
    """Days away, and who stands in."""

    class Meta:
        model = Absence
        fields = ["engineer", "substitute", "starts_on", "ends_on"]

    def clean_substitute(self) -> User | None:
        substitute: User | None = self.cleaned_data["substitute"]
        if substitute is not None and not (substitute.is_active and substitute.is_engineer):
            raise forms.ValidationError(_("Choisissez un ingénieur en activité."))
        return substitute
