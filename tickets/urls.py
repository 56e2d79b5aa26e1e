"""The customers’ addresses of incidents."""

from django.urls import path, register_converter

from tickets import views

app_name = "tickets"


class ReferenceConverter:
    """« INC-2026-000123 »; anything else is no address at all."""

    regex = r"INC-[0-9]{4}-[0-9]{6,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("", views.incidents, name="list"),
    path("declarer/", views.declare, name="declare"),
    path("declarer/echeances/", views.deadlines, name="deadlines"),
    path("<reference:reference>/", views.incident, name="ticket"),
    path("<reference:reference>/depuis/", views.since, name="since"),
    path("<reference:reference>/precedents/", views.earlier, name="earlier"),
    path("<reference:reference>/engagements/", views.commitments, name="commitments"),
    path("<reference:reference>/collegues/", views.colleagues, name="colleagues"),
    path("<reference:reference>/imprimer/", views.printed, name="print"),
    path("<reference:reference>/message/", views.message, name="message"),
    path("<reference:reference>/accepter/", views.accept, name="accept"),
    path("<reference:reference>/refuser/", views.refuse, name="refuse"),
    path("<reference:reference>/rouvrir/", views.reopen, name="reopen"),
    path("<reference:reference>/annuler/", views.cancel, name="cancel"),
    path("<reference:reference>/escalader/", views.escalate, name="escalate"),
    path("<reference:reference>/criticite/", views.ask_severity, name="ask_severity"),
    path("<reference:reference>/sujet/", views.correct_subject, name="correct_subject"),
    path("<reference:reference>/copies/", views.copies, name="copies"),
]
