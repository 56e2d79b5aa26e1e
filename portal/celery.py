"""The Celery app and the whole beat schedule.

Nothing a customer was promised depends on the broker: tasks only wake work that rows describe,
and each of them is also found by a sweep (design: outbox).
"""

import os

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=120,
    task_soft_time_limit=100,
    timezone="Europe/Paris",
    # A mail server that stalls may hold the processes that send, and a large file those that check
    # it: sweeps have a queue of their own. A worker without -Q serves all three; compose runs one
    # worker for each.
    task_queues=[Queue("celery"), Queue("mail"), Queue("files")],
    task_default_queue="celery",
    task_routes={"notifications.*": {"queue": "mail"}, "files.check_*": {"queue": "files"}},
    broker_connection_retry_on_startup=True,
    # A worker waits for the broker as long as it takes; 100 tries would end it within the hour.
    broker_connection_max_retries=None,
    # A publish may not hold a page: connect and give up within a second, once (case N1).
    broker_connection_timeout=1,
    task_publish_retry=False,
    # kombu gives a killed worker's task back only after the visibility timeout *and* a rare scan
    # of its own; these make it seconds instead of an hour. They exceed the hard time limit.
    broker_transport_options={
        "visibility_timeout": 180,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    beat_schedule={
        "sweep-deadlines": {
            "task": "tickets.sweep_deadlines",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        # Twice a minute, so that mails leave within one of the broker's return (N1).
        "deliver-pending": {
            "task": "notifications.deliver_pending",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        "seal-history": {
            "task": "tickets.seal_history",
            "schedule": crontab(hour=2, minute=30),
            "options": {"expires": 3600},
        },
        "reconcile-mails": {
            "task": "notifications.reconcile",
            "schedule": crontab(hour=2, minute=50),
            "options": {"expires": 3600},
        },
        "check-files": {
            "task": "files.check_pending",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        # Twice within the hour that files.operations leaves before the 24 hours of C6.
        "purge-uploads": {
            "task": "files.purge_uploads",
            "schedule": 1800.0,
            "options": {"expires": 1700},
        },
        "purge-drafts": {
            "task": "tickets.purge_drafts",
            "schedule": crontab(hour=3, minute=10),
            "options": {"expires": 3600},
        },
        "purge-mailbox": {
            "task": "notifications.purge_mailbox",
            "schedule": crontab(minute=20),
            "options": {"expires": 3600},
        },
        "beat-heartbeat": {
            "task": "portal.beat_heartbeat",
            "schedule": 30.0,
            "options": {"expires": 25},
        },
        "watch": {
            "task": "portal.watch",
            "schedule": 300.0,
            "options": {"expires": 290},
        },
    },
)
app.autodiscover_tasks()
