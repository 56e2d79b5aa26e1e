"""gunicorn in production: threads behind nginx, which takes the slow bodies (case C5).

Two services run it: `web` with few threads, for pages, and `uploads` with many, each of which may
wait for hours on one slow line.
"""

import gc
import os

from django.urls import get_resolver

bind = os.environ.get("GUNICORN_BIND", "0.0.0.0:8000")
worker_class = "gthread"
workers = int(os.environ.get("GUNICORN_WORKERS", "2"))
threads = int(os.environ.get("GUNICORN_THREADS", "4"))
timeout = 60
graceful_timeout = 30
keepalive = 5
# The longest address that gunicorn allows; the portal answers what is too long in it, in French.
limit_request_line = 8190
# A worker starts afresh now and then: memory that a library never gives back stays bounded.
max_requests = 10_000
max_requests_jitter = 1_000
# nginx alone may speak for the client's address and protocol.
forwarded_allow_ips = os.environ.get("GUNICORN_PROXIES", "*")
accesslog = None
errorlog = "-"
worker_tmp_dir = "/dev/shm"  # noqa: S108  (gunicorn's heartbeat files, as its manual advises)


def post_worker_init(worker: object) -> None:
    """Load every view before the first request, then let the collector leave alone what stays.

    Some hundred thousand objects live as long as the worker; walking through them again and again
    took a twentieth of each page.
    """
    list(get_resolver().url_patterns)
    gc.collect()
    gc.freeze()
