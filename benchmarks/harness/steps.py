"""Runs a function inside Django: `prepare`, `count` (inside) or `rehearse` (rehearsing).

    python -m benchmarks.harness.steps STEP < facts.json > answer.json

A module of its own, because models are imported once Django is set up.
"""

from __future__ import annotations

import importlib
import json
import sys

import django

STEPS = {"prepare": "inside", "count": "inside", "rehearse": "rehearsing"}


def main() -> None:
    """Read the facts, run the step, print its answer."""
    step = sys.argv[1]
    if step not in STEPS:
        sys.exit(f"steps are {', '.join(STEPS)}")
    facts = json.load(sys.stdin)
    django.setup()
    inside = importlib.import_module(f"benchmarks.harness.{STEPS[step]}")
    json.dump(getattr(inside, step)(facts), sys.stdout)


if __name__ == "__main__":
    main()
