"""Fails on a top-level entry that was not agreed on or a file over 300 kB: git ls-files -z | python .ci/repository.py

The names of the files come in by standard input, each ended by a zero byte.
"""

import re
import sys
from pathlib import Path

TOP_LEVEL = re.compile(
    r"pyproject\.toml|minigrad|tests|examples|docs|README[^/]*\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md"
    r"|SECURITY\.md|CITATION\.cff|mkdocs[^/]*\.yml|\..+"
)
"""What may stand at the root of the repository."""
MOST_BYTES = 300_000

names = sys.stdin.read().split("\0")[:-1]
assert names, "no names came in"
strangers = sorted({entry for entry in (name.split("/")[0] for name in names) if not TOP_LEVEL.fullmatch(entry)})
sizes = {name: Path(name).stat().st_size for name in names if Path(name).is_file()}
large = [f"{name}: {size:,} bytes" for name, size in sizes.items() if size > MOST_BYTES]
if strangers:
    print("at the root of the repository, where only agreed entries stand (.ci/repository.py):", *strangers, sep="\n  ")
if large:
    print(f"files over {MOST_BYTES:,} bytes:", *large, sep="\n  ")
if strangers or large:
    sys.exit(1)
print(f"{len(names)} files, none over {MOST_BYTES:,} bytes")
