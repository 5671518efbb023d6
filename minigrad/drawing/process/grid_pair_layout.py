"""Where the grids and the numbers of a pair of grids stand, alike in both passes."""

from __future__ import annotations

from minigrad.drawing.figure_builder import NARROW, margin_of
from minigrad.drawing.hinton import GAP, cut_axis, fit_axis
from minigrad.drawing.process.bars import NUMBER_SIZE
from minigrad.drawing.process.grid_pair import (
    BIAS_GAP,
    CAPTION,
    FORMULA_SIZE,
    HEAD,
    MATRIX_SIZE,
    NAME_SIZE,
    SUMS_NAME,
    SYMBOL_SIZE,
    BarColumn,
    GridPair,
)
from minigrad.drawing.process.vectors import Layer
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import label, line_width, notation

HEIGHT = 336.0
"""How high the rows of a grid may be together, where they can be lower than the highest."""
SECOND_GAP = 44.0
"""Distance of the second grid from the numbers before it, where there is room."""
LEAST_PITCH, LARGEST_PITCH = 14.0, 20.0
"""Limits of the width of a cell: the numbers of a row stand beside it."""


def plan_grid_pair(
    settings: DrawSettings, layers: tuple[Layer, ...], top: float, is_backward: bool, most: int
) -> GridPair:
    """Return a pair of grids at a height, laid out for both passes, so that they lie under each other alike."""
    first, second = layers[0], layers[1] if len(layers) > 1 else None
    neurons, sources = len(first.outputs), len(first.arrays.grid.sources)
    most = neurons if (neurons - most) * LEAST_PITCH < GAP else most
    top += HEAD + (CAPTION if settings.width < NARROW else 0.0)
    rows = cut_axis(top, neurons, most, 1.0)
    draft, backward = (GridPair(settings, layers, is_second, rows, rows, (), None) for is_second in (False, True))
    both = zip(draft.vectors(0), backward.vectors(0), strict=True)
    texts = [
        [*a.texts(rows.shown, settings.digits).values(), *b.texts(rows.shown, settings.digits).values()]
        for a, b in both
    ]
    widths = [max(line_width(notation(text), NUMBER_SIZE) for text in column) + 4.0 for column in texts]
    is_narrow, margin = settings.width < NARROW, margin_of(settings)
    bar, most_bar, gap = (22.0, 60.0, 5.0) if is_narrow else (54.0, 84.0, 18.0)
    names = max(line_width(label(name), NAME_SIZE) for name in first.output_names((0, neurons - 1)).values())
    symbol = max(line_width(notation(draft.entrance_name), SYMBOL_SIZE), line_width(SUMS_NAME, NAME_SIZE)) + 8.0
    captions = [] if is_narrow else [first.matrix, draft.cell_formula(0), backward.cell_formula(0)]
    left = margin + max([symbol, *(line_width(notation(text), FORMULA_SIZE) + 10.0 for text in captions)])
    space = settings.width - margin - left - names - 10.0 - sum(bar + width + gap for width in widths)
    count = sources + (len(second.outputs) if second else 0)
    biases = first.arrays.grid.has_biases
    pitch = min(LARGEST_PITCH, HEIGHT / len(rows.shown), (space - BIAS_GAP) / (count + biases))
    pitch = max(pitch, LEAST_PITCH)
    space -= BIAS_GAP + pitch if biases else 0.0
    right = None
    if second is not None:
        neurons_after = len(second.outputs)
        room = min(neurons_after * pitch, max(space / 2, space - sources * pitch))
        length = fit_axis(0.0, room, neurons_after, neurons_after, pitch, pitch).end
        right = fit_axis(settings.width - margin - length, room, neurons_after, neurons_after, pitch, pitch)
        space -= length
    columns = fit_axis(left, space, sources, sources, pitch, pitch)
    extra = min(max(space - (columns.end - left), 0.0) / len(widths), most_bar - bar)
    x = columns.end + (BIAS_GAP + pitch if biases else 0.0) + names + 10.0 + gap / 2
    stages: list[BarColumn] = []
    for width in widths:
        stages.append(BarColumn(x, bar + extra, x + bar + extra + width))
        x = stages[-1].end + gap
    if right is not None:  # beside the numbers, if the page has more room than is needed
        formula = max(line_width(notation(each.cell_formula(1)), FORMULA_SIZE) for each in (draft, backward))
        header = formula + line_width(notation(layers[1].matrix), MATRIX_SIZE) + 10.0
        start = x + max(SECOND_GAP, header - (right.end - right.start) + SECOND_GAP / 2)
        right = right._replace(start=min(start, right.start))
    rows = cut_axis(top, neurons, most, pitch)
    return GridPair(settings, layers, is_backward, rows, columns, tuple(stages), right)
