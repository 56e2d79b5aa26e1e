"""Holds the house to its sizes: 50 lines per function, 400 per file, 600 per test file.

`python tools/check_length.py [FOLDER]` prints each offender and exits with 1 when there is one.
Lines are counted as an editor shows them, decorators included; migrations are exempt, being
written by Django.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES = 50
FILE_LINES = 400
TEST_FILE_LINES = 600
SKIPPED = {".venv", ".local", ".git", "migrations", "node_modules", "staticfiles", "__pycache__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def offenders(root: Path) -> list[str]:
    """One line per file or function that is too long, in the order of the paths."""
    found: list[str] = []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if not SKIPPED & set(relative.parts):
            found += _offenders_in(relative, path.read_text(encoding="utf-8"))
    return found


def _offenders_in(path: Path, source: str) -> Iterator[str]:
    limit = TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES
    length = len(source.splitlines())
    if length > limit:
        yield f"{path}: {length} lines, the limit is {limit}"
    for node in ast.walk(ast.parse(source, filename=str(path))):
        if isinstance(node, Function) and _lines(node) > FUNCTION_LINES:
            yield (
                f"{path}:{node.lineno}: {node.name} has {_lines(node)} lines, "
                f"the limit is {FUNCTION_LINES}"
            )


def _lines(function: Function) -> int:
    first = min([function.lineno, *(item.lineno for item in function.decorator_list)])
    return (function.end_lineno or function.lineno) - first + 1


def main(arguments: list[str]) -> int:
    """Check the folder named on the command line, or this one; gives the exit code."""
    found = offenders(Path(arguments[0]) if arguments else Path.cwd())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
