"""The tables of a run, in Markdown, and what they say of the goals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness.measure import Sample
from benchmarks.harness.scenario import FLOORS, SENT_GOAL, Floor, Page
from benchmarks.harness.weight import Weight

GROWTH = 1.5
# A page that weighs this much more has more to show: its cost says nothing of the history's.
ALIKE = 1.35
QUERIES = 12


@dataclass
class Row:
    """A page at each size: its samples, those of the floor beside it, its statements."""

    page: Page
    samples: list[Sample]
    floors: list[Sample]
    statements: list[int] = field(default_factory=list)
    weight: Weight | None = None  # at the largest size, of customers' pages

    @property
    def label(self) -> str:
        """« home, contact »."""
        return f"{self.page.name}, {self.page.who}"

    @property
    def growth(self) -> float:
        """Median of the largest size over that of the smallest."""
        return self.samples[-1].p50 / self.samples[0].p50

    @property
    def cpu_growth(self) -> float:
        """The same of the CPU time: the steadier of the two on a busy machine."""
        return self.samples[-1].cpu_ms / self.samples[0].cpu_ms

    @property
    def more(self) -> float:
        """How many times as much the page shows at the largest size, by its weight."""
        smallest, largest = self.samples[0].size, self.samples[-1].size
        return largest / smallest if smallest else 1.0

    @property
    def ratio(self) -> float:
        """CPU time over that of the floor's page, at the largest size."""
        return self.samples[-1].cpu_ms / self.floors[-1].cpu_ms


def table(rows: list[Row], sizes: list[int]) -> Iterator[str]:
    """One line per page: each figure at each size, then growth and ratio."""
    shown = [f"{size:,}" for size in sizes]
    heads = [f"{name} {size}" for name in ("queries", "kB", "p50", "p95", "CPU") for size in shown]
    yield (
        "| "
        + " | ".join(["page", *heads, "p50 growth", "CPU growth", "× floor CPU", "goal"])
        + " |"
    )
    yield "|---" + "|--:" * (len(heads) + 4) + "|"
    for row in rows:
        samples = row.samples
        cells = [
            row.label,
            *(str(number) for number in row.statements),
            *(f"{sample.size / 1000:.0f}" if sample.size else "–" for sample in samples),
            *(f"{sample.p50:.1f}" for sample in samples),
            *(f"{sample.p95:.1f}" for sample in samples),
            *(f"{sample.cpu_ms:.1f}" for sample in samples),
            f"{row.growth:.2f}",
            f"{row.cpu_growth:.2f}",
            f"{row.ratio:.1f} ({row.page.floor})",
            f"{row.page.goal:g}" if row.page.goal else "–",
        ]
        yield "| " + " | ".join(cells) + " |"


def floor_table(rows: list[Row], sizes: list[int]) -> Iterator[str]:
    """What the floor took in all the moments in which it was asked."""
    shown = [f"{size:,}" for size in sizes]
    heads = [f"{name} {size}" for name in ("p50", "p95", "CPU") for size in shown]
    yield "| " + " | ".join(["floor", "kB", *heads]) + " |"
    yield "|---" + "|--:" * (len(heads) + 1) + "|"
    for kind in (kind for kind in FLOORS if any(row.page.floor == kind for row in rows)):
        sums = [_together(rows, kind, index) for index in range(len(sizes))]
        cells = [
            kind,
            f"{sums[-1].size / 1000:.0f}" if sums[-1].size else "–",
            *(f"{total.p50:.1f}" for total in sums),
            *(f"{total.p95:.1f}" for total in sums),
            *(f"{total.cpu_ms:.1f}" for total in sums),
        ]
        yield "| " + " | ".join(cells) + " |"


def _together(rows: list[Row], kind: Floor, index: int) -> Sample:
    total = Sample()
    for row in rows:
        if row.page.floor == kind:
            total.seconds += row.floors[index].seconds
            total.cpu += row.floors[index].cpu
            total.size = max(total.size, row.floors[index].size)
    return total


def weight_table(rows: list[Row]) -> Iterator[str]:
    """What customers' pages weigh on the line."""
    yield "| page | HTML, kB | HTML sent, kB | files | files sent, kB | all sent, kB |"
    yield "|---" + "|--:" * 5 + "|"
    for row in rows:
        if row.weight is not None:
            files = row.weight.files
            sizes = (row.weight.html, row.weight.html_sent, sum(files.values()), row.weight.sent)
            html, html_sent, files_sent, sent = (f"{size / 1000:.1f}" for size in sizes)
            cells = (row.label, html, html_sent, str(len(files)), files_sent, sent)
            yield "| " + " | ".join(cells) + " |"


def verdicts(rows: list[Row]) -> Iterator[str]:
    """Each goal, met or not, and by which pages not."""
    yield said(
        "Query counts equal at all sizes",
        [f"{row.label}: {row.statements}" for row in rows if not is_equal(row)],
    )
    yield said(
        f"At most {QUERIES} queries a page",
        [f"{row.label}: {max(row.statements)}" for row in rows if max(row.statements) > QUERIES],
    )
    alike = [row for row in rows if row.more <= ALIKE]
    yield said(
        f"p50 within {GROWTH}× from the smallest to the largest size",
        [f"{row.label}: {row.growth:.2f}" for row in alike if row.growth > GROWTH],
    )
    yield said(
        f"CPU within {GROWTH}× from the smallest to the largest size",
        [f"{row.label}: {row.cpu_growth:.2f}" for row in alike if row.cpu_growth > GROWTH],
    )
    longer = [
        f"{row.label}: {row.more:.1f}× the kB for {row.cpu_growth:.1f}× the CPU"
        for row in rows
        if row not in alike
    ]
    if longer:
        yield "- Left out of these two, as they show more at the largest size: " + "; ".join(longer)
    yield said(
        "CPU within its multiple of the floor's",
        [
            f"{row.label}: {row.ratio:.1f} (goal {row.page.goal:g})"
            for row in rows
            if row.page.goal and row.ratio > row.page.goal
        ],
    )
    yield from _weights([(row, row.weight) for row in rows if row.weight is not None])


def _weights(weighed: list[tuple[Row, Weight]]) -> Iterator[str]:
    if not weighed:
        return
    yield said(
        "HTML of lists and incident within its goal",
        [
            f"{row.label}: {weight.html / 1000:.0f} kB (goal {row.page.html_goal / 1000:.0f})"
            for row, weight in weighed
            if row.page.html_goal and weight.html > row.page.html_goal
        ],
    )
    yield said(
        f"At most {SENT_GOAL / 1000:.0f} kB sent for a page of customers, all files included",
        [
            f"{row.label}: {weight.sent / 1000:.0f} kB"
            for row, weight in weighed
            if weight.sent > SENT_GOAL
        ],
    )


def is_equal(row: Row) -> bool:
    """Whether a page asks as many queries at each size."""
    return len(set(row.statements)) == 1


def said(what: str, offenders: list[str]) -> str:
    """One goal, met, or not and by what."""
    return f"- {what}: " + (f"**no** – {'; '.join(offenders)}" if offenders else "**yes**")


def write_between(path: Path, name: str, lines: list[str]) -> None:
    """Put the lines between the two marks of a file that bear this name."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    text = "\n".join([before + begin, "", *lines, "", end + after])
    path.write_text(text, encoding="utf-8")
