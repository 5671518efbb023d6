"""The page that replays a training: what it knows of network, data and frames, coded in few bytes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from math import isqrt, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._format import visible
from minigrad._validation import impossible_setting
from minigrad.compiler.javascript import graph_source
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.drawing.settings import Theme, element_key
from minigrad.errors import CompileError
from minigrad.graph import Graph
from minigrad.ops.losses import Loss
from minigrad.pages.assembly import PageLanguage, page_html, page_settings
from minigrad.pages.figures import network_figures
from minigrad.pages.page import Page
from minigrad.structure import Element, NetworkStructure, Unit, read_structure
from minigrad.symbolic.mathml import mathml_name
from minigrad.training.data import sample_shape

if TYPE_CHECKING:
    from minigrad.pages.recorder import Recording

STYLES = ("style.css", "figure.css", "replay.css")
STEPS = 32766
"""Into how many steps the largest magnitude of a number over all frames is divided."""
GROWTH = 100.0
"""How many times larger than all parameters once were one becomes where its scale is bent."""
LARGEST_BEND = 700.0
"""What sinh is still finite of."""
POSITIVE_INFINITY, NEGATIVE_INFINITY, NOT_A_NUMBER = 32767, -32767, -32768
"""The codes of numbers that are not finite."""
FEWEST_PIXELS = 16
"""How many inputs are taken for the pixels of an image, if they could make a square."""


def replay_page(
    recording: Recording,
    *,
    title: str = "",
    language: PageLanguage = "auto",
    theme: Theme = "auto",
    image: tuple[int, int] | None = None,
    entry: str = "replay",
) -> Page:
    """Return the page of a recording, which begins with a module; raise SettingError for settings out of range."""
    graph = recording.network.graph
    settings = page_settings(title, language, theme)
    heading = title or "Training, step by step"
    image_shape = checked_image(image, recording.samples.shape[1])
    sizes = [[prod(node.shape)] for node in graph.nodes]
    program = f"{{rules: [], nodes: {json.dumps(sizes, separators=(',', ':'))}}}"
    with suppress(CompileError):  # with an op that has no formulas the page shows the parameters alone
        program = graph_source(graph.nodes)
    data = {
        **settings,
        "byEpochs": recording.by_epochs,
        **moments(recording),
        "frames": code_frames(np.array([frame.parameters for frame in recording.frames])),
        "samples": base64_of(recording.samples, "<f4"),
        "targets": base64_of(recording.targets, "<f4"),
        "network": describe_network(recording, image_shape),
        "figure": figure(recording),
    }
    html = page_html(entry, data, **{**settings, "title": heading}, program=program, styles=STYLES)
    return Page(html, heading)


def checked_image(image: Any, inputs: int) -> tuple[int, int] | None:
    """Return height and width of the images that the inputs are, None for inputs that are none."""
    if image is None:
        side = isqrt(inputs)
        return (side, side) if inputs >= FEWEST_PIXELS and side * side == inputs else None
    if not (
        isinstance(image, tuple)
        and len(image) == 2
        and all(isinstance(size, int) and size > 0 for size in image)
        and image[0] * image[1] == inputs
    ):
        raise impossible_setting("image", image, f"(height, width) of {inputs} pixels")
    return image if min(image) > 1 else None


def moments(recording: Recording) -> dict[str, Any]:
    """Return at which moments there are frames, and what was measured then."""
    frames = recording.frames
    return {
        "epochs": [frame.epoch for frame in frames],
        "steps": [frame.step for frame in frames],
        "curves": curves(recording),
    }


def curves(recording: Recording) -> dict[str, list[float | None]]:
    """Return what was measured, by name, a number for each frame; None where there is none, as before training."""
    first, *others = (frame.measured for frame in recording.frames)
    before = {name: number for name, number in first.items() if number == number}  # the loss is NaN before training
    names = dict.fromkeys(name for measured in (first, *others) for name in measured)
    return {visible(name): [measured.get(name) for measured in (before, *others)] for name in names}


def code_frames(frames: np.ndarray) -> dict[str, Any]:
    """Return numbers over time, of shape (frames, numbers), as whole steps of a scale that each number has.

    A number x becomes round(x / scale · 32,766), where `scale` is its largest magnitude, so that it is off by half a
    step at most. In a training that diverges it becomes round(arsinh(x / scale · sinh(bend)) / bend · 32,766), so that
    numbers from before are not lost beside the largest. The codes of a frame are stored as the differences from the
    frame before in base 128, the lowest seven bits first, with the sign in the lowest bit: numbers that move little
    need one byte.
    """
    is_finite = np.isfinite(frames)
    sizes = np.where(is_finite, abs(frames), 0.0)
    scales = sizes.max(axis=0)
    with np.errstate(all="ignore"):
        bends = bends_of(sizes)
        shares = np.where(is_finite & (scales > 0), frames / scales, 0.0)
        bent = np.where(bends > 0, np.arcsinh(shares * np.sinh(bends)) / bends, shares)
        codes = np.rint(bent * STEPS).astype(np.int64)
    codes[frames == np.inf] = POSITIVE_INFINITY
    codes[frames == -np.inf] = NEGATIVE_INFINITY
    codes[np.isnan(frames)] = NOT_A_NUMBER
    differences = np.diff(codes, axis=0, prepend=0).ravel()
    return {
        "count": len(frames),
        "size": frames.shape[1],
        "scales": base64_of(scales, "<f8"),
        "bends": base64_of(bends, "<f4"),
        "codes": b64encode(variable_bytes(np.where(differences < 0, -2 * differences - 1, 2 * differences))).decode(),
    }


def bends_of(sizes: np.ndarray) -> np.ndarray:
    """Return how far the scale of each number is bent: ln of its growth in a training that diverges, else 0.

    Growth is from the frame where the parameters are smallest all together, so that one that crosses 0 counts as none.
    """
    largest = sizes.max(axis=1, initial=0.0)
    growth = sizes.max(axis=0) / largest[largest > 0].min(initial=np.inf)
    bends = np.where(growth > GROWTH, np.minimum(np.log(growth), LARGEST_BEND), 0.0)
    return bends.astype(np.float32).astype(float)  # as the page has them


def variable_bytes(numbers: np.ndarray) -> bytes:
    """Return numbers from 0 to 2²¹ − 1 in base 128, each in as few bytes as it needs; all but its last have bit 7."""
    parts = np.stack([numbers & 127, numbers >> 7 & 127, numbers >> 14], axis=1)
    length = 1 + (numbers > 127) + (numbers > 16383)
    index = np.arange(3)
    parts[index < length[:, None] - 1] |= 128
    return parts[index < length[:, None]].astype(np.uint8).tobytes()


def base64_of(numbers: np.ndarray, dtype: str) -> str:
    """Return an array of numbers of a type, one after another, in base64."""
    return b64encode(np.ascontiguousarray(numbers, dtype).tobytes()).decode()


def describe_network(recording: Recording, image: tuple[int, int] | None) -> dict[str, Any]:
    """Return what the page knows of the network: where its numbers are, its layers, its names."""
    network, graph = recording.network, recording.network.graph
    structure, position = read_structure(graph), graph.position
    inputs, outputs = (
        [element for node in nodes if node in graph for element in elements(node)]
        for nodes in (network.inputs, network.outputs)
    )
    feed = {node: np.zeros(node.shape) for node in (*network.inputs, *network.targets) if node in graph}
    leaves = graph.leaves(feed)
    fixed = [node for node in leaves if node.kind in ("constant", "mask")]
    return {
        "loss": position[network.loss],
        "inputs": [position.get(node) for node in network.inputs],
        "targets": [position.get(node) for node in network.targets],
        "parameters": [position[node] for node in network.parameters],
        "constants": [[position[node], np.broadcast_to(leaves[node], node.shape).ravel().tolist()] for node in fixed],
        "layers": [[named_neuron(structure, unit) for unit in layer] for layer in structure.layers],
        "activations": [activation(graph, layer) for layer in structure.layers],
        "outputs": [named(structure, element) for element in outputs],
        "inputNames": [named(structure, element)["name"] for element in inputs],
        "threshold": threshold(graph),
        "image": image and {"shape": image, "weights": image_weights(recording, structure)},
    }


def figure(recording: Recording) -> dict[str, str]:
    """Return the figure of the network, wide and narrow, which the page fills with the numbers of a frame."""
    network = deepcopy(recording.network)  # whose nodes get the values of a pass
    rows = (recording.samples[0], network.inputs), (recording.targets[0], network.targets)
    sample, target = (row.reshape(sample_shape(nodes)) for row, nodes in rows)
    return network_figures(network.loss_graph(sample, target), ["textbook"])["textbook"]


def elements(node: Node) -> list[Element]:
    """Return a node, or each element of one that is a row of numbers."""
    return [Element(node, index) for index in range(node.shape[-1])] if node.shape else [Element(node)]


def named(structure: NetworkStructure, element: Element) -> dict[str, str]:
    """Return the key of an element, its name in MathML and as plain text."""
    text = structure.textbook_name(*element)
    return {"key": element_key(element, structure.graph.position), "name": mathml_name(text), "label": text}


def named_neuron(structure: NetworkStructure, unit: Unit) -> dict[str, str]:
    """Return the key of a neuron's output and its names, and the key of its weighted sum."""
    assert unit.weighted_sum is not None
    element, weighted_sum = Element(unit.output, unit.position), Element(unit.weighted_sum, unit.position)
    return {**named(structure, element), "sum": element_key(weighted_sum, structure.graph.position)}


