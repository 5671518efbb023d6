"""The command runs its parts and writes their tables into the page, beside what was written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.parts.report import Report, Table
from tests.benchmarks.parts.timing import Seconds

pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install '.[plot]'")

from tests.benchmarks import performance

ROOT = Path(__file__).parent.parent.parent


PANELS = ("widths", "scalars"), ("network", "wide")
"""Those of each plot."""


def report(effort: object) -> Report:
    lines = {"minigrad, compiled": {8: 1e-4, 16: 2e-4}}, {"build": {1_000: 1e-6, 2_000: 1e-6}}
    panels = {panel: curves for pair, curves in zip(PANELS, lines, strict=True) for panel in pair}
    return Report([Table("Title", "About.", ("", "found"), [("w", "1")])], panels)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty page, with parts that take no time."""
    monkeypatch.setattr(performance, "PARTS", dict.fromkeys(performance.PARTS, report))
    monkeypatch.setattr(performance, "check_pinning", lambda: None)
    monkeypatch.setattr(performance, "all_seconds", iter(map(Seconds, range(100), range(100))).__next__)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    page = tmp_path / "performance.md"
    names = [*performance.PARTS, "machine"]
    page.write_text("\n".join(f"by hand\n<!-- measured: {name} -->\n<!-- end of {name} -->" for name in names))
    return page


def test_tables_and_plot_are_written(page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["performance", "--short", "--write", str(page)])
    performance.main()
    text = page.read_text(encoding="utf-8")
    assert text.count("by hand") == text.count("<!-- end of ") == len(performance.PARTS) + 1
    assert text.count("### Title\n\nAbout.\n\n|  | found |\n| --- | --: |\n| w | 1 |") == len(performance.PARTS)
    assert "Measured on a" in text
    assert "### Title" in capsys.readouterr().out
    for name in ("performance.svg", "growth.svg"):
        assert (page.parent / "pictures" / name).read_text(encoding="utf-8").startswith("<?xml")
    performance.main()
    assert page.read_text(encoding="utf-8") == text


def test_one_part_is_written_alone(page: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(performance, "PARTS", {"moons": lambda effort: report(effort)._replace(panels={"widths": {}})})
    monkeypatch.setattr("sys.argv", ["performance", "--write", str(page), "moons"])
    performance.main()
    assert page.read_text(encoding="utf-8").count("### Title") == 1
    assert not (page.parent / "pictures").exists()


def test_an_unknown_part_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["performance", "moon"])
    with pytest.raises(SystemExit):
        performance.main()
    assert "no such part: moon" in capsys.readouterr().err


def test_the_page_of_the_docs_has_a_place_for_every_part():
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    for name in (*performance.PARTS, "machine"):
        assert text.count(f"<!-- measured: {name} -->") == text.count(f"<!-- end of {name} -->") == 1
