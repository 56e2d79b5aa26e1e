"""Three pages: fifty rows by one indexed query, one incident with its texts, one insert."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from benchmarks.harness.floor.models import Incident, Line, Text

if TYPE_CHECKING:
    from benchmarks.harness.floor.models import Person

ROWS = 50
COLUMNS = ("reference", "title", "status", "severity", "origin", "received_at", "last_event_at")


def rows(request: HttpRequest) -> HttpResponse:
    """The newest fifty incidents of a company, seven columns, two of them instants."""
    found = Incident.objects.filter(company_id=int(request.GET["company"]))
    newest = found.order_by("-received_at", "-id").values(*COLUMNS)[:ROWS]
    return render(request, "floor/list.html", {"rows": newest})


def page(request: HttpRequest) -> HttpResponse:
    """One incident by its number, with its texts."""
    incident = get_object_or_404(Incident, reference=request.GET["incident"])
    texts = Text.objects.filter(ticket_id=incident.pk).order_by("written_at", "pk")
    return render(request, "floor/page.html", {"incident": incident, "texts": texts})


class LineForm(forms.Form):
    """Two fields that must be filled in."""

    title = forms.CharField(max_length=200)
    body = forms.CharField(widget=forms.Textarea)


def insert(request: HttpRequest) -> HttpResponse:
    """The form, and one row written when it is valid."""
    form = LineForm(request.POST or None)
    if form.is_valid():
        author = cast("Person", request.user)
        Line.objects.create(author_id=author.pk, written_at=timezone.now(), **form.cleaned_data)
        return redirect("/list/")
    return render(request, "floor/form.html", {"form": form})


urlpatterns = [path("list/", rows), path("page/", page), path("insert/", insert)]
