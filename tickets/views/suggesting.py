"""What is offered while an incident is typed: articles, and a colleague's incident to follow."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require_customer
from accounts.http import PortalRequest
from blog import operations as blog
from blog.access import get_article
from foundation.refusals import Refusal
from tickets import access, operations
from tickets.queries.drafts import drafts_of
from tickets.queries.similar import suggestions_for
from tickets.views.drafting import token_of
from tickets.views.subjects import named_company


@require_safe
@require_customer
def suggestions(request: PortalRequest) -> HttpResponse:
    """/incidents/declarer/suggestions/: what resembles the title and the product typed so far."""
    at = timezone.now()
    product = request.GET.get("product", "")
    known = product.isascii() and product.isdecimal() and len(product) <= 18
    found = suggestions_for(
        request.user,
        named_company(request),
        request.GET.get("title", ""),
        int(product) if known else None,
        at,
    )
    context = {"now": at, "suggested": found, "form_token": request.GET.get("form_token", "")}
    return render(request, "tickets/_suggestions.html", context)


@require_POST
@require_customer
def follow(request: PortalRequest, reference: str) -> HttpResponse:
    """…/suivre/: in copy of a colleague's open incident, instead of declaring it again."""
    ticket = access.get_followable(request.user, reference)
    try:
        operations.follow(ticket_id=ticket.pk, actor=request.user, at=timezone.now())
    except Refusal as refusal:
        # Closed or made private since it was read: the same as if it had been before.
        raise Http404("No such incident.") from refusal
    sentence = _("Vous suivez cet incident\u00a0: vous recevrez les mêmes e-mails que son auteur.")
    messages.success(request, sentence)
    token = token_of(request)
    if any(draft.form_token == token for draft in drafts_of(request.user, request.companies)):
        kept = _(
            "Votre brouillon est gardé\u00a0: supprimez-le depuis l’accueil s’il ne sert plus."
        )
        messages.info(request, kept)
    return redirect(ticket)


@require_POST
@require_customer
def helped(request: PortalRequest, slug: str) -> HttpResponse:
    """/incidents/declarer/aide/<slug>/: « cet article m’a aidé », counted once per form."""
    at = timezone.now()
    article = get_article(request.user, slug, at)
    token = token_of(request)
    if token is None:
        raise Http404
    blog.say_helped(article=article, person=request.user, form_token=token, at=at)
    if request.headers.get("HX-Request"):
        return render(request, "tickets/_helped.html", {"article": article})
    messages.success(request, _("Merci\u00a0: votre avis est compté."))
    return redirect(article)
