"""What became of the mails of an incident, under /admin/incidents/."""

from django.urls import path

from notifications.admin_actions import preview_html, previews, resend, step

app_name = "mails"
urlpatterns = [
    path("<str:reference>/envois/renvoyer/", resend, name="resend"),
    path("<str:reference>/envois/apercu/", previews, name="previews"),
    path("<str:reference>/envois/apercu/html/", preview_html, name="preview-html"),
    path("<str:reference>/envois/<int:sequence>/", step, name="step"),
]
