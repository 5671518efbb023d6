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
    """2-2-1, for XOR."""
    inputs, outputs = mg.mlp([2, 2, 1], activation=mg.tanh, output=mg.sigmoid, rng=1)
    return mg.Network(inputs, outputs)


def large_network() -> mg.Network:
    """64-32-10, 2,410 weights, each a node of its own."""
    inputs, outputs = mg.mlp([64, 32, 10], activation=mg.relu, output=mg.sigmoid, rng=0)
    return mg.Network(inputs, outputs)


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

GALLERY = [
    ("one_hidden_layer", "A BP network with one hidden layer", mg.draw(small)),
    ("one_hidden_layer_without_biases", "The same without its biases", mg.draw(small, biases=False)),
    ("working_process", "The working process of a BP network", mg.draw(small, view="process")),
    ("single_node", "The abstract single node", mg.draw(small, view="neuron", of="h1")),
    ("backprop", "A graph, and below it its BP network", mg.draw(small, view="backprop")),
    ("explain", "Every path from a weight to the loss", mg.draw(small, view="explain", of="h1.w1")),
    ("update", "One step of SGD, before and after", mg.draw(small, view="update", optimizer=step)),
    ("expression", "A plain expression", mg.draw(expression)),
    ("layers", "The layers of 64-32-10", mg.draw(large, view="layers")),
    ("large", "64-32-10, neuron by neuron", mg.draw(large)),
    ("large_process", "The working process of 64-32-10", mg.draw(large, view="passes")),
    ("large_update", "One step of SGD on 64-32-10", mg.draw(large, view="update", optimizer=step)),
    ("matrices", "The weights of 2-2-1 and their gradients", mg.draw(small, view="matrices")),
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
    """Save one picture as SVG, or as text where no Graphviz is installed, and return its HTML."""
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
