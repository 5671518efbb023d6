"""What stands on the lines of the grids: cells, heads, sums and outputs, with the arrows between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color
from minigrad.drawing.process.cell_metrics import SMALLEST, Lanes
from minigrad.drawing.process.frames import STUB, Frames
from minigrad.drawing.process.layout_parts import Arrow, Caption, Form, Frame, PlacedBlock, Plate
from minigrad.drawing.process.process_content import Block, Kind, Row
from minigrad.drawing.text_fitting import cut_to_width, fitting_size
from minigrad.drawing.text_layout import bold, notation, plain_text, words
from minigrad.ops.base import Elementwise
from minigrad.structure import Element
from minigrad.textbook_names import superscript

SHORTEST = 6.0
"""Length of an arrow that is drawn."""


@dataclass
class Staircase(Frames):
    """The blocks, arrows and captions of a layout, on the lines of its grids."""

    blocks: dict[str, PlacedBlock] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    plates: list[Plate] = field(default_factory=list)
    names: dict[int, Point] = field(default_factory=dict)
    """Where the name of each grid stands."""
    exit: float = 0.0
    """Where the outputs of the last frame end, along its u."""

    @property
    def extent(self) -> Point:
        """Return the lower right corner of everything."""
        ends = [placed.end for placed in self.blocks.values()]
        right = [*(end.x for end in ends), *(caption.right for caption in self.captions)]
        return Point(max(right), max(end.y for end in ends))

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

        if end - start < SHORTEST:
            return  # cells that touch need no arrow

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
                word = "" if self.content.settings.interactive else self.content.settings.say("bias")
                row = Row("1", word if frame.reading == "down" else "")
                head = self.put_head(frame, Block(f"h{frame.grid.number}_b", Kind.ONE, (row,), word), u)
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
        form = Form.VALUE_RIGHT if frame.reading == "down" else Form.VALUE_BELOW if frame.starts else Form.VALUE_LEFT
        length = self.head_length(frame.grid, "right") if form is Form.VALUE_BELOW else 2 * self.radius
        center = frame.point(u + self.metrics.enter(frame.reading).forward * across, end - length / 2)
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
        length, width = metrics.box_length(reading), metrics.box_width(reading)
        shift = (frame.v(metrics.cell) - width) / 2
        form = Form.BESIDE if reading == "right" and metrics.beside else Form.STACKED
        start, step_gap = frame.end + self.gap, self.step_gap(grid, reading)
        for neuron, v in enumerate(frame.neurons):
            u, size = start, frame.point(length, width)
            keys = (cell_key(frame, source, neuron) for source in reversed(range(len(frame.sources))))
            last = next(self.blocks[key] for key in keys if key in self.blocks)
            placed = self.put(self.content.sum_block(grid, neuron), frame.point(u, v + shift), size, form)
            self.connect(frame, last, placed, self.lanes_across(frame, v, self.metrics.leave(reading)))
            for number, element in enumerate(self.line_elements(grid, neuron), start=1):
                u += length + (self.activation_gap(reading) if number == 1 else step_gap)
                before, block = placed, self.content.value_block(f"o{grid.number}_{neuron}_{number}", element)
                placed = self.put(block, frame.point(u, v + shift), size, form)
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
        is_theta = is_output and len(activation_names(frame)) == 1
        sign_size = 1.2 * size if is_theta else max(0.8 * size, SMALLEST)
        space = self.metrics.pitch(frame.reading).y - (backward - forward) - 16
        space = frame.u(after.corner) - frame.u(before.end) - 2 if is_down else space
        sign = notation("θ") if is_theta else words(cut_to_width(op.label, sign_size, space))
        at = Point(middle - 1, forward - 0.5 * size) if is_down else Point(forward - 0.6 * size, middle + 0.35 * size)
        self.captions.append(Caption(at, sign, sign_size, anchor=Anchor.MIDDLE if is_down else Anchor.END))
        slope = self.content.slope(unit)
        if not is_output or slope.number is None:
            return plain_text(sign), ""
        anchor = Anchor.MIDDLE if is_down else Anchor.END
        x, y = (middle, backward - 0.4 * size) if is_down else (backward - 5, middle - 0.25 * size)
        lower = Point(x, y + (1.6 if is_down else 1.15) * size)
        name, number = notation(f"·{slope.label}"), slope.number_line
        room = self.activation_gap(frame.reading) - 2 if is_down else backward - forward - 9
        number_size = fitting_size(number, max(0.84 * size, SMALLEST), room)
        self.captions.append(Caption(Point(x, y), name, 1.04 * size, Color.BACKWARD, anchor))
        if number_size >= SMALLEST:
            self.captions.append(Caption(lower, number, number_size, Color.BACKWARD, anchor))
        return plain_text(sign), f"{slope.label} = {slope.text}"

    def add_stubs(self, frame: Frame) -> None:
        """Let the lines of a frame end in short arrows where the page ends."""
        after = self.content.process.grids[frame.grid.number]
        read = {source for source, _, _ in after.entries()} if after.straight else range(len(frame.neurons))
        for neuron in [neuron for neuron in range(len(frame.neurons)) if neuron in read]:
            last = self.blocks[self.last_key(frame, neuron)]
            lanes = self.lanes_across(frame, frame.neurons[neuron], self.metrics.enter(frame.next_reading))
            start = frame.u(last.end)
            out = frame.point(start, lanes.forward), frame.point(start + STUB, lanes.forward)
            back = frame.point(start + STUB, lanes.backward), frame.point(start + 1, lanes.backward)
            self.arrows += [Arrow(last.block.key, "", *out), Arrow("", last.block.key, *back, is_backward=True)]
            if after.straight and neuron == min(read):
                at = Point(out[1].x, last.corner.y - 8) if frame.reading == "down" else Point(out[1].x - 8, out[1].y)
                text = notation(f"→ W{superscript(after.number)}")
                self.captions.append(Caption(at, text, 11.0, Color.MUTED, Anchor.END))


def cell_key(frame: Frame, source: int, neuron: int) -> str:
    """Return the key of a cell; those of the biases stand behind the sources."""
    name = "b" if source == len(frame.grid.sources) else str(source)
    return f"g{frame.grid.number}_{name}_{neuron}"


def activation_names(frame: Frame) -> set[str]:
    """Return the names of the activations of the neurons of a grid."""
    units = frame.grid.neurons
    return {unit.output.op.label for unit in units if unit.output.op and unit.output is not unit.weighted_sum}
