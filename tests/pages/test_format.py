"""Numbers on a page are written as Python writes them in pictures."""

from __future__ import annotations

import json
import struct
from math import inf, nan
from pathlib import Path
from random import Random

from minigrad.drawing.numbers import format_computed, format_given
from tests.pages.node_runner import needs_node, run_node

RUN = """
for (const text of numbers) {
  const number = Number(text);
  console.log(JSON.stringify([formatNumber(number), formatGiven(number)]));
}
console.log(JSON.stringify([formatNumber(null), formatGiven(null)]));
"""


def random_numbers() -> list[float]:
    """Return numbers of all sizes: any bits, near one, given with few digits, halfway between two of four digits."""
    random = Random(0)
    numbers = [0.0, -0.0, 1.0, -1.0, 9999.5, 0.00099995, 99999.5, 1e7, 1e7 - 1, 5e-324, 1.7e308, inf, -inf, nan]
    for _ in range(1500):
        numbers.append(struct.unpack("<d", random.randbytes(8))[0])
        numbers.append(random.gauss(0, 1) * 10 ** random.randint(-7, 8))
        numbers.append(round(random.gauss(0, 3), random.randint(0, 5)))
        numbers.append(random.choice([1, -1]) * (random.randint(1000, 9999) + 0.5) * 2.0 ** random.randint(-12, 3))
    return numbers


@needs_node
def test_numbers_are_written_as_in_pictures(tmp_path: Path) -> None:
    numbers = random_numbers()
    texts = ["Infinity" if n == inf else "-Infinity" if n == -inf else repr(n).replace("nan", "NaN") for n in numbers]
    source = f"const numbers = {json.dumps(texts)};\n{RUN}"
    written = run_node(source, tmp_path, {"format.js": "formatNumber, formatGiven"})
    assert written == [[format_computed(number), format_given(number)] for number in [*numbers, None]]
