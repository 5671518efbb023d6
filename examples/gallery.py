"""Every kind of picture that minigrad draws, for a small and a large network, on one HTML page.

python examples/gallery.py            # writes out/gallery
python examples/gallery.py FOLDER     # writes FOLDER
"""

import html
import sys
from pathlib import Path

import numpy as np

import minigrad as mg

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>minigrad: a gallery</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1c2733; }}
figure {{ margin: 2.5rem 0; }}
figure img {{ max-width: 100%; border: 1px solid #d8dee6; border-radius: 6px; padding: .5rem; background: white; }}
figcaption code {{ background: #f1f4f8; padding: .1rem .3rem; border-radius: 4px; }}
pre {{ overflow-x: auto; background: #f1f4f8; padding: 1rem; border-radius: 6px; line-height: 1.25; }}
</style>
<h1>What minigrad draws</h1>
<p>Each picture comes from a live graph: the numbers are those of its last forward and backward pass.</p>
{figures}
</html>
"""


def small_network() -> mg.Network:
    """2-3-1, the network of the documentation."""
    return mg.Network(*mg.mlp([2, 3, 1], activation=mg.sigmoid, rng=1))


def textbook_network() -> mg.Network:
    """2-3-1 with weights of few digits, after one sample."""
    rows = iter([0.9, -0.3, 0.2, -0.4, 0.7, -0.1, 0.5, 0.8, -0.6, -0.6, 0.5, 0.7, 0.3])
    x = [mg.Input("x1"), mg.Input("x2")]

    def neuron(before: list[mg.Node], name: str) -> mg.Node:
        w = [mg.Parameter(next(rows), f"{name}.w{number}") for number in range(1, len(before) + 1)]
        return mg.sigmoid(
            mg.weighted_sum(before, w, mg.Parameter(next(rows), f"{name}.b"), name=f"{name}.s"), name=name
        )

    hidden = [neuron(x, f"h{number}") for number in (1, 2, 3)]
    network = mg.Network(x, [neuron(hidden, "y1")], loss=mg.squared_error)
    network.loss_graph([0.8, -0.5], [1.0])
    return network


def large_network() -> mg.Network:
    """64-32-10, 2,410 weights, each a node of its own."""
    return mg.Network(*mg.mlp([64, 32, 10], activation=mg.relu, output=mg.sigmoid, rng=0))


def network_of(*sizes: int) -> mg.Network:
    """A network of layers of these sizes."""
    return mg.Network(*mg.mlp(list(sizes), activation=mg.tanh, rng=2))


def recurrent_network() -> mg.Node:
    """A cell over three steps: each reads the one before, all share their weights."""
    w, u, b = mg.Parameter(0.6, "w"), mg.Parameter(-0.4, "u"), mg.Parameter(0.1, "b")
    h: mg.Node = mg.Constant(0.0, "h0")
    for step, x in enumerate((0.5, -1.0, 0.8), start=1):
        s = mg.weighted_sum([mg.Input(f"x{step}", value=x), h], [w, u], b, name=f"s{step}")
        h = mg.tanh(s, name=f"h{step}")
    loss = mg.squared_error([h], [mg.Input("t", value=0.5)], name="L")
    loss.backward()
    return loss


def convolution() -> mg.Node:
    """A kernel of three weights slides over five inputs; a neuron reads what it finds."""
    kernel, bias = [mg.Parameter(w, f"k{n}") for n, w in enumerate((0.5, -1.0, 0.5), start=1)], mg.Parameter(0.1, "b")
    x = [mg.Input(f"x{n}", value=value) for n, value in enumerate((0.1, 0.9, 0.2, 0.4, 0.8), start=1)]
    maps = [mg.relu(mg.weighted_sum(x[n : n + 3], kernel, bias, name=f"s{n + 1}"), name=f"m{n + 1}") for n in range(3)]
    y = mg.neuron(maps, activation=mg.sigmoid, name="y", rng=0)
    loss = mg.squared_error([y], [mg.Input("t", value=1.0)], name="L")
    loss.backward()
    return loss


def one_sample(network: mg.Network, seed: int = 0) -> mg.Network:
    """Return the network after a forward and a backward pass of one sample."""
    rng = np.random.default_rng(seed)
    network.loss_graph(rng.uniform(0, 1, len(network.inputs)), np.eye(len(network.outputs))[0])
    return network


def whole_batch(network: mg.Network, count: int = 40) -> mg.Network:
    """Return the network after a forward and a backward pass of a batch of samples."""
    rng = np.random.default_rng(0)
    feeds = {node: rng.uniform(0, 1, count) for node in (*network.inputs, *network.targets)}
    network.graph.forward(feeds)
    network.graph.backward()
    return network


small, large = one_sample(small_network()), one_sample(large_network())
a, b = mg.Parameter(-4.0, "a"), mg.Parameter(2.0, "b")
expression = a * b + mg.tanh(a)
expression.backward()
step = mg.SGD(lr=0.5)

textbook = textbook_network()
medium, deep = one_sample(network_of(16, 12, 4)), one_sample(network_of(4, *[4] * 9, 2))
staircase = one_sample(network_of(2, 3, 3, 2))
neuron = {"view": "neuron", "of": "h1"}

GALLERY = [
    ("textbook", "A BP network with one hidden layer", mg.draw(textbook, style="textbook", numbers=False)),
    ("textbook_numbers", "The same with the numbers of a pass", mg.draw(textbook, style="textbook")),
    ("one_hidden_layer", "The same network by its numbers", mg.draw(textbook)),
    ("process", "The working process of the network", mg.draw(textbook, view="process")),
    ("staircase", "The working process of three layers", mg.draw(staircase, view="process")),
    ("large_process", "The working process of 16-12-4", mg.draw(medium, view="process")),
    ("single_neuron", "A single neuron, forward and backward", mg.draw(textbook, **neuron)),
    ("single_neuron_narrow", "The same for a narrow page", mg.draw(textbook, **neuron, width=400)),
    ("deep", "A network of ten layers", mg.draw(deep)),
    ("recurrent", "A recurrent network, unrolled", mg.draw(recurrent_network())),
    ("convolution", "A convolution and its shared weights", mg.draw(convolution())),
    ("batch", "A neuron over 40 samples", mg.draw(whole_batch(small_network()), view="neuron")),
    ("backprop", "A graph, and below it its BP network", mg.draw(small, view="backprop")),
    ("explain", "Every path from a weight to the loss", mg.draw(small, view="explain", of="h1.w1")),
    ("update", "One step of SGD, before and after", mg.draw(small, view="update", optimizer=step)),
    ("expression", "A plain expression", mg.draw(expression)),
    ("layers", "The layers of 64-32-10", mg.draw(large, view="layers")),
    ("large", "64-32-10, neuron by neuron", mg.draw(large)),
    ("large_update", "One step of SGD on 64-32-10", mg.draw(large, view="update", optimizer=step)),
    ("matrices", "The weights of 2-3-1 and their gradients", mg.draw(small, view="matrices")),
    ("large_matrices", "The first weights of 64-32-10 and their gradients", mg.draw(large, view="matrices", most=12)),
    ("ends", "The two ends of a large graph", mg.draw(large.graph, view="ends")),
    (
        "health",
        "Saturated, dead and vanishing neurons over 40 samples",
        mg.draw(whole_batch(small_network()), "health"),
    ),
    ("large_health", "The same of 64-32-10", mg.draw(whole_batch(large_network()), "health")),
]


def figure(folder: Path, name: str, title: str, drawing: object) -> str:
    """Save one picture as SVG, or as text where it needs Graphviz and there is none, and return its HTML."""
    caption = f"<figcaption>{html.escape(title)} <code>{name}</code></figcaption>"
    try:
        drawing.save(folder / f"{name}.svg")
    except mg.MinigradError:
        drawing.save(folder / f"{name}.txt")
        return f"<figure><pre>{html.escape(drawing.text)}</pre>{caption}</figure>"
    return f'<figure><img src="{name}.svg" alt="{html.escape(title)}">{caption}</figure>'


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/gallery")
folder.mkdir(parents=True, exist_ok=True)
figures = [figure(folder, *entry) for entry in GALLERY]
(folder / "index.html").write_text(PAGE.format(figures="\n".join(figures)), encoding="utf-8")
for name, title, _ in GALLERY:
    print(f"{name:32} {title}")
print(f"\n{len(GALLERY)} pictures, all shown in {folder / 'index.html'}")
