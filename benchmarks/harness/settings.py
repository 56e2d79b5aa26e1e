"""Production settings, word for word, but for where collected static files go.

Read by the commands and the gunicorn of one run; benchmarks.harness.services sets the environment.
"""

from pathlib import Path

from portal.settings.base import env
from portal.settings.production import *  # noqa: F403

STATIC_ROOT = Path(env("BENCH_STATIC_ROOT"))
