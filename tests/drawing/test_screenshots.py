"""Pictures in a browser: what is drawn where, at three widths of the page, on light and on dark paper."""

import pytest

from minigrad.drawing import VIEWS, draw
from minigrad.drawing.figure import Color
from minigrad.drawing.palette import DARK, LIGHT
from tests.drawing import browser, networks
from tests.drawing.browser import WIDTHS

FAULTS = ("outside", "overlapping", "crossed", "hidden")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.browser() is None, reason="needs a browser: install chromium"),
]


def svg(body):
    """An SVG text of 200 by 100 pixels."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100" font-size="12" '
        f'font-family="Liberation Sans"><rect width="200" height="100" fill="#ffffff"/>{body}</svg>'
    )


LABEL = '<text x="50" y="50">label</text>'
LINE = '<path d="M0,46L200,46" stroke="#000000" fill="none"/>'
WRONG = {
    "outside": svg('<text x="190" y="50">label</text>'),
    "overlapping": svg(LABEL + '<text transform="rotate(90 60 40)"><tspan x="60" y="40">turned</tspan></text>'),
    "overlapping pieces": svg('<text><tspan x="50" y="50">label</tspan><tspan x="60" y="50">label</tspan></text>'),
    "crossed": svg(LINE + LABEL),
    "crossed border": svg('<rect x="45" y="35" width="15" height="20" fill="#ffffff" stroke="#000000"/>' + LABEL),
    "hidden": svg(LABEL + '<circle cx="60" cy="46" r="9" fill="#eeeeee"/>'),
}
RIGHT = {
    "label": svg(LABEL),
    "plate": svg(LINE + '<rect x="45" y="36" width="40" height="18" fill="#ffffff"/>' + LABEL),
    "beside": svg(LABEL + '<text x="90" y="50">label</text><path d="M0,60L200,60" stroke="#000000" fill="none"/>'),
}


def test_the_checks_find_what_is_wrong(tmp_path):
    reports = browser.examine_texts(WRONG | RIGHT, tmp_path)
    for name in WRONG:
        assert [fault for fault in FAULTS if reports[name][fault]] == name.split()[:1]
    for name in RIGHT:
        assert [fault for fault in FAULTS if reports[name][fault]] == []


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """What the browser says of the texts of each picture, by its name and by the width that it was drawn for."""
    pictures = {
        f"{name} {width}": drawing.svg
        for width in WIDTHS
        for name, drawing in networks.draw_examples(width=width).items()
        if drawing.figure is not None
    }
    different = {text: name for name, text in pictures.items()}
    return browser.examine_texts({name: text for text, name in different.items()}, tmp_path_factory.mktemp("texts"))


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_no_text_is_cut_covered_or_outside(view, reports):
    of_view = {name: report for name, report in reports.items() if name.split()[1] == view}
    assert all(report["texts"] for report in of_view.values())
    faults = {
        f"{name}: {fault}": report[fault] for name, report in of_view.items() for fault in FAULTS if report[fault]
    }
    assert not faults


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_there_on_their_paper(width, tmp_path):
    drawings = [draw(example(), "neurons", width=width) for example in networks.EXAMPLES.values()]
    page, bands = stack(drawings, width, tmp_path)
    for theme, palette in (("light", LIGHT), ("dark", DARK)):
        picture = browser.screenshot(page, width, bands[-1].stop + 10, dark=theme == "dark")
        assert picture.shape[1] == width
        paper, ink = (rgb(palette[color]) for color in (Color.PAPER, Color.INK))
        for name, drawing, band in zip(networks.EXAMPLES, drawings, bands, strict=True):
            shown = picture[band, : min(width, int(drawing.figure.width))]
            is_paper = abs(shown - paper).max(axis=-1) < 0.02
            assert is_paper[1, 1], f"{name}, {theme}: another color than paper"
            assert 0.3 < is_paper.mean() < 0.998, f"{name}, {theme}: {is_paper.mean():.1%} of the picture is paper"
            if drawing.figure.width < 2 * width:  # shrunk further, thin lines become gray
                assert (abs(shown - ink).max(axis=-1) < 0.15).any(), f"{name}, {theme}: nothing is drawn in ink"


def stack(drawings, width, folder):
    """Write a page with pictures one below the other, as wide as the page at most; return it and their rows."""
    top, bands, images = 0, [], []
    for number, drawing in enumerate(drawings):
        drawing.save(folder / f"{number}.svg")
        height = int(drawing.figure.height * min(1.0, width / drawing.figure.width))
        images.append(f"<img src='{number}.svg' style='top:{top}px'>")
        bands.append(slice(top, top + height))
        top += height + 10
    page = folder / "page.html"
    style = "body{margin:0;background:#777777}img{position:absolute;max-width:100%}"
    page.write_text(f"<!doctype html><style>{style}</style>{''.join(images)}", encoding="utf-8")
    return page, bands


def rgb(color):
    """Return a color, #rrggbb, as three numbers from 0 to 1."""
    return [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
