"""/incidents/export.csv and .xlsx: the list with the same filters, to take away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PortalRequest
from foundation.spreadsheets import Cell, csv_lines, workbook
from foundation.wording import paris
from tickets.queries import customer
from tickets.queries.exports import Exported, export_of
from tickets.views.lists import asked_of

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export_csv(request: PortalRequest) -> HttpResponseBase:
    """Streamed: nothing of it is kept, in memory or on the disk."""
    at = timezone.now()
    exported = _exported(request, at)
    response = StreamingHttpResponse(csv_lines(exported.header, _rows(exported)), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{_name(at)}.csv"'
    return response


@require_safe
def export_xlsx(request: PortalRequest) -> HttpResponseBase:
    """A temporary file that goes with the answer."""
    at = timezone.now()
    exported = _exported(request, at)
    file = workbook(_("Incidents"), exported.header, _rows(exported))
    return FileResponse(file, as_attachment=True, filename=f"{_name(at)}.xlsx", content_type=XLSX)


def _exported(request: PortalRequest, at: datetime) -> Exported:
    """The rows of that person's screen, and no others (A2, E1)."""
    asked = asked_of(request, request.GET, at)
    return export_of(customer.incidents(request.user, request.company, asked.filters), at)


def _rows(exported: Exported) -> Iterator[list[Cell]]:
    """The rows, and at the end a sentence when there are more."""
    yield from exported.rows
    if exported.cut:
        yield [exported.cut]


def _name(at: datetime) -> str:
    """« incidents-2026-11-25 »: when it was true."""
    return f"incidents-{paris(at):%Y-%m-%d-%H%M}"
