"""The forms of the account pages. They validate; operations write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    SetPasswordForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.enums import CompanyRole
from accounts.models import Company, Site, User
from accounts.queries import open_memberships
from foundation.text import AddressField, LineField
from foundation.wording import elided

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PASSWORD_HELP = _(
    "Au moins 12 caractères ; une phrase convient très bien. Ni votre nom, ni un mot de passe "
    "connu de tous."
)
PASSWORD_MAX = 512


def _say(form: forms.Form, field_name: str, label: StrOrPromise, help_text: StrOrPromise) -> None:
    """Our words on a field of allauth’s. No placeholder: it would repeat the label, then vanish."""
    field = form.fields[field_name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no stubs
    """allauth’s, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        _say(self, "login", _("Adresse e-mail"), "")
        _say(self, "password", _("Mot de passe"), "")


class ProveByPasswordForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no stubs
    """allauth’s, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password", _("Mot de passe"), "")


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth has no stubs
    """allauth’s, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", _("Mot de passe actuel"), "")
        _say(self, "password1", _("Nouveau mot de passe"), PASSWORD_HELP)
        _say(self, "password2", _("Le même, une seconde fois"), "")


class FirstPasswordForm(SetPasswordForm):  # type: ignore[misc]  # allauth has no stubs
    """allauth’s, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password1", _("Nouveau mot de passe"), PASSWORD_HELP)
        _say(self, "password2", _("Le même, une seconde fois"), "")


class _Code:
    """A field of allauth’s for a code, typed on a phone as often as not."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self, forms.Form)  # noqa: S101  (narrows the type)
        _say(self, "code", _("Code"), "")


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]  # allauth has no stubs
    """The second step of a sign-in."""


class ProveByCodeForm(_Code, ReauthenticateByCodeForm):  # type: ignore[misc]  # allauth has no stubs
    """A code instead of the password."""


class ActivateCodeForm(_Code, ActivateTOTPForm):  # type: ignore[misc]  # allauth has no stubs
    """The first code of an application."""


class ProfileForm(forms.Form):
    """A person's own name and phone."""

    first_name = LineField(
        label=_("Prénom"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = LineField(
        label=_("Nom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    phone = LineField(
        label=_("Téléphone"),
        max_length=30,
        required=False,
        help_text=_("Pour que l’ingénieur puisse vous rappeler."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


class MailsForm(forms.Form):
    """« Mes e-mails ». What it asks is the contrary of what is stored for people in copy: nobody
    should have to tick a box in order to receive less.
    """

    wants_digest = forms.ChoiceField(
        label=_("Messages et appels notés"),
        choices=[
            ("", _("Tout de suite, un e-mail chaque fois")),
            ("on", _("Une fois par jour, en un seul récapitulatif")),
        ],
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "Le récapitulatif part à l’ouverture du support, les jours ouvrés. Un message ou un "
            "appel qui change le statut de l’incident part toujours tout de suite."
        ),
    )
    hears_copies = forms.BooleanField(
        label=_("Recevoir aussi les messages et appels notés des incidents où je suis en copie"),
        required=False,
        help_text=_(
            "Si vous la décochez, vous ne recevez plus de ces incidents que les changements de "
            "statut, de criticité ou d’échéance et ce qui est attendu de vous. Le reste se lit "
            "sur le portail."
        ),
    )
    told_of_all = forms.TypedMultipleChoiceField(
        label=_("Tous les incidents de ma société"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "En tant que référent, sauf les incidents privés. Leurs messages et leurs appels "
            "notés suivent le premier choix\u00a0: tout de suite, ou une fois par jour."
        ),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wants_digest"].initial = "on" if person.wants_digest else ""
        self.fields["hears_copies"].initial = not person.mutes_copies
        managed = [one for one in open_memberships(person) if one.is_manager]
        if not managed:
            del self.fields["told_of_all"]
            return
        everything = self.fields["told_of_all"]
        assert isinstance(everything, forms.TypedMultipleChoiceField)  # noqa: S101  (narrows it)
        everything.choices = [
            (
                one.pk,
                _("Recevoir les e-mails de tous les incidents %s") % elided("de", one.company.name),
            )
            for one in managed
        ]
        everything.initial = [one.pk for one in managed if one.told_of_all]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["wants_digest"] = cleaned.get("wants_digest") == "on"
        cleaned["mutes_copies"] = not cleaned.pop("hears_copies", False)
        cleaned.setdefault("told_of_all", [])
        return cleaned


class InviteForm(forms.Form):
    """Somebody to whom a company's manager opens an access."""

    email = AddressField(
        label=_("Adresse e-mail"),
        help_text=_("L’invitation part à cette adresse ; c’est aussi l’identifiant de connexion."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = LineField(label=_("Prénom"), max_length=80)
    last_name = LineField(label=_("Nom"), max_length=80)
    role = forms.ChoiceField(
        label=_("Rôle"),
        choices=CompanyRole.choices,
        initial=CompanyRole.CONTACT,
        help_text=_(
            "Un contact voit ses incidents et ceux où il est en copie. "
            "Un référent voit ceux de toute la société et gère les accès."
        ),
    )
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("Non précisé"),
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)  # noqa: S101  (narrows the type)
        site.queryset = Site.objects.filter(company=company)

    def clean_role(self) -> CompanyRole:
        return CompanyRole(self.cleaned_data["role"])


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.TypedChoiceField(choices=CompanyRole.choices, coerce=CompanyRole)


class AddressForm(forms.Form):
    """« Mot de passe perdu »."""

    email = AddressField(
        label=_("Adresse e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class ChoosePasswordForm(forms.Form):
    """A new password, typed twice because nobody can read it."""

    password1 = forms.CharField(
        label=_("Nouveau mot de passe"),
        strip=False,
        max_length=PASSWORD_MAX,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Le même, une seconde fois"),
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed, again = cleaned.get("password1"), cleaned.get("password2")
        if typed and again and typed != again:
            self.add_error("password2", _("Les deux saisies diffèrent."))
        return cleaned
