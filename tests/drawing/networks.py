"""Networks and names to draw."""

import numpy as np

import minigrad as mg
from minigrad.drawing import VIEWS
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.nn import dense, layer, mlp
from minigrad.training.network import Network


def textbook(passes=True):
    """The 2-2-2 network of the textbooks, assembled node by node, with a bias that two neurons share."""
    x = [mg.Input("x1"), mg.Input("x2")]
    t = [mg.Input("t1"), mg.Input("t2")]
    b1, b2 = mg.Parameter(0.35, "b1"), mg.Parameter(0.6, "b2")
    weights = iter([0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55])

    def row(inputs, name, bias):
        for number in (1, 2):
            w = [mg.Parameter(next(weights), f"{name}{number}.w{place}") for place in (1, 2)]
            s = mg.weighted_sum(inputs, w, bias, name=f"{name}{number}.s")
            yield mg.sigmoid(s, name=f"{name}{number}")

    hidden = list(row(x, "h", b1))
    graph = Graph(mg.squared_error(list(row(hidden, "y", b2)), t, name="E"))
    if passes:
        graph.forward({"x1": 0.05, "x2": 0.1, "t1": 0.01, "t2": 0.99})
        graph.backward()
    return graph


def perceptron(*sizes, batch=0):
    """A multi-layer network of single neurons after one pass."""
    inputs, outputs = mlp(sizes, rng=0)
    network = Network(inputs, outputs)
    rng = np.random.default_rng(1)
    if not batch:
        network.loss_graph(rng.normal(size=sizes[0]), rng.random(sizes[-1]))
        return network
    feeds = {node: rng.normal(size=batch) for node in (*inputs, *network.targets)}
    network.graph.forward(feeds)
    network.graph.backward()
    return network


def ailing():
    """A network with a dead, a saturated and a vanishing neuron, after a batch."""
    x = [mg.Input("x1"), mg.Input("x2")]
    dead = mg.relu(mg.weighted_sum(x, [0.1, 0.1], mg.Parameter(-50.0, "b1"), name="s1"), name="dead")
    lost = mg.tanh(mg.weighted_sum(x, [0.1, 0.2], mg.Parameter(0.1, "b2"), name="s2"), name="lost")
    fit = mg.tanh(mg.weighted_sum(x, [0.3, 0.2], mg.Parameter(0.2, "b3"), name="s3"), name="fit")
    weights = [mg.Parameter(1.0, "w1"), mg.Parameter(1e-6, "w2"), mg.Parameter(0.5, "w3")]
    flat = mg.sigmoid(mg.weighted_sum([dead, lost, fit], weights, mg.Parameter(20.0, "b4"), name="s4"), name="flat")
    good = mg.sigmoid(mg.weighted_sum([dead, lost, fit], weights, mg.Parameter(0.1, "b5"), name="s5"), name="good")
    graph = Graph(mg.squared_error([flat, good], [mg.Input("t1"), mg.Input("t2")], name="L"))
    graph.forward({"x1": [0.5, -0.25], "x2": [1.0, 0.75], "t1": [0.0, 1.0], "t2": [1.0, 0.0]})
    graph.backward()
    return graph


def shortcut():
    """A network whose inputs reach the outputs both through the hidden neurons and past them."""
    x = [mg.Input(f"x{number}", value=float(number)) for number in (1, 2, 3)]
    hidden = layer(x, 4, mg.tanh, "h", rng=0)
    graph = Graph(mg.squared_error(layer([*x, *hidden], 2, mg.sigmoid, "y", rng=1), [0.0, 1.0], name="L"))
    graph.backward()
    return graph


def layered(*sizes):
    """A multi-layer network of array-valued nodes after one pass."""
    x = mg.Input("x", sizes[0])
    row = x
    for depth, size in enumerate(sizes[1:], start=1):
        row = dense(row, size, mg.tanh, f"h{depth}", rng=depth)
    network = Network(x, row)
    rng = np.random.default_rng(1)
    network.loss_graph(rng.normal(size=sizes[0]), rng.random(sizes[-1]))
    return network


def small():
    """A 2-3-1 network, as textbooks draw it, after one pass."""
    inputs, outputs = mlp([2, 3, 1], activation=mg.sigmoid, rng=0)
    network = Network(inputs, outputs)
    network.loss_graph([0.8, -0.5], [1.0])
    return network


def deep():
    """A network of ten layers, a shrinking number of neurons in each, after one pass."""
    return perceptron(4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 1)


