"""Where the lines of the grids stand: a staircase right and down, which starts again below where the page ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from minigrad.drawing.diagram import Point
from minigrad.drawing.process.cell_metrics import NAME_SCALE, SMALLEST, Metrics
from minigrad.drawing.process.endings import Endings
from minigrad.drawing.process.grids import Grid, Reading, output_of
from minigrad.drawing.process.layout_parts import Frame
from minigrad.drawing.process.process_content import Block, ProcessContent
from minigrad.drawing.text_layout import label, line_width, words
from minigrad.structure import Element

WIDE_MARGIN, NARROW_MARGIN, NARROW_PAGE = 22.0, 10.0, 600.0
"""Free border of a page, and of one narrower than so much."""
STUB = 16.0
"""Length of the arrows that end where the page does."""
HEADER = 27.0
"""Height of the line of captions over the grids."""


@dataclass
class Frames:
    """The lines of all grids, grid after grid, before anything stands on them.

    Args:
        content: The blocks of the network.
        endings: What follows the last grid.
        metrics: The sizes.
        is_narrow: Whether each grid starts again at the left, entered from there.
    """

    content: ProcessContent
    endings: Endings
    metrics: Metrics
    is_narrow: bool = False
    frames: list[Frame] = field(default_factory=list)

    @property
    def margin(self) -> float:
        """Return the free border of the page."""
        return WIDE_MARGIN if self.content.settings.width >= NARROW_PAGE else NARROW_MARGIN

    @property
    def gap(self) -> float:
        """Return the length of the arrows between a grid and what stands beside it."""
        return max(29 * self.metrics.scale, 19.0)

    @property
    def radius(self) -> float:
        """Return the radius of the circles of inputs and targets."""
        return max(19.0 * self.metrics.scale, 14.0)

    def place_frames(self) -> float:
        """Place the lines of all grids, and return where the widest part of the picture ends."""
        right, bottom = 0.0, WIDE_MARGIN - 1.2 * self.gap
        for grid in self.content.process.grids:
            before = self.frames[-1] if self.frames else None
            continues = bool(before and grid.straight and not self.is_narrow and self.fits(grid, before))
            frame = (
                self.next_frame(grid, before)
                if before and continues
                else self.first_frame(grid, bottom + 1.2 * self.gap)
            )
            self.frames.append(frame)
            end = frame.point(frame.exit, frame.neurons[-1] + frame.v(self.metrics.cell))
            behind = self.endings_length if grid is self.content.process.grids[-1] else STUB
            right, bottom = max(right, end.x + behind * (frame.reading == "down")), max(bottom, end.y + STUB)
        return right

    def first_frame(self, grid: Grid, top: float) -> Frame:
        """Return the lines of a grid at the left of the page, below everything else."""
        reading: Reading = "right" if self.is_narrow else "down"
        pitch, heads = self.metrics.pitch(reading), self.head_length(grid, reading) + self.gap
        at = Point(self.margin, top + HEADER + heads) if reading == "down" else Point(self.margin + heads, top + HEADER)
        first, start = (at.x, at.y) if reading == "down" else (at.y, at.x)
        sources = [first + number * pitch.x for number in range(len(grid.sources) + 1)]
        return self.frame_of(grid, reading, sources, start, starts=True)

    def next_frame(self, grid: Grid, before: Frame) -> Frame:
        """Return the lines of a grid that takes those of the one before straight on."""
        pitch = self.metrics.pitch(before.next_reading)
        sources = [before.neurons[0] + number * pitch.x for number in range(len(grid.sources) + 1)]
        return self.frame_of(grid, before.next_reading, sources, before.exit + self.gap, starts=False)

    def frame_of(self, grid: Grid, reading: Reading, sources: list[float], start: float, starts: bool) -> Frame:
        """Return the lines of a grid whose neurons begin at a place along v."""
        metrics = self.metrics
        neurons = tuple(start + number * metrics.pitch(reading).y for number in range(len(grid.neurons)))
        is_low = grid.has_biases or not self.content.returns_share(grid.sources[-1])
        last = (
            metrics.cell.x if reading == "down" else metrics.cell.y * (0.8 if is_low and metrics.has_numbers else 1.0)
        )
        end = sources[-1 if grid.has_biases else -2] + last
        return Frame(grid, reading, tuple(sources), neurons, starts, end, end + self.strip_length(grid, reading))

    def head_length(self, grid: Grid, reading: Reading) -> float:
        """Return the space that the heads of all lines need before a grid."""
        has_boxes = any(self.content.returns_share(source) for source in grid.sources)
        box = self.metrics.box.y if reading == "down" else self.metrics.box.x
        value = self.metrics.number - 2 * (min(self.margin, self.gap) - 2)  # it may reach into both borders
        return max(2 * self.radius, box if has_boxes else 0.0, value if reading == "right" else 0.0)

    def fits(self, grid: Grid, before: Frame) -> bool:
        """Return whether a grid fits into the page behind the one before, together with one to the right of it."""
        if before.reading == "down":
            return True  # two grids side by side belong together
        grids, metrics = self.content.process.grids, self.metrics
        pitch = metrics.pitch("down").x
        right = before.neurons[0] + (len(grid.sources) + grid.has_biases) * pitch - metrics.gap.x
        right += self.strip_length(grid, "down")
        is_last = grid is grids[-1]
        right += self.endings_length if is_last else self.gap + len(grids[grid.number].neurons) * pitch - metrics.gap.x
        return right <= self.content.settings.width - self.margin

    @property
    def endings_length(self) -> float:
        """Return the space to the right of the last outputs for a loss and its targets."""
        widths = [loss_width(self.content.loss_block(unit), self.metrics) for unit, _, _ in self.endings.losses]
        value = self.metrics.number + 8
        return max(widths) + 2 * self.gap + 2 * self.radius + value if widths else 0.0

    def line_elements(self, grid: Grid, neuron: int) -> list[Element]:
        """Return what stands on a line behind its sum: the output, where there is an activation, and what follows."""
        process, unit = self.content.process, grid.neurons[neuron]
        if grid is process.grids[-1]:
            elements = self.endings.lines[neuron]
        else:
            after = process.grids[grid.number]
            followers = process.followers.get(after.sources[neuron], ()) if after.straight else ()
            elements = [output_of(unit), *followers]
        return elements if unit.output is not unit.weighted_sum else elements[1:]

    def strip_length(self, grid: Grid, reading: Reading) -> float:
        """Return the length of what stands behind a grid: sums, outputs, and what follows them."""
        most = max(len(self.line_elements(grid, neuron)) for neuron in range(len(grid.neurons)))
        length = self.metrics.box_length(reading)
        activation = self.activation_gap(reading) + length if most else 0.0
        return self.gap + length + activation + max(most - 1, 0) * (self.step_gap(grid, reading) + length)

    def step_gap(self, grid: Grid, reading: Reading) -> float:
        """Return the space before what follows an output, where the name of its op stands."""
        names = {
            element.node.op.label
            for neuron in range(len(grid.neurons))
            for element in self.line_elements(grid, neuron)[1:]
            if element.node.op
        }
        size = max(0.8 * self.metrics.font, SMALLEST)
        widths = [line_width(words(name), size) + 6 for name in names] if reading == "down" else []
        return max([self.gap, *widths])

    def activation_gap(self, reading: Reading) -> float:
        """Return the space between a sum and its output, where θ and θ′ stand."""
        return max(46.0 * self.metrics.scale, 0.84 * self.metrics.number) if reading == "down" else 34.0


def loss_width(block: Block, metrics: Metrics) -> float:
    """Return the width of the box of a loss or of another node, by its formula."""
    return max(max(line_width(label(row.label), NAME_SCALE * metrics.font) for row in block.rows) + 14, metrics.box.x)
