"""Files over HTTP: downloads and previews, uploads by tus, the files that wait with a form."""

from files.views.sending import upload, uploads
from files.views.serving import download, preview
from files.views.waiting import waiting

__all__ = ["download", "preview", "upload", "uploads", "waiting"]