def recurrent(steps=4):
    """Two recurrent cells unrolled by hand: every step reads the states before it by the same weights."""
    wx = [mg.Parameter(0.5, "wx1"), mg.Parameter(-0.4, "wx2")]
    wh = [
        [mg.Parameter(0.3, "wh11"), mg.Parameter(-0.2, "wh21")],
        [mg.Parameter(0.1, "wh12"), mg.Parameter(0.6, "wh22")],
    ]
    b = [mg.Parameter(0.1, "b1"), mg.Parameter(0.0, "b2")]
    inputs = [mg.Input(f"x{step}") for step in range(1, steps + 1)]
    states = []
    for step, x in enumerate(inputs, start=1):
        states = [
            mg.tanh(
                mg.weighted_sum([x, *states], [wx[cell], *(wh[cell] if states else ())], b[cell]),
                name=f"h{cell + 1}_{step}",
            )
            for cell in (0, 1)
        ]
    network = Network(inputs, layer(states, 1, mg.sigmoid, "y", rng=0))
    network.loss_graph([0.5, -1.0, 0.25, 0.75][:steps], [1.0])
    return network


def convolutional(width=6):
    """A kernel of three weights that slides over the inputs, its results averaged in pairs, and two outputs."""
    kernel = [mg.Parameter(value, f"k{number}") for number, value in enumerate([0.5, -0.25, 0.75], start=1)]
    b = mg.Parameter(0.1, "b")
    inputs = [mg.Input(f"x{number}") for number in range(1, width + 1)]
    maps = [
        mg.relu(mg.weighted_sum(inputs[start : start + 3], kernel, b), name=f"c{start + 1}")
        for start in range(width - 2)
    ]
    pooled = [mg.weighted_sum(maps[start : start + 2], [0.5, 0.5], name=f"p{start // 2 + 1}") for start in (0, 2)]
    network = Network(inputs, layer(pooled, 2, mg.sigmoid, "y", rng=0))
    network.loss_graph([0.2, -0.4, 0.6, 0.8, -1.0, 0.5][:width], [1.0, 0.0])
    return network


def of_arrays():
    """The 784-128-10 network of images of digits, its layers array-valued nodes."""
    return layered(784, 128, 10)


EXAMPLES = {
    "small": small,
    "deep": deep,
    "recurrent": recurrent,
    "convolutional": convolutional,
    "arrays": of_arrays,
}
"""One network of each kind that pictures have to fit."""


def micrograd_example():
    """A scalar expression with shared and repeated operands."""
    a, b = mg.Parameter(-4.0, "a"), mg.Parameter(2.0, "b")
    c = a + a
    d = mg.multiply(a, b, name="d")
    e = mg.tanh((c * d + b**2) / 100, name="e")
    e.backward()
    return e


def chain(length):
    """A chain of so many activations."""
    node = mg.Parameter(0.5, "x")
    for _ in range(length):
        node = mg.tanh(node)
    return node


NAMES = [
    "w:1",
    "back\\slash",
    "tail\\",
    r"\N \G \L \E",
    'say "yes"',
    "<b>bold</b>",
    "<i",
    "R&D",
    "&lt; &amp; &#65;",
    "{a|b}",
    "two  spaces",
    " lead",
    "神经元",
    "👩\u200d🔬 🧠",
    "end",
    "subgraph x",
    "`code`",
    "#35; %%",
    "]]> --> n0",
    '"]; n0 -> n1 [label="evil',
    "<script>x()</script>",
    "-1.5",
]
"""Names that a backend could take for markup, or for a statement of its own."""


def expression_of(names):
    """A weighted sum whose inputs and weights carry the names."""
    inputs = [mg.Parameter(float(number), name) for number, name in enumerate(names)]
    weights = [mg.Parameter(0.5, f"{name}.") for name in names]
    node = mg.sigmoid(mg.weighted_sum(inputs, weights, mg.Parameter(0.1, "b<|")), name="y")
    node.backward()
    return node


VIEW_OPTIONS = {
    "explain": lambda network: {"of": network.parameters[0]},
    "neuron": lambda network: {"of": network.outputs[0].parents[0]},
    "update": lambda network: {"optimizer": mg.SGD(0.1)},
}
"""What some views have to be told besides the network."""


def draw_view(network, view, **options):
    """A picture of a network in any view."""
    return mg.draw(network, view, **VIEW_OPTIONS.get(view, lambda network: {})(network), **options)


def draw_examples(**options):
    """Pictures of every example network in every view that it fits, by their names."""
    pictures = {}
    for name, example in EXAMPLES.items():
        network = example()
        for view in VIEWS:
            try:
                pictures[f"{name} {view}"] = draw_view(network, view, **options)
            except RenderError as error:
                assert "too " in str(error), error
    return pictures
