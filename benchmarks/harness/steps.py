"""Runs one step of a measure inside Django.

    python -m benchmarks.harness.steps STEP < facts.json > answer.json

A module of its own, because models are imported once Django is set up.
"""

from __future__ import annotations

import importlib
import json
import sys

import django

# Each step is a function of this module of benchmarks.harness.
STEPS = {
    "prepare": "inside",
    "count": "inside",
    "idle": "sweeping",
    "at_once": "sweeping",
    "open_desk": "lateness",
    "declare_slowly": "lateness",
    "lateness": "lateness",
    "rehearse": "rehearsing",
    "queue": "mailing",
    "drain": "mailing",
    "act_calmly": "mailing",
    "waits": "mailing",
    "fill": "mailing",
    "claims": "mailing",
    "somebody": "sending",
    "kept": "sending",
}


def main() -> None:
    """Read the facts, run the step, print its answer."""
    step = sys.argv[1]
    if step not in STEPS:
        sys.exit(f"steps are {', '.join(STEPS)}")
    facts = json.load(sys.stdin)
    django.setup()
    module = importlib.import_module(f"benchmarks.harness.{STEPS[step]}")
    json.dump(getattr(module, step)(facts), sys.stdout)


if __name__ == "__main__":
    main()
