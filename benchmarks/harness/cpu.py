"""CPU time and memory of processes and all they start, read from Linux's /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes and their descendants, in seconds.

    What ended children used is in their parent's figures, so the sum never goes back. Its grain
    is the clock tick, 10 ms on most machines: measure over seconds.
    """
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for pid, (parent, used) in _processes().items():
        children[parent].append(pid)
        ticks[pid] = used
    total, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting += children[pid]
    return total / _TICK


def _processes() -> dict[int, tuple[int, int]]:
    """The parent and the ticks used of each process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text(encoding="ascii", errors="replace")
            except OSError:  # It ended meanwhile.
                continue
            # The name, in brackets, may hold spaces: what follows it is regular.
            facts = text.rpartition(")")[2].split()
            found[int(folder.name)] = (int(facts[1]), sum(map(int, facts[11:15])))
    return found


def resident_mb(root: int) -> float:
    """Of a process and those it started, in megabytes; pages that they share count once each."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        except OSError:  # It ended meanwhile.
            continue
        total += int(status.partition("VmRSS:")[2].split(maxsplit=1)[0] or 0)
        waiting += map(int, children.split())
    return total * 1024 / 1e6


def machine() -> str:
    """Processor, cores and memory, in a few words."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{names[0] if names else 'unknown'}, {os.cpu_count()} cores, {memory:.0f} GiB"
