"""The report of `python -m minigrad`."""

import subprocess
import sys

from minigrad import __main__ as report
from minigrad.drawing.backends.graphviz_runner import RENDERERS
from minigrad.drawing.backends.svg_converter import CONVERTERS


def test_the_report_names_every_renderer_and_how_to_get_it(capsys):
    assert report.main() in (0, 1)
    printed = capsys.readouterr().out
    for renderer in (*CONVERTERS, *RENDERERS):
        assert renderer.name in printed
        assert renderer.cure in printed
    assert "numpy" in printed


def test_without_any_renderer_it_says_that_pictures_show_as_text(monkeypatch, capsys):
    monkeypatch.setattr(report, "RENDERERS", ())
    assert report.main() == 1
    assert "pictures show as text" in capsys.readouterr().out


def test_a_renderer_that_fails_is_told_from_one_that_works(monkeypatch):
    renderer = RENDERERS[0]._replace(is_available=lambda: True, render=lambda source, form: 1 // 0)
    assert report.state(renderer, report.PROBE).startswith("fails: ")
    assert report.state(renderer._replace(render=lambda source, form: b""), report.PROBE) == "works"
    assert report.state(renderer._replace(is_available=lambda: False), report.PROBE) == "not found"


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "minigrad"], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.stdout.startswith("minigrad")
    assert done.returncode in (0, 1)
