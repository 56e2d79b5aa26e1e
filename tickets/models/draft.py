"""What somebody has typed of a declaration and not sent yet."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User

# The fields of the form that a draft holds; never a file, a mark or a token.
FIELDS = (
    "product", "other_product", "licence", "site", "severity", "title", "body", "copies",
    "is_private",
)  # fmt: skip


class Draft(models.Model):
    """One unsent declaration: one row per person and form.

    Its text is personal data that nobody but its author reads, staff included: no admin page, no
    event, no mail shows it. It goes in the transaction of the declaration, when its author
    deletes it, and thirty days after it was last saved (operations.drafts).

    `values` are the fields as they were posted, by name. `version` counts the saves. `page` is
    the open page that saved last: another page that had not seen this text does not erase it, it
    goes to `others` (the latest of each page), where its author finds it again.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafts")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    form_token = models.UUIDField()
    # The parameters of the form's address: which incident it follows, which licence it is about.
    about = models.CharField(max_length=200, blank=True)
    values: models.JSONField[Any, Any] = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=36, blank=True)
    others: models.JSONField[Any, Any] = models.JSONField(default=list)
    # How many files waited with it: those that have gone since are asked for again.
    files = models.PositiveSmallIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("brouillon")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "form_token"], name="draft_of_form")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["saved_at"], name="draft_age")
        ]

    def __str__(self) -> str:
        return f"Brouillon {self.pk}"

    @property
    def title(self) -> str:
        """What was typed as the title, if anything."""
        return str(self.values.get("title", [""])[0])

    @property
    def product_id(self) -> int | None:
        """The product chosen, if it is one of the park."""
        value = str(self.values.get("product", [""])[0])
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None

    @property
    def initial(self) -> dict[str, Any]:
        """The values as a form's `initial`."""
        return {name: found if len(found) > 1 else found[0] for name, found in self.values.items()}

    @property
    def address(self) -> str:
        """The parameters that open this very form again."""
        named = QueryDict(self.about, mutable=True)
        named["brouillon"] = str(self.form_token)
        return f"?{named.urlencode()}"

    @property
    def other_texts(self) -> list[dict[str, str]]:
        """What other open pages had saved: title and text of each."""
        return [
            {
                "title": row["values"].get("title", [""])[0],
                "body": row["values"].get("body", [""])[0],
            }
            for row in self.others
        ]
