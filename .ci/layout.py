"""Draws in an environment that has one way to lay out a picture, or none: python .ci/layout.py none|dot|pygraphviz"""

import sys
from pathlib import Path

import minigrad as mg
from minigrad.drawing.backends.graphviz_runner import RENDERERS

expected = sys.argv[1]
available = [renderer.name for renderer in RENDERERS if renderer.is_available()]
assert available == [name for name in (expected,) if name != "none"], (
    f"found {available}, meant to be alone: {expected}"
)

inputs, outputs = mg.mlp([2, 2, 1], activation=mg.sigmoid, rng=0)
network = mg.Network(inputs, outputs)
loss = network.loss_graph([0.0, 1.0], [1.0])
beginnings = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}

for view, what in (("auto", network), ("neurons", network), ("expression", loss)):
    drawing = mg.draw(what, view=view)
    for suffix in (".dot", ".gv", ".mmd", ".txt"):
        assert drawing.save(f"{view}{suffix}").stat().st_size > 100
    assert drawing.source.startswith("digraph")
    for suffix, beginning in beginnings.items():
        path = Path(f"{view}{suffix}")
        try:
            drawing.save(path)
        except mg.MinigradError as error:
            assert expected == "none", error
            assert "pip install" in str(error), "the error says how to get a Graphviz"
            assert not path.exists(), "nothing is left half-done"
        else:
            assert expected != "none", f"{path} came from nowhere"
            assert path.read_bytes().startswith(beginning)
            assert path.stat().st_size > 1000
    shown = drawing._repr_mimebundle_()
    assert shown["text/plain"]
    assert ("image/svg+xml" in shown) == (expected != "none")
    if expected != "none":
        assert "δ" in drawing.svg, "labels survive the layout"
    print(f"view {view}: {'text and a line of help' if expected == 'none' else f'laid out by {expected}'}")