def activation(graph: Graph, layer: Sequence[Unit]) -> dict[str, Any]:
    """Return what the figure asks of a layer: its activation, and the keys of its outputs."""
    outputs = [element_key(Element(unit.output, unit.position), graph.position) for unit in layer]
    return {"activation": layer[0].output.label, "units": [{"output": output} for output in outputs]}


def threshold(graph: Graph) -> float | None:
    """Return the number that a loss parts the outputs at, 0 for logits; None where that depends on the targets."""
    losses = [node.op for node in graph.nodes if isinstance(node.op, Loss)]
    is_zero = any(loss.contained_activations or loss.decision_threshold == 0 for loss in losses)
    return 0.0 if is_zero else None


def image_weights(recording: Recording, structure: NetworkStructure) -> list[list[int]]:
    """Return for each neuron that reads all inputs where their weights are in a frame; −1 for one that is missing."""
    network = recording.network
    layout = ParameterLayout(network.parameters)
    start = dict(zip(layout.parameters, layout.offsets, strict=False))
    pixels = [element for node in network.inputs for element in elements(node)]
    pixel = {structure.units[element]: index for index, element in enumerate(pixels)}
    images = []
    for unit in structure.layers[0] if structure.layers else ():
        image = [-1] * len(pixels)
        for source, weight in structure.connections(unit):
            if weight is not None and source in pixel and weight.node in start:
                image[pixel[source]] = start[weight.node] + weight.offset
        images.append(image)
    return images
