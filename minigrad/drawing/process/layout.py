"""Where the grids of a process stand: a staircase right and down, which starts again below where the page ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color
from minigrad.drawing.process.content import Block, Kind, ProcessContent, Row, make_block
from minigrad.drawing.process.endings import Endings
from minigrad.drawing.process.grids import Grid, Reading, output_of
from minigrad.drawing.process.metrics import (
    NAME_SCALE,
    SMALLEST,
    Lanes,
    Metrics,
    fitting_size,
    number_line,
)
from minigrad.drawing.process.placed import Arrow, Caption, Form, Frame, PlacedBlock, Plate
from minigrad.drawing.text_layout import bold, label, line_width, notation, plain_text, words
from minigrad.ops.base import Elementwise
from minigrad.structure import Element
from minigrad.textbook_names import superscript

WIDE_MARGIN, NARROW_MARGIN, NARROW_PAGE = 22.0, 10.0, 600.0
"""Free border of a page, and of one narrower than so much."""
STUB = 16.0
"""Length of the arrows that end where the page does."""
HEADER = 27.0
"""Height of the line of captions over the grids."""
CAPTION_SIZE, MATRIX_SIZE = 12.0, 19.0
"""Font sizes of what is said about a grid, and of its name."""


@dataclass
class Staircase:
    """The blocks, arrows and captions of a layout, grid after grid.

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
    blocks: dict[str, PlacedBlock] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    plates: list[Plate] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    names: dict[int, Point] = field(default_factory=dict)
    """Where the name of each grid stands."""
    exit: float = 0.0
    """Where the outputs of the last frame end, along its u."""

    @property
    def margin(self) -> float:
        """Return the free border of the page."""
        return WIDE_MARGIN if self.content.page.width >= NARROW_PAGE else NARROW_MARGIN

    @property
    def gap(self) -> float:
        """Return the length of the arrows between a grid and what stands beside it."""
        return max(29 * self.metrics.scale, 20.0)

    @property
    def radius(self) -> float:
        """Return the radius of the circles of inputs and targets."""
        return max(19.0 * self.metrics.scale, 14.0)

    @property
    def extent(self) -> Point:
        """Return the lower right corner of everything."""
        ends = [placed.end for placed in self.blocks.values()]
        right = [*(end.x for end in ends), *(caption.right for caption in self.captions)]
        return Point(max(right), max(end.y for end in ends))

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

    @property
    def endings_length(self) -> float:
        """Return the space to the right of the last outputs for a loss and its targets."""
        widths = [loss_width(self.content.loss_block(unit), self.metrics) for unit, _, _ in self.endings.losses]
        value = self.metrics.number + 8
        return max(widths) + 2 * self.gap + 2 * self.radius + value if widths else 0.0

    def build(self) -> Staircase:
        """Place all blocks on the lines of the frames and return self."""
        for number, frame in enumerate(self.frames):
            before = self.frames[number - 1] if number and not frame.starts else None
            self.place_cells(frame)
            self.place_heads(frame, before)
            self.place_strip(frame)
            if number and frame.starts:
                self.add_stubs(self.frames[number - 1])
        self.exit = self.frames[-1].exit
        return self

    def head_length(self, grid: Grid, reading: Reading) -> float:
        """Return the space that the heads of all lines need before a grid."""
        has_boxes = any(self.content.returns_share(source) for source in grid.sources)
        box = self.metrics.box.y if reading == "down" else self.metrics.box.x
        return max(2 * self.radius, box if has_boxes else 0.0)

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
        return right <= self.content.page.width - self.margin

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
        return max(46.0 * self.metrics.scale, 0.9 * self.metrics.number) if reading == "down" else 34.0

    def put(self, block: Block, corner: Point, size: Point, form: Form) -> PlacedBlock:
        """Place a block and return it."""
        placed = self.blocks[block.key] = PlacedBlock(block, corner, size, form)
        return placed

    def connect(
        self,
        frame: Frame,
        first: PlacedBlock,
        second: PlacedBlock,
        lanes: Lanes,
        along: str = "u",
        texts: tuple[str, str] = ("", ""),
    ) -> None:
        """Add an arrow from a block to the next one along u or v, and one back; a lane of −1 has none."""
        keys = first.block.key, second.block.key
        start, end = (
            (frame.u(first.end), frame.u(second.corner))
            if along == "u"
            else (frame.v(first.end), frame.v(second.corner))
        )

        def point(at: float, lane: float) -> Point:
            return frame.point(at, lane) if along == "u" else frame.point(lane, at)

        if lanes.forward >= 0:
            self.arrows.append(
                Arrow(*keys, point(start, lanes.forward), point(end - 0.7, lanes.forward), text=texts[0])
            )
        if lanes.backward >= 0:
            ends = point(end, lanes.backward), point(start + 1.0, lanes.backward)
            self.arrows.append(Arrow(*keys[::-1], *ends, is_backward=True, text=texts[1]))

    def connect_back(self, frame: Frame, first: PlacedBlock, second: PlacedBlock, lane: float) -> None:
        """Add a forward arrow from a block to the one before it, such as from a target to its loss."""
        ends = frame.point(frame.u(first.corner), lane), frame.point(frame.u(second.end) + 1, lane)
        self.arrows.append(Arrow(first.block.key, second.block.key, *ends))

    def connect_across(self, first: PlacedBlock, second: PlacedBlock, y: float) -> None:
        """Add a forward arrow to the right."""
        ends = Point(first.end.x, y), Point(second.corner.x - 0.7, y)
        self.arrows.append(Arrow(first.block.key, second.block.key, *ends))

    def lanes_across(self, frame: Frame, start: float, lanes: Lanes, along: str = "u") -> Lanes:
        """Return the lanes of arrows along u or v, from where a line of cells begins across them."""
        size = frame.v(self.metrics.cell) if along == "u" else frame.u(self.metrics.cell)
        return Lanes(start + lanes.forward * size, start + lanes.backward * size)

    def place_cells(self, frame: Frame) -> None:
        """Place the cells of a frame, and the arrows and signs between them."""
        metrics = self.metrics
        grid: dict[tuple[int, int], PlacedBlock] = {}
        for neuron, v in enumerate(frame.neurons):
            for source, u in enumerate(frame.sources):
                block = self.content.cells.get((frame.grid.number, source, neuron))
                if block is not None:
                    size = Point(metrics.cell.x, metrics.height(block))
                    slot = frame.point(u, v)
                    inset = (metrics.cell.y - size.y) / 2 if frame.reading == "down" else 0.0
                    grid[source, neuron] = self.put(block, Point(slot.x, slot.y + inset), size, Form.CELL)
        for neuron, v in enumerate(frame.neurons):
            lanes = self.lanes_across(frame, v, self.metrics.leave(frame.reading))
            row = [grid[source, neuron] for source in range(len(frame.sources)) if (source, neuron) in grid]
            for before, after in pairwise(row):
                self.connect(frame, before, after, lanes._replace(forward=-1))
                middle = frame.point(frame.u(after.corner) - frame.u(metrics.gap) / 2, lanes.forward)
                at = Point(middle.x, middle.y + 0.4 * metrics.font)
                self.captions.append(Caption(at, bold("+"), 1.2 * metrics.font, anchor=Anchor.MIDDLE))
        for source, u in enumerate(frame.sources):
            lanes = self.lanes_across(frame, u, self.metrics.enter(frame.reading), "v")
            column = [grid[source, neuron] for neuron in range(len(frame.neurons)) if (source, neuron) in grid]
            for before, after in pairwise(column):
                returns = after.block.is_stripped
                self.connect(frame, before, after, lanes if returns else lanes._replace(backward=-1), "v")

    def place_heads(self, frame: Frame, before: Frame | None) -> None:
        """Place what enters a frame: the lines of the one before, heads of their own, and the one of the biases."""
        for source, u in enumerate(frame.sources):
            cells = [self.blocks.get(cell_key(frame, source, neuron)) for neuron in range(len(frame.neurons))]
            first = next((cell for cell in cells if cell is not None), None)
            if first is None:
                continue
            if before is not None and source < frame.grid.straight:
                head = self.blocks[self.last_key(before, source)]
            elif source == len(frame.grid.sources):
                one = make_block(f"h{frame.grid.number}_b", Kind.ONE, (Row("1"),), ())
                head = self.put_head(frame, one._replace(note="1"), u)
            else:
                head = self.put_head(frame, self.content.line_head(frame.grid, source), u)
            lanes = self.lanes_across(frame, u, self.metrics.enter(frame.reading), "v")
            returns = first.block.is_stripped
            self.connect(frame, head, first, lanes if returns else lanes._replace(backward=-1), "v")

    def put_head(self, frame: Frame, block: Block, u: float) -> PlacedBlock:
        """Place the head of a line before its first cell."""
        metrics, across = self.metrics, frame.u(self.metrics.cell)
        end = frame.neurons[0] - self.gap
        if block.kind is Kind.NODE:
            middle = frame.point(u + across / 2, end - frame.v(metrics.box) / 2)
            corner = Point(middle.x - metrics.box.x / 2, middle.y - metrics.box.y / 2)
            return self.put(block, corner, metrics.box, Form.STACKED)
        center = frame.point(u + self.metrics.enter(frame.reading).forward * across, end - self.radius)
        form = Form.VALUE_RIGHT if frame.reading == "down" else Form.VALUE_BELOW if frame.starts else Form.VALUE_LEFT
        return self.put_circle(block, center, form)

    def put_circle(self, block: Block, center: Point, form: Form) -> PlacedBlock:
        """Place an input, a target, or the 1 of the biases."""
        corner = Point(center.x - self.radius, center.y - self.radius)
        return self.put(block, corner, Point(2 * self.radius, 2 * self.radius), form)

    def last_key(self, frame: Frame, neuron: int) -> str:
        """Return the key of the last block on the line of a neuron."""
        count = len(self.line_elements(frame.grid, neuron))
        return f"o{frame.grid.number}_{neuron}_{count}" if count else f"s{frame.grid.number}_{neuron}"

    def place_strip(self, frame: Frame) -> None:
        """Place the sums behind a frame, the outputs, and what follows them on their lines."""
        metrics, grid, reading = self.metrics, frame.grid, frame.reading
        length, width = metrics.box_length(reading), frame.v(metrics.cell)
        form = Form.BESIDE if reading == "right" and metrics.beside else Form.STACKED
        start, step_gap = frame.end + self.gap, self.step_gap(grid, reading)
        for neuron, v in enumerate(frame.neurons):
            u, size = start, frame.point(length, width)
            keys = (cell_key(frame, source, neuron) for source in reversed(range(len(frame.sources))))
            last = next(self.blocks[key] for key in keys if key in self.blocks)
            placed = self.put(self.content.sum_block(grid, neuron), frame.point(u, v), size, form)
            self.connect(frame, last, placed, self.lanes_across(frame, v, self.metrics.leave(reading)))
            for number, element in enumerate(self.line_elements(grid, neuron), start=1):
                u += length + (self.activation_gap(reading) if number == 1 else step_gap)
                before, block = placed, self.content.value_block(f"o{grid.number}_{neuron}_{number}", element)
                placed = self.put(block, frame.point(u, v), size, form)
                lanes = Lanes(self.metrics.enter(frame.next_reading).forward, self.metrics.leave(reading).backward)
                texts = self.add_step(frame, neuron, before, placed, element)
                self.connect(frame, before, placed, self.lanes_across(frame, v, lanes), texts=texts)

    def add_step(
        self, frame: Frame, neuron: int, before: PlacedBlock, after: PlacedBlock, element: Element
    ) -> tuple[str, str]:
        """Write θ and θ′ beside the arrows from a sum to its output, or the name of another op; return both texts."""
        unit, size, is_down = frame.grid.neurons[neuron], self.metrics.font, frame.reading == "down"
        lanes = Lanes(self.metrics.enter(frame.next_reading).forward, self.metrics.leave(frame.reading).backward)
        forward, backward = self.lanes_across(frame, frame.neurons[neuron], lanes)
        middle = (frame.u(before.end) + frame.u(after.corner)) / 2
        op, is_output = element.node.op, element.node is unit.output
        if op is None or not isinstance(op, Elementwise):
            return "", ""  # the ground of all lines has its name
        is_theta = is_output and len(activations(frame)) == 1
        sign, sign_size = (notation("θ"), 1.2 * size) if is_theta else (words(op.label), max(0.8 * size, SMALLEST))
        at = Point(middle - 1, forward - 0.5 * size) if is_down else Point(forward - 0.6 * size, middle + 0.35 * size)
        self.captions.append(Caption(at, sign, sign_size, anchor=Anchor.MIDDLE if is_down else Anchor.END))
        slope = self.content.slope(unit)
        if not is_output or slope.number is None:
            return plain_text(sign), ""
        anchor = Anchor.MIDDLE if is_down else Anchor.END
        x, y = (middle, backward - 0.4 * size) if is_down else (backward - 5, middle - 0.25 * size)
        lower = Point(x, y + (1.6 if is_down else 1.15) * size)
        name, number = notation(f"·{slope.label}"), number_line(slope.text)
        room = self.activation_gap(frame.reading) - 2 if is_down else backward - forward - 9
        number_size = fitting_size(number, max(0.84 * size, SMALLEST), room)
        self.captions.append(Caption(Point(x, y), name, 1.04 * size, Color.BACKWARD, anchor))
        if number_size >= SMALLEST:
            self.captions.append(Caption(lower, number, number_size, Color.BACKWARD, anchor))
        return plain_text(sign), f"{slope.label} = {slope.text}"

    def add_stubs(self, frame: Frame) -> None:
        """Let the lines of a frame end in short arrows where the page ends."""
        after = self.content.process.grids[frame.grid.number]
        text = notation(f"→ W{superscript(after.number)}") if after.straight else ()
        lanes = self.lanes_across(frame, frame.neurons[0], self.metrics.enter(frame.next_reading))
        at = frame.point(frame.exit + STUB, lanes.forward)
        at = Point(at.x, frame.neurons[0] - 8) if frame.reading == "down" else Point(at.x - 8, at.y)
        if text:
            self.captions.append(Caption(at, text, 11.0, Color.MUTED, Anchor.END))
        for neuron, v in enumerate(frame.neurons):
            last = self.blocks[self.last_key(frame, neuron)]
            lanes = self.lanes_across(frame, v, self.metrics.enter(frame.next_reading))
            start = frame.u(last.end)
            out = frame.point(start, lanes.forward), frame.point(start + STUB, lanes.forward)
            back = frame.point(start + STUB, lanes.backward), frame.point(start + 1, lanes.backward)
            self.arrows += [Arrow(last.block.key, "", *out), Arrow("", last.block.key, *back, is_backward=True)]


def loss_width(block: Block, metrics: Metrics) -> float:
    """Return the width of the box of a loss or of another node, by its formula."""
    return max(max(line_width(label(row.label), NAME_SCALE * metrics.font) for row in block.rows) + 14, metrics.box.x)


def cell_key(frame: Frame, source: int, neuron: int) -> str:
    """Return the key of a cell; those of the biases stand behind the sources."""
    name = "b" if source == len(frame.grid.sources) else str(source)
    return f"g{frame.grid.number}_{name}_{neuron}"


def activations(frame: Frame) -> set[str]:
    """Return the names of the activations of the neurons of a grid."""
    units = frame.grid.neurons
    return {unit.output.op.label for unit in units if unit.output.op and unit.output is not unit.weighted_sum}
