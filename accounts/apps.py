"""Start-up of the accounts app: who may do what in the admin, and how one enters it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_FOLLOWED = ("agency", "company", "site", "user", "membership", "absence", "training")
_RUN_BY_MANAGERS = ("company", "site", "user", "membership")


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Personnes et sociétés")

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from accounts.enums import StaffRole
        from accounts.permissions import grant, grant_to_desk
        from accounts.queries import counted_together
        from files import quotas

        grant_to_desk(*(f"accounts.view_{model}" for model in _FOLLOWED))
        grant(
            StaffRole.MANAGER,
            *(f"accounts.{act}_{model}" for act in ("add", "change") for model in _RUN_BY_MANAGERS),
            *(
                f"accounts.{act}_{model}"
                for act in ("add", "change", "delete")
                for model in ("absence", "training")
            ),
        )
        quotas.register(counted_together)
        # Rate limits, second factor and wording of the portal's own sign-in (F8).
        admin.site.login = secure_admin_login(  # type: ignore[method-assign]  # allauth's way in
            admin.site.login
        )
