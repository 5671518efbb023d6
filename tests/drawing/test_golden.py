"""Every view draws what it drew before, in every process."""

import subprocess
import sys

import pytest

from minigrad.drawing import VIEWS, draw
from minigrad.optim import SGD
from tests.drawing import networks

PICTURES = {
    "neurons": lambda: draw(networks.textbook()),
    "neurons_before_a_pass": lambda: draw(networks.textbook(passes=False), "neurons"),
    "neurons_without_biases": lambda: draw(networks.textbook(), "neurons", biases=False, numbers=False),
    "neurons_of_a_batch": lambda: draw(networks.perceptron(2, 2, 1, batch=3), "neurons"),
    "neurons_with_shortcuts": lambda: draw(networks.shortcut(), "neurons"),
    "neurons_elided": lambda: draw(networks.perceptron(12, 9, 11), "neurons"),
    "neurons_of_layers": lambda: draw(networks.layered(3, 2, 2), "neurons"),
    "neurons_recurrent": lambda: draw(networks.recurrent(3), "neurons"),
    "neurons_of_a_softmax": lambda: draw(networks.classifier(), "neurons"),
    "neurons_downwards": lambda: draw(networks.small(), "neurons", direction="down", width=400, title="Down"),
    "textbook": lambda: draw(networks.perceptron(2, 3, 1), "neurons", style="textbook"),
    "textbook_names": lambda: draw(networks.textbook(), "neurons", style="textbook", numbers=False),
    "textbook_elided": lambda: draw(networks.layered(12, 9, 11), "neurons", style="textbook"),
    "textbook_downwards": lambda: draw(networks.shortcut(), "neurons", style="textbook", direction="down"),
    "expression": lambda: draw(networks.micrograd_example(), "expression"),
    "process": lambda: draw(networks.perceptron(2, 3, 1), "process"),
    "process_of_shared_weights": lambda: draw(networks.textbook(), "process", width=400),
    "process_of_a_large_network": lambda: draw(networks.perceptron(30, 14, 4), "process"),
    "backprop": lambda: draw(networks.perceptron(2, 2, 1), "backprop"),
    "backprop_of_an_expression": lambda: draw(networks.micrograd_example(), "backprop"),
    "neuron": lambda: draw(networks.textbook(), "neuron", of="h1"),
    "explain": lambda: draw(networks.textbook(), "explain", of="h1.w1"),
    "update": lambda: draw(networks.textbook(), "update", optimizer=SGD(lr=0.5)),
    "matrices": lambda: draw(networks.textbook(), "matrices"),
    "health": lambda: draw(networks.ailing(), "health"),
    "layers": lambda: draw(networks.perceptron(64, 32, 10), "layers"),
    "layers_downwards": lambda: draw(networks.shortcut(), "layers"),
    "ends": lambda: draw(networks.perceptron(4, 5, 3), "ends", count=3),
}


OF_GRAPHVIZ = {"expression", "explain", "ends"}
"""Pictures whose SVG another program writes."""


@pytest.mark.parametrize("name", PICTURES)
def test_dot_text(name, golden):
    golden(f"{name}.dot", PICTURES[name]().source)


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in OF_GRAPHVIZ])
def test_svg_text(name, golden):
    golden(f"{name}.svg", PICTURES[name]().svg)


@pytest.mark.parametrize("name", ["neurons", "expression", "layers"])
def test_other_texts(name, golden):
    drawing = PICTURES[name]()
    golden(f"{name}.txt", drawing.text)
    golden(f"{name}.mmd", drawing.mermaid)


def test_every_view_has_a_golden_picture():
    own = {name for name, view in VIEWS.items() if view.function.__module__.startswith("minigrad.")}
    shown = {PICTURES[name]().diagram.view for name in PICTURES}
    assert shown == own, "add a picture of the view to PICTURES, then run: python -m pytest tests/drawing --overwrite"


def test_same_text_in_every_process():
    program = (
        "from tests.drawing import test_golden as golden\n"
        "for picture in golden.PICTURES.values():\n"
        "    drawing = picture()\n"
        "    print(drawing.source, drawing.text, drawing.mermaid)\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert texts.pop()
