"""What the pages of all rules share.

Nothing is deleted, versions that were used are read only, and open incidents are asked about
before a change is saved (S12, `terms.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from foundation.admin import LongListAdmin
from foundation.refusals import Refusal
from foundation.wording import day as day_fr
from foundation.wording import paris
from tickets import operations
from tickets.admin_rules.terms import Answer, Asking, Listing, MustAsk, Subject, sent_fields
from tickets.queries.terms import preview_terms, touched_by


class RuleRequest(HttpRequest):
    """A request of a rule's page, with what was asked and answered (set by `changeform_view`)."""

    asking: Asking


class RuleAdmin(LongListAdmin):
    """Rules are added and changed, never deleted: incidents and figures refer to them."""

    view_on_site = False
    change_form_template = "admin/rules/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_apply"
        view = self.admin_site.admin_view(self.apply_view)
        return [path("<path:object_id>/appliquer/", view, name=name), *super().get_urls()]

    # --- saving -----------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Saved whole, or not at all: when open incidents must be asked about, when a rule
        refuses, or when the database does because of what another manager has just saved.
        """
        asking = Asking.read(request, timezone.now())
        cast(RuleRequest, request).asking = asking
        try:
            with transaction.atomic():
                response = super().changeform_view(request, object_id, form_url, extra_context)
        except MustAsk as question:
            return self._ask(request, question)
        except IntegrityError:
            return self._say_and_return(request, _(
                "Quelqu’un vient d’enregistrer la même chose\u00a0: relisez avant de recommencer."
            ))  # fmt: skip
        except Refusal as refusal:
            return self._say_and_return(request, refusal.sentence)
        return response if asking.to_apply is None else self._apply(request, asking)

    def _say_and_return(self, request: HttpRequest, sentence: str) -> HttpResponse:
        messages.error(request, sentence)
        return HttpResponseRedirect(request.get_full_path())

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change, **kwargs)
        asking: Asking | None = getattr(request, "asking", None)
        return form if asking is None or asking.answer.saves else _shown_again(form)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.complete(form, formsets)
        asking = cast(RuleRequest, request).asking
        subject = self.changed_conditions(request, form, asking)
        rule = form.instance
        asking.settle(subject, str(rule), lambda: self.shown_when_asked(rule))

    def complete(self, form: Any, formsets: Any) -> None:
        """What the saved rule needs of its lines."""

    # --- open incidents (S12) -------------------------------------------------------------------

    def changed_conditions(self, request: HttpRequest, form: Any, asking: Asking) -> Subject | None:
        """What the saved form gives to open incidents today; None when it gives them nothing."""
        return self.conditions(form.instance, asking)

    def conditions(self, rule: Any, asking: Asking) -> Subject | None:
        """What this rule, as it is stored, gives to open incidents today."""
        return None

    def shown_when_asked(self, rule: Any) -> dict[str, Any]:
        """More for the page of the question; read before the rows are given up."""
        return {}

    def _ask(self, request: HttpRequest, question: MustAsk) -> HttpResponse:
        asking = cast(RuleRequest, request).asking
        context = {
            **self.admin_site.each_context(request), **question.shown, "opts": self.opts,
            "title": _("Des incidents ouverts sont concernés"), "rule": question.name,
            "listing": question.listing, "asking": asking, "sent": sent_fields(request),
            "reason": request.POST.get("terms_reason", ""), "saving": True,
        }  # fmt: skip
        return TemplateResponse(request, "admin/rules/ask.html", context)

    def _apply(self, request: HttpRequest, asking: Asking) -> HttpResponse:
        """Each incident in its own transaction; the page says how many moved and names the rest."""
        subject = asking.to_apply
        if subject is None or not isinstance(request.user, User):
            raise PermissionDenied
        applied = operations.apply_to_all(
            tickets=list(touched_by(*subject)), actor=request.user, version=subject.rule,
            at=asking.at, reason=asking.reason,
        )  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "applied": applied,
            "title": _("Nouvelles conditions appliquées"), "rule": str(subject.rule),
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/rules/applied.html", context)

    def apply_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A rule that is already in force, applied later to the incidents still open."""
        rule = self.get_object(request, unquote(object_id))
        if rule is None:
            raise Http404
        if not self.has_add_permission(request):
            raise PermissionDenied
        asking = Asking.read(request, timezone.now())
        subject = self.conditions(rule, asking)
        if subject is None:
            messages.warning(request, _("Ces conditions ne sont pas en vigueur aujourd’hui."))
            return HttpResponseRedirect(self._address(rule))
        if request.method == "POST" and asking.answer is Answer.APPLY and not asking.error:
            asking.to_apply = subject
            return self._apply(request, asking)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": rule,
            "title": _("Appliquer aux incidents ouverts"), "rule": str(rule), "asking": asking,
            "listing": Listing.of(preview_terms(subject.rule, asking.at, subject.company)),
            "reason": request.POST.get("terms_reason", ""), "back": self._address(rule),
        }  # fmt: skip
        return TemplateResponse(request, "admin/rules/ask.html", context)

    def _address(self, rule: Model, page: str = "change") -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[rule.pk])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page of a rule in force says how many open incidents do not follow it."""
        rule, asking = context.get("original"), cast(RuleRequest, request).asking
        if rule is not None and self.has_add_permission(request):
            subject = self.conditions(rule, asking)
            context["unlike"] = touched_by(*subject).count() if subject is not None else 0
            context["apply_url"] = self._address(rule, "apply")
        return super().render_change_form(request, context, *args, **kwargs)


def _shown_again(form: type[forms.ModelForm[Any]]) -> type[forms.ModelForm[Any]]:
    """The form with everything typed, judged but never saved: the way back, and a look."""

    class ShownAgain(form):  # type: ignore[misc,valid-type]
        def is_valid(self) -> bool:
            super().is_valid()
            return False

    return ShownAgain


class VersionAdmin(RuleAdmin):
    """A dated version. One that an incident was promised by is read, never changed (S12)."""

    def is_locked(self, version: Any) -> bool:
        """Whether somebody was promised something by this version, or may have been."""
        raise NotImplementedError

    def in_force(self, version: Any, asking: Asking) -> bool:
        """It holds today, and no later version does."""
        today = paris(asking.at).date()
        others = self.family(version).versions.filter(effective_from__lte=today)
        newest: date | None = max((other.effective_from for other in others), default=None)
        return bool(version.effective_from == newest)

    def family(self, version: Any) -> Any:
        """The calendar or the service level that it is a version of."""
        raise NotImplementedError

    def conditions(self, rule: Any, asking: Asking) -> Subject | None:
        return Subject(rule) if self.in_force(rule, asking) else None

    def changed_conditions(self, request: HttpRequest, form: Any, asking: Asking) -> Subject | None:
        """A version of a later day is saved alone, and the page says so."""
        version = form.instance
        if version.effective_from > paris(asking.at).date():
            number = touched_by(version).count()
            if number:
                messages.warning(request, later_sentence(version, number))
        return super().changed_conditions(request, form, asking)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if obj is not None and self.is_locked(obj):
            return False
        return super().has_change_permission(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.today = paris(timezone.now()).date()
        found: type[forms.ModelForm[Any]] = form
        return found


def later_sentence(version: Any, number: int) -> str:
    """Why open incidents were not asked about: the version holds from a later day on."""
    return ngettext(
        "Cette version ne prend effet que le %(day)s\u00a0: elle est enregistrée sans toucher à "
        "l’incident ouvert. À partir de ce jour, sa page permet de la lui appliquer.",
        "Cette version ne prend effet que le %(day)s\u00a0: elle est enregistrée sans toucher aux "
        "%(number)d incidents ouverts. À partir de ce jour, sa page permet de la leur appliquer.",
        number,
    ) % {"day": day_fr(version.effective_from), "number": number}
