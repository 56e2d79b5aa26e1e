"""The app for a beat that tests need not wait a minute for (`celery -A` takes a module)."""

from portal.celery import app

app.conf.beat_schedule["deliver-pending"]["schedule"] = 2.0
