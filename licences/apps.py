from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LicencesConfig(AppConfig):
    name = "licences"
    verbose_name = _("Licences et contrats")

    def ready(self) -> None:
        """Who may do what in the admin; who may take the file of a patch."""
        from accounts.enums import StaffRole
        from accounts.permissions import grant, grant_to_desk
        from files import rights
        from licences.access import may_read_patch

        rights.register("licences.patch", may_read_patch)
        grant_to_desk(
            "licences.view_product",
            "licences.view_licence",
            "licences.view_supportcontract",
            "licences.view_patch",
            "licences.add_patch",
            "licences.change_patch",
        )
        grant(
            StaffRole.MANAGER,
            "licences.add_product",
            "licences.change_product",
            "licences.add_licence",
            "licences.change_licence",
        )
