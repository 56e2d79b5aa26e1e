"""The portal's addresses. Each app holds its own; the roof says where they begin."""

from django.contrib import admin
from django.urls import include, path

from portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("tout-vu/", views.home_seen, name="home_seen"),
    path("sante/", views.health, name="health"),
    path("charte/", views.charter, name="charter"),
    path("recherche/", views.search, name="search"),
    path("", include("accounts.urls")),
    path("incidents/", include("tickets.urls")),
    path("fichiers/", include("files.urls")),
    path("", include("licences.urls")),
    path("blog/", include("blog.urls")),
    path("pilotage/", include("reports.urls")),
    path("courrier-recu/", include("notifications.urls")),
    path("admin/incidents/", include("tickets.admin_urls")),
    path("admin/incidents/", include("notifications.admin_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
