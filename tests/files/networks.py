"""Networks of every kind, to be written to files and read again, and how the tests compare and change them."""

from __future__ import annotations

import json
import zipfile

import numpy as np

import minigrad as mg


class Bell(mg.Activation):
    """Bell curve, θ(s) = exp(−s²)."""

    label = "bell, for files"

    def forward(self, xp, s):
        return xp.exp(-s * s)

    def backward(self, xp, delta, y, s):
        return (-2.0 * delta * s * y,)

    @classmethod
    def samples(cls):
        return ()


def scalar(rng=0):
    return mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.sigmoid, rng=rng))


def array():
    x = mg.Input("x", 2)
    output = mg.dense(mg.dense(x, 3, mg.relu, "h", rng=0), 2, mg.identity, "y", rng=1)
    return mg.Network(x, output, mg.softmax_cross_entropy)


def regularized():
    x, y = mg.mlp([2, 3, 2], mg.LeakyReLU(0.2), mg.sigmoid, rng=0)
    weights = [node for node in mg.Graph(y).parameters if ".w" in node.name]

    def loss(outputs, targets):
        return mg.Huber(0.3)(outputs, targets) + 0.01 * mg.sum(mg.stack(weights) ** 2)

    return mg.Network(x, y, loss)


def tied():
    with mg.scope("tied"):
        x = mg.Input("x1"), mg.Input("x2")
        w = mg.Parameter(0.5, "w")
        h = mg.tanh(mg.weighted_sum(x, [w, w], 0.25), name="h")
        return mg.Network(x, [h * w, mg.clip(h, -0.1, 0.4)])


def gathered():
    x = mg.Input("x", 2)
    table = mg.Constant(np.arange(6.0).reshape(3, 2), "table")
    rows = mg.reshape(mg.concat([x, x[::-1] * 2.0]), (2, 2)) @ table.T
    y = mg.max(mg.permute_dims(rows), axis=0) * mg.Parameter(np.array([0.1, -0.2]), "scale")
    return mg.Network(x, y, mg.mean_squared_error)


def own():
    return mg.Network(*mg.mlp([2, 3, 2], Bell(), mg.identity, rng=0))


def branches():
    x1, x2 = mg.Input("x1"), mg.Input("x2")
    unread = mg.Parameter(3.0, "unread") * x1
    y = mg.where(x1 > x2, mg.minimum(x1, 0.3), mg.broadcast_to(mg.Parameter(2.0, "p"), (1,))[0] / (1.0 + x2 * x2))
    return mg.Network([x1, x2], [y, unread], lambda outputs, targets: mg.squared_error(outputs[:1], targets[:1]))


NETWORKS = [scalar, array, regularized, tied, gathered, own, branches]
X = np.array([[0.1, 0.7], [1.0, -0.5], [-2.0, 0.25], [0.0, 0.5]])
T = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])


def rewrite_document(path, change):
    """Change the document of a file, in an archive that is otherwise sound."""
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    document = json.loads(members["document.json"])
    change(document)
    members["document.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)


def description(network):
    """Return all there is to know of a network, as plain data."""
    roots = [*network.outputs, network.loss, *network.inputs, *network.targets]
    graph = mg.Graph(roots)
    return [
        (
            type(node),
            node.op,
            node.name,
            node.kind,
            node.shape,
            [graph.position[parent] for parent in node.parents],
            np.asarray(node.value).tobytes() if isinstance(node, mg.Parameter | mg.Constant) else None,
        )
        for node in graph.nodes
    ], [graph.position[node] for node in roots]
