"""Fails on a module of more than 280 lines of code: python .ci/modules.py FOLDER

Blank lines, comments and docstrings do not count.
"""

import ast
import sys
from pathlib import Path

MOST_LINES = 280


def code_lines(source: str) -> int:
    """Return how many lines of a module hold code."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                documentation.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in documentation
        for number, line in enumerate(source.splitlines(), start=1)
    )


counts = {path: code_lines(path.read_text(encoding="utf-8")) for path in sorted(Path(sys.argv[1]).rglob("*.py"))}
assert counts, "no modules found"
if long := {path: count for path, count in counts.items() if count > MOST_LINES}:
    print(
        f"modules of more than {MOST_LINES} lines of code:",
        *(f"{count} {path}" for path, count in long.items()),
        sep="\n  ",
    )
    sys.exit(1)
print(f"{len(counts)} modules, none of more than {MOST_LINES} lines of code; the longest has {max(counts.values())}")
