"""Draws in an environment with known renderers and no others: python .ci/layout.py [RENDERER…]

Every view is saved in every format. Pictures of networks are SVG everywhere; other files come from a renderer that was
named, and where there is none an error says how to get one.
"""

import sys
from pathlib import Path

import minigrad as mg
from minigrad.drawing import VIEWS
from minigrad.drawing.backends.graphviz_runner import RENDERERS
from minigrad.drawing.backends.svg_converter import CONVERTERS

expected = set(sys.argv[1:])
available = {renderer.name for renderer in (*RENDERERS, *CONVERTERS) if renderer.is_available()}
assert available == expected, f"found {available}, meant to be alone: {expected}"

BEGINNINGS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}
GRAPHVIZ_VIEWS = {"backprop", "ends", "explain", "expression"}

inputs, outputs = mg.mlp([2, 2, 1], activation=mg.sigmoid, rng=0)
network = mg.Network(inputs, outputs)
network.loss_graph([0.0, 1.0], [1.0])
OPTIONS = {
    "explain": {"of": network.parameters[0]},
    "neuron": {"of": outputs[0].parents[0]},
    "update": {"optimizer": mg.SGD(0.1)},
}


def can_make(drawing: mg.drawing.Drawing, suffix: str) -> bool:
    """Return whether one of the expected renderers makes such a file of a picture."""
    if drawing.figure is None:
        return any(renderer.name in expected for renderer in RENDERERS)
    return suffix == ".svg" or any(
        renderer.name in expected and suffix[1:] in renderer.formats for renderer in CONVERTERS
    )


for view in sorted(VIEWS):
    drawing = mg.draw(network, view, **OPTIONS.get(view, {}))
    assert drawing.figure is not None or view in GRAPHVIZ_VIEWS, f"the view {view} needs Graphviz"
    assert drawing.source.startswith("digraph")
    for suffix in (".dot", ".gv", ".mmd", ".txt"):
        assert drawing.save(f"{view}{suffix}").stat().st_size > 10
    made = [suffix for suffix in BEGINNINGS if can_make(drawing, suffix)]
    for suffix, beginning in BEGINNINGS.items():
        path = Path(f"{view}{suffix}")
        try:
            drawing.save(path)
        except mg.MinigradError as error:
            assert suffix not in made, error
            assert "pip install" in str(error), "the error says how to get a renderer"
            assert not path.exists(), "nothing is left half-done"
        else:
            assert suffix in made, f"{path} came from nowhere"
            assert path.read_bytes().startswith(beginning)
            assert path.stat().st_size > 1000
    shown = drawing._repr_mimebundle_()
    assert shown["text/plain"]
    assert ("image/svg+xml" in shown) == (".svg" in made)
    if ".svg" in made and view in {"neurons", "expression"}:
        assert "δ" in drawing.svg, "labels survive the layout"
    print(f"view {view}: {' '.join(made) or 'text and a line of help'}")
