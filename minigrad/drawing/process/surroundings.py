"""What stands around the grids of a process: their names, the losses with their targets, and nodes beside the lines."""

from __future__ import annotations

from minigrad.core.node import Node
from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Color
from minigrad.drawing.process.cell_metrics import Lanes, bare_metrics, dense_metrics, possible_metrics
from minigrad.drawing.process.endings import Endings
from minigrad.drawing.process.frames import HEADER, loss_width
from minigrad.drawing.process.layout_parts import Caption, Form, Frame, PlacedBlock, Plate
from minigrad.drawing.process.process_content import Kind, ProcessContent
from minigrad.drawing.process.staircase import Staircase, activation_names
from minigrad.drawing.text_layout import Line, line_width, notation, words
from minigrad.ops.base import Elementwise
from minigrad.structure import Element, source_nodes
from minigrad.textbook_names import superscript

CAPTION_SIZE, MATRIX_SIZE = 12.0, 19.0
"""Font sizes of what is said about a grid, and of its name."""


def add_headers(staircase: Staircase) -> None:
    """Write the name of each grid and how it is read: over those at the top of a row, beside the others."""
    end = baseline = 0.0
    for number, frame in enumerate(staircase.frames):
        cells = frame_cells(staircase, frame)
        left, right = min(cell.corner.x for cell in cells), max(cell.end.x for cell in cells)
        top = min(cell.corner.y for cell in cells)
        name_width = line_width(matrix_name(frame), MATRIX_SIZE)
        if frame.starts:
            heads = [
                placed.corner.y for key, placed in staircase.blocks.items() if key.startswith(f"h{frame.grid.number}_")
            ]
            baseline = min([top, *heads]) - HEADER + 8
            end = add_header(staircase, frame, Point(staircase.margin, baseline), Point(name_width + 10, -1), 0.0)
        elif frame.reading == "right":
            is_first = staircase.frames[number - 1].starts
            at = Point(right, baseline if is_first else top - 14)
            add_header(staircase, frame, at, Point(-name_width - 10, -1), end + 24 if is_first else staircase.margin)
        else:
            add_header(staircase, frame, Point(left - 14, top + 24), Point(0, 22), staircase.margin)
        add_activation(staircase, frame)


def matrix_name(frame: Frame) -> Line:
    """Return the name of a grid, W⁽¹⁾."""
    return notation(f"W{superscript(frame.grid.number)}")


def add_header(staircase: Staircase, frame: Frame, at: Point, shift: Point, least: float) -> float:
    """Write the name of a grid at a place, and how it is read beside it, if there is room; return where that ends."""
    say = staircase.content.settings.say
    anchor = Anchor.START if frame.starts else Anchor.END
    staircase.captions.append(Caption(at, matrix_name(frame), MATRIX_SIZE, anchor=anchor))
    staircase.names[frame.grid.number] = at
    if staircase.content.settings.interactive:
        return 0.0
    source = say("an input") if frame.grid.number == 1 else say("an output")
    phrases = {
        "down": "{source} goes down its column, a row adds up to s",
        "right": "{source} goes along its row, a column adds up to s",
    }
    text = words(say(phrases[frame.reading], source=source))
    caption = Caption(Point(at.x + shift.x, at.y + shift.y), text, CAPTION_SIZE, Color.MUTED, anchor)
    if caption.left >= least and caption.right <= staircase.content.settings.width - staircase.margin:
        staircase.captions.append(caption)
    return caption.right


def add_activation(staircase: Staircase, frame: Frame) -> None:
    """Write which function θ is, where all neurons of a grid have the same one."""
    names = activation_names(frame)
    sums = [placed for key, placed in staircase.blocks.items() if key.startswith(f"s{frame.grid.number}_")]
    if (
        staircase.content.settings.interactive
        or len(names) != 1
        or (frame is staircase.frames[-1] and staircase.plates)
    ):
        return
    first = min(sums, key=lambda placed: frame.v(placed.corner))
    middle = frame.u(first.end) + staircase.activation_gap(frame.reading) / 2
    text = notation(f"θ = {next(iter(names))}")
    at, anchor = Point(middle, first.corner.y - 8), Anchor.MIDDLE
    if frame.reading == "right":
        at, anchor = Point(first.corner.x - 8, middle + 4), Anchor.END
    staircase.captions.append(Caption(at, text, 11.0, Color.MUTED, anchor))


