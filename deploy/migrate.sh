#!/bin/sh
# What an upgrade does to the database, before the new code serves anybody.
set -eu
# An index may take longer to build than a page may take to answer.
export DATABASE_STATEMENT_TIMEOUT_MS=0
python manage.py migrate --no-input
python manage.py grant_rights
