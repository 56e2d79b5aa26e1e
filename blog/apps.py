from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = _("Blog technique")

    def ready(self) -> None:
        """Engineers and managers write; nobody deletes: an article is made a draft again."""
        from accounts.permissions import grant_to_desk

        grant_to_desk("blog.view_article", "blog.add_article", "blog.change_article")