def frame_cells(staircase: Staircase, frame: Frame) -> list[PlacedBlock]:
    """Return the cells of a frame."""
    return [placed for key, placed in staircase.blocks.items() if key.startswith(f"g{frame.grid.number}_")]


def add_plates(staircase: Staircase) -> None:
    """Put one ground behind the boxes of an op that joins all lines, such as a softmax over the outputs."""
    frame = staircase.frames[-1]
    boxes: dict[str, list[PlacedBlock]] = {}
    for neuron in range(len(frame.neurons)):
        for number, element in enumerate(staircase.line_elements(frame.grid, neuron), start=1):
            joint = next((node for node in (element.node, *element.node.parents) if joins_lines(staircase, node)), None)
            if joint is not None and joint.op is not None:
                boxes.setdefault(joint.op.label, []).append(staircase.blocks[f"o{frame.grid.number}_{neuron}_{number}"])
    is_down = frame.reading == "down"
    for label, placed in boxes.items():
        corner = Point(min(box.corner.x for box in placed) - 6, min(box.corner.y for box in placed) - 6)
        end = Point(max(box.end.x for box in placed) + 6, max(box.end.y for box in placed) + 6)
        staircase.plates.append(Plate(corner, Point(end.x - corner.x, end.y - corner.y), label))
        at = Point((corner.x + end.x) / 2, corner.y - 6) if is_down else Point(corner.x - 6, (corner.y + end.y) / 2 + 4)
        anchor = Anchor.MIDDLE if is_down else Anchor.END
        staircase.captions.append(Caption(at, words(label), 11.0, Color.MUTED, anchor))


def joins_lines(staircase: Staircase, node: Node) -> bool:
    """Return whether a node computes all outputs of the last grid together, as a softmax does."""
    is_activation = node.kind == "activation" and not isinstance(node.op, Elementwise)
    return node in staircase.endings.joint or (
        is_activation and node in {unit.output for unit in staircase.frames[-1].grid.neurons}
    )


def place_losses(staircase: Staircase) -> None:
    """Place losses behind the lines they read, with their targets, and totals of losses behind them."""
    content, metrics, frame = staircase.content, staircase.metrics, staircase.frames[-1]
    height = 42 * metrics.scale
    is_down = frame.reading == "down"
    placed_losses: list[PlacedBlock] = []
    for unit, first, last in staircase.endings.losses:
        block = content.loss_block(unit)
        width = loss_width(block, metrics)
        start, end = frame.neurons[first], frame.neurons[last] + frame.v(metrics.cell)
        u = staircase.exit + (staircase.gap if is_down else 0.85 * staircase.gap)
        if is_down:
            placed = staircase.put(block, Point(u, start), Point(width, end - start), Form.STACKED)
        else:
            left = min(start, end - width) if len(staircase.endings.losses) == 1 else start
            placed = staircase.put(block, Point(left, u), Point(end - left, height), Form.STACKED)
        placed_losses.append(placed)
        for neuron in range(first, last + 1):
            line = staircase.blocks[staircase.last_key(frame, neuron)]
            staircase.connect(
                frame,
                line,
                placed,
                staircase.lanes_across(frame, frame.neurons[neuron], staircase.metrics.enter(frame.next_reading)),
            )
        place_targets(staircase, placed, target_elements(staircase, unit.output), (start, end))
    staircase.exit = max([frame.u(placed.end) for placed in placed_losses], default=staircase.exit)
    has_targets_behind = any(
        key.startswith("t") and frame.u(placed.corner) > staircase.exit for key, placed in staircase.blocks.items()
    )
    for unit in staircase.endings.totals:
        block = content.node_block(unit)
        width = loss_width(block, metrics)
        u = staircase.exit + staircase.gap * (1 + has_targets_behind) + (2 * staircase.radius + 14) * has_targets_behind
        first_v = min(frame.v(placed.corner) for placed in placed_losses)
        last_v = max(frame.v(placed.end) for placed in placed_losses)
        corner = frame.point(u, first_v)
        long = height if len(block.rows) == 1 else metrics.box.y
        size = Point(width, last_v - first_v) if is_down else Point(max(width, last_v - first_v), long)
        total = staircase.put(block, corner, size, Form.STACKED)
        for placed in placed_losses:
            across = frame.v(placed.size)
            lanes = Lanes(frame.v(placed.corner) + 0.12 * across, frame.v(placed.corner) + 0.88 * across)
            staircase.connect(frame, placed, total, lanes)
        placed_losses, staircase.exit = [total], frame.u(total.end)
        has_targets_behind = False


