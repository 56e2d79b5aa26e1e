"""The portal's addresses and those of the demonstration (demo settings only)."""

from django.urls import include, path

from portal.demo import views
from portal.demo.style import views as style
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as portal_patterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

_demo = [
    path("courrier/", views.mailbox, name="mailbox"),
    path("courrier/<int:number>/", views.mail, name="mail"),
    path("courrier/<int:number>/html/", views.mail_html, name="mail_html"),
    path("style/", style.page, name="style"),
    path("style/<slug:theme>/<slug:name>.css", style.sheet, name="style_sheet"),
]

urlpatterns = [path("demo/", include((_demo, "demo"))), *portal_patterns]
