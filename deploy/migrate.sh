#!/bin/sh
# What an upgrade does to the database, before the new code serves anybody.
set -eu
python manage.py migrate --no-input
python manage.py grant_rights