def target_elements(staircase: Staircase, loss: object) -> list[Element]:
    """Return the targets of a loss, element by element."""
    structure = staircase.content.structure
    elements: list[Element] = []
    for unit, _, _ in staircase.endings.losses:
        if unit.output is loss:
            for node in source_nodes(unit):
                if node in structure.targets:
                    count = node.shape[-1] if node.ndim == 1 else 0
                    elements += [Element(node, position) for position in range(count)] or [Element(node)]
    return elements


def place_targets(staircase: Staircase, loss: PlacedBlock, targets: list[Element], span: tuple[float, float]) -> None:
    """Place the targets of a loss: one before it where outputs come from above, else all behind it."""
    frame, content, radius, gap = staircase.frames[-1], staircase.content, staircase.radius, staircase.gap
    for position, element in enumerate(targets):
        block = content.leaf(f"t{loss.block.key}_{position}", element, Kind.TARGET)
        center = Point(loss.corner.x - gap * 1.2 - radius, loss.corner.y + loss.size.y / 2)
        is_in_page = center.x - radius - staircase.metrics.number >= 0.5 * staircase.margin
        if frame.reading == "right" and len(targets) == 1 and loss.corner.x <= frame.neurons[0] and is_in_page:
            target = staircase.put_circle(block, center, Form.VALUE_LEFT)
            staircase.connect_across(target, loss, center.y)
            continue
        across = span[0] + (position + 0.5) * (span[1] - span[0]) / len(targets)
        center = frame.point(frame.u(loss.end) + gap + radius, across)
        form = Form.VALUE_RIGHT if frame.reading == "down" else Form.VALUE_BELOW
        target = staircase.put_circle(block, center, form)
        staircase.connect_back(frame, target, loss, across)


def place_others(staircase: Staircase) -> None:
    """Place the nodes that no line reaches below everything, side by side, each with its formula."""
    content, metrics = staircase.content, staircase.metrics
    others = [unit for unit in staircase.endings.others if unit.output.kind != "constant" or unit.output.name]
    if not others:
        return
    x, y = staircase.margin, staircase.extent.y + 2.2 * staircase.gap
    words_above = "" if content.settings.interactive else content.settings.say("Other nodes")
    staircase.captions.append(Caption(Point(x, y - 10), words(words_above), CAPTION_SIZE, Color.MUTED))
    for unit in others:
        block = content.node_block(unit)
        width = loss_width(block, metrics)
        if x > staircase.margin and x + width > content.settings.width - staircase.margin:
            x, y = staircase.margin, y + metrics.box.y + 12
        height = metrics.box.y if len(block.rows) > 1 else metrics.box.y / 2
        staircase.put(block, Point(x, y), Point(width, height), Form.STACKED)
        x += width + 14


def fitting_staircase(content: ProcessContent, endings: Endings) -> Staircase:
    """Return the layout with the largest text that fits the page; without numbers in the cells where none does.

    Two grids side by side stay together as long as they can; on narrow pages each grid begins at the left. A direction
    of the page leaves only the first or the second.
    """
    narrow = {None: (False, True), "right": (False,), "down": (True,)}[content.settings.direction]
    sizes = [(metrics, is_narrow) for is_narrow in narrow for metrics in possible_metrics(content)]
    sizes += [(dense_metrics(content), True)] if narrow[-1] else []
    sizes += [(bare_metrics(content), is_narrow) for is_narrow in narrow]
    for metrics, is_narrow in sizes:
        staircase = Staircase(content, endings, metrics, is_narrow)
        if staircase.place_frames() <= content.settings.width - staircase.margin + 0.5:
            break
    staircase.build()
    place_losses(staircase)
    add_plates(staircase)
    place_others(staircase)
    add_headers(staircase)
    return staircase
