"""Text and lines stand out from what they lie on, on light and on dark paper: WCAG 2.2, criteria 1.4.3 and 1.4.11."""

from itertools import pairwise

import pytest

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Area, Circle, Color, Figure, Rectangle, Stroke, Text, walk_shapes
from minigrad.drawing.palette import DARK, LIGHT
from minigrad.drawing.text_layout import plain_text, words
from tests.drawing import networks

TEXT_CONTRAST, LINE_CONTRAST = 4.5, 3.0
PALETTES = {"light": LIGHT, "dark": DARK}
INKS = {Color.INK, Color.MUTED, Color.POSITIVE, Color.NEGATIVE, Color.BACKWARD, Color.ZERO}
"""Colors that text may have on paper and on panels."""
ON_BACKGROUNDS = {
    (Color.INK, Color.UPDATE),
    (Color.INK, Color.LEVEL),
    (Color.INK, Color.POSITIVE_TINT),
    (Color.INK, Color.NEGATIVE_TINT),
    (Color.POSITIVE, Color.POSITIVE_TINT),
    (Color.NEGATIVE, Color.NEGATIVE_TINT),
    (Color.PAPER, Color.INK),
}
"""Text on colored backgrounds."""


def contrast(one, other):
    """Return the contrast of two colors, #rrggbb, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color):
    """Return the relative luminance of a color."""
    parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def is_within(point, shape):
    """Return whether a point lies in a filled shape."""
    match shape:
        case Rectangle(corner, size):
            return corner.x <= point.x <= corner.x + size.x and corner.y <= point.y <= corner.y + size.y
        case Circle(center, radius):
            return (point.x - center.x) ** 2 + (point.y - center.y) ** 2 <= radius**2
        case Area(polygons):
            return any(is_within_polygon(point, polygon) for polygon in polygons)
    return False


def is_within_polygon(point, polygon):
    """Return whether a point lies in a polygon: a ray from it crosses an odd number of sides."""
    crossings = 0
    for start, end in pairwise((*polygon, polygon[0])):
        if (start.y > point.y) != (end.y > point.y):
            crossings += point.x < start.x + (point.y - start.y) * (end.x - start.x) / (end.y - start.y)
    return crossings % 2 == 1


def background(point, below):
    """Return the color that is seen at a point."""
    fills = (shape.fill for shape in reversed(below) if getattr(shape, "fill", None) and is_within(point, shape))
    return next(fills, Color.PAPER)


def color_pairs(figure):
    """Yield the color of every text and of every line of a figure, what it lies on, and the contrast that it needs."""
    below = []
    for shape in walk_shapes(figure.shapes):
        match shape:
            case Text(at, line, size, color) if plain_text(line).strip():
                yield color, background(Point(at.x, at.y - size / 3), below), TEXT_CONTRAST
            case Stroke(points, color):
                yield color, background(points[len(points) // 2], below), LINE_CONTRAST
            case Rectangle(fill=fill, stroke=Color() as color) | Circle(fill=fill, stroke=Color() as color):
                yield color, fill or Color.PAPER, LINE_CONTRAST
        below.append(shape)


@pytest.mark.parametrize("theme", PALETTES)
def test_the_palette(theme):
    palette = PALETTES[theme]
    assert set(palette) == set(Color)
    on_paper = {(ink, paper) for ink in INKS for paper in (Color.PAPER, Color.PANEL)}
    for ink, paper in on_paper | ON_BACKGROUNDS:
        assert contrast(palette[ink], palette[paper]) >= TEXT_CONTRAST, f"{ink} on {paper}"
    for paper in (Color.PAPER, Color.PANEL):
        assert contrast(palette[Color.RULE], palette[paper]) >= LINE_CONTRAST


@pytest.fixture(scope="module")
def pairs():
    """The pairs of colors in all views of all example networks, and a picture that has each."""
    return {
        pair: name
        for name, drawing in networks.draw_examples().items()
        if drawing.figure is not None
        for pair in color_pairs(drawing.figure)
    }


@pytest.mark.parametrize("theme", PALETTES)
def test_every_text_and_line_of_every_view(theme, pairs):
    palette = PALETTES[theme]
    faint = {
        f"{color} on {under} in {name}": contrast(palette[color], palette[under])
        for (color, under, least), name in pairs.items()
        if contrast(palette[color], palette[under]) < least
    }
    assert not faint


def test_the_checks_see_what_is_faint():
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    square = (Point(0, 0), Point(10, 0), Point(10, 10), Point(0, 10))
    shapes = (
        Area((square,), Color.LEVEL),
        Text(Point(5, 8), words("a"), 6.0, Color.ZERO),
        Circle(Point(30, 5), 5.0, Color.UPDATE, None),
        Stroke((Point(28, 5), Point(30, 5), Point(32, 5)), Color.RULE),
        Text(Point(5, 30), words("b")),
    )
    assert list(color_pairs(Figure(40, 40, shapes, "t"))) == [
        (Color.ZERO, Color.LEVEL, TEXT_CONTRAST),
        (Color.RULE, Color.UPDATE, LINE_CONTRAST),
        (Color.INK, Color.PAPER, TEXT_CONTRAST),
    ]
