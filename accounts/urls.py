"""Addresses of the accounts app: allauth's views one by one, under French paths.

allauth reverses its own names, so they are kept. Its views that this portal has no use for
(another address, sign-up by code, phone) are not mapped; `account_email` leads to the account.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as usersessions
from django.urls import path
from django.views.generic import RedirectView

from accounts import forms
from accounts.views import entrance, own, team

_ENTRANCE = [
    path(
        "connexion/", account.LoginView.as_view(form_class=forms.SignInForm), name="account_login"
    ),
    path(
        "connexion/code/",
        mfa.AuthenticateView.as_view(form_class=forms.CodeForm),
        name="mfa_authenticate",
    ),
    path("connexion/compte-ferme/", account.account_inactive, name="account_inactive"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("inscription/", account.signup, name="account_signup"),
    path("mot-de-passe-perdu/", entrance.lost_password, name="account_reset_password"),
    path(
        "mot-de-passe-perdu/envoye/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "mot-de-passe-perdu/change/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "mot-de-passe-perdu/choisir/<str:token>/",
        entrance.reset_from_link,
        name="account_reset_password_from_key",
    ),
    path("bienvenue/<str:token>/", entrance.invitation, name="invitation"),
    path("bienvenue/<str:token>/nouveau-lien/", entrance.renew_invitation, name="invitation_renew"),
]

_OWN = [
    path("compte/", own.settings_page, name="account_settings"),
    path(
        "compte/adresse/",
        RedirectView.as_view(pattern_name="account_settings"),
        name="account_email",
    ),
    path(
        "compte/mot-de-passe/",
        account.PasswordChangeView.as_view(form_class=forms.NewPasswordForm),
        name="account_change_password",
    ),
    path(
        "compte/mot-de-passe/definir/",
        account.PasswordSetView.as_view(form_class=forms.FirstPasswordForm),
        name="account_set_password",
    ),
    path(
        "compte/confirmer/",
        account.ReauthenticateView.as_view(form_class=forms.ProveByPasswordForm),
        name="account_reauthenticate",
    ),
    path("compte/second-facteur/", mfa.index, name="mfa_index"),
    path(
        "compte/second-facteur/activer/",
        totp.ActivateTOTPView.as_view(form_class=forms.ActivateCodeForm),
        name="mfa_activate_totp",
    ),
    path("compte/second-facteur/desactiver/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "compte/second-facteur/confirmer/",
        mfa.ReauthenticateView.as_view(form_class=forms.ProveByCodeForm),
        name="mfa_reauthenticate",
    ),
    path(
        "compte/second-facteur/codes/",
        recovery.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "compte/second-facteur/codes/nouveaux/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/second-facteur/codes/telecharger/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("compte/sessions/", usersessions.list_usersessions, name="usersessions_list"),
    path("compte/courriels/", own.mails, name="account_mails"),
    path("compte/societe/", own.switch_company, name="switch_company"),
]

_TEAM = [
    path("equipe/", team.team, name="team"),
    path("equipe/inviter/", team.invite, name="team_invite"),
    path("equipe/<int:membership_id>/fermer/", team.close, name="team_close"),
    path("equipe/<int:membership_id>/rouvrir/", team.reopen, name="team_reopen"),
    path("equipe/<int:membership_id>/relancer/", team.remind, name="team_remind"),
    path("equipe/<int:membership_id>/role/", team.change_role, name="team_role"),
]

urlpatterns = [*_ENTRANCE, *_OWN, *_TEAM]
