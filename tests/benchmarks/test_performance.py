"""The command runs its parts and writes their tables into the page, beside what was written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.parts.report import Report, Table

pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install '.[plot]'")

from tests.benchmarks import performance

ROOT = Path(__file__).parent.parent.parent


def report(effort: object) -> Report:
    curve = {8: 1e-4, 16: 2e-4}
    return Report([Table("Title", "About.", ("", "found"), [("w", "1")])], {"minigrad, compiled": curve})


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty page, with parts that take no time."""
    monkeypatch.setattr(performance, "PARTS", dict.fromkeys(performance.PARTS, report))
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
    assert (page.parent / "pictures" / "performance.svg").read_text(encoding="utf-8").startswith("<?xml")
    performance.main()
    assert page.read_text(encoding="utf-8") == text


def test_one_part_is_written_alone(page: Path, monkeypatch: pytest.MonkeyPatch):
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
