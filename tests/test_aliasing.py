"""Arrays that a public call returns are never overwritten later, and nothing looks into the arrays of the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 2))
QUIET: dict[str, Any] = {"progress": False}


class Subject(NamedTuple):
    """A network of arrays, the weights of its first layer, and a graph that looks at them as one row."""

    network: mg.Network
    W: mg.Parameter
    row: mg.Graph


def make_subject() -> Subject:
    x = mg.Input("x", shape=3)
    hidden = mg.dense(x, 4, mg.tanh, name="h", rng=0)
    network = mg.Network(x, mg.dense(hidden, 2, mg.identity, name="y", rng=1))
    W = network.parameters[0]
    return Subject(network, W, mg.Graph(mg.reshape(W, (-1,))))


def feeds(subject: Subject, x: Any = X, t: Any = T) -> dict[mg.Node, Any]:
    return {subject.network.inputs[0]: x, subject.network.targets[0]: t}


def read_progress(subject: Subject) -> list[Any]:
    seen: list[Any] = []

    def look(progress: mg.Progress) -> None:
        seen.extend([progress.parameters, progress.snapshot()])

    subject.network.fit(X, T, epochs=1, callbacks=[look], **QUIET)
    return seen


def read_outputs_of_metric(subject: Subject) -> list[Any]:
    seen: list[Any] = []
    subject.network.evaluate(X, T, lambda outputs, targets: seen.extend([outputs, targets]))
    return seen


def read_array_form(subject: Subject) -> list[Any]:
    form = mg.vectorize(subject.network)
    form.graph.forward(form.feeds(feeds(subject)))
    form.graph.backward()
    return [form.feeds(feeds(subject)), form.value(subject.W), form.delta(subject.W)]


READS: dict[str, Callable[[Subject], Any]] = {
    "values": lambda subject: [node.value for node in subject.network.graph.nodes],
    "deltas": lambda subject: [(node.delta, node.grad) for node in subject.network.graph.nodes],
    "forward": lambda subject: mg.Graph(subject.network.outputs).forward({subject.network.inputs[0]: X}),
    "forward of a view": lambda subject: (subject.row.forward(), subject.row.outputs[0].value),
    "a new view": lambda subject: [mg.reshape(subject.W, (-1,)).value, subject.W.T.value, mg.identity(subject.W).value],
    "leaves": lambda subject: subject.network.graph.leaves(feeds(subject)),
    "predict": lambda subject: subject.network.predict(X),
    "predict one": lambda subject: subject.network.predict(X[0]),
    "predict a view": lambda subject: mg.Network([], subject.row.outputs).forward_graph.forward(),
    "evaluate": read_outputs_of_metric,
    "data": lambda subject: [columns.rows for columns in subject.network.data(X, T)],
    "explain": lambda subject: [
        (explanation.total, [path.product for path in explanation])
        for explanation in [mg.explain(subject.W, subject.network.loss_graph(X[0], T[0]))]
    ],
    "gradient graph": lambda subject: mg.gradient_graph(subject.network).forward(feeds(subject, X[0], T[0])),
    "array form": read_array_form,
    "progress": read_progress,
    "read-only gradients": lambda subject: (subject.network.compile().gradient(feeds(subject)), subject.W.grad)[1:],
} | {
    f"compiled by {engine}": lambda subject, engine=engine: [
        mg.Graph(node).compile(engine=engine).forward({"x": X} if node is subject.network.outputs[0] else None)
        for node in (subject.network.outputs[0], subject.row.outputs[0], subject.W)
    ]
    for engine in ("nodes", "numpy")
}


def fit(subject: Subject) -> None:
    subject.network.fit(X, T, epochs=1, **QUIET)


def fit_float32(subject: Subject) -> None:
    subject.network.fit(X, T, epochs=1, dtype=np.float32, **QUIET)


def compile_and_differentiate(subject: Subject) -> None:
    subject.network.compile().gradient(feeds(subject))


def look_at_a_sample(subject: Subject) -> None:
    subject.network.loss_graph(X[1], T[1])


def assign(subject: Subject) -> None:
    for parameter in subject.network.parameters:
        parameter.value = np.multiply(parameter.value, 0.5)


def step(subject: Subject) -> None:
    for engine in ("nodes", "numpy"):
        subject.network.train_step(mg.Momentum(0.1), engine=engine)(X, T)


USES = [look_at_a_sample, compile_and_differentiate, fit, fit_float32, step, assign]


def arrays(result: Any) -> Iterator[np.ndarray]:
    """Yield the arrays in nested lists, tuples and mappings."""
    if isinstance(result, np.ndarray):
        yield result
    elif isinstance(result, Mapping):
        yield from arrays([*result.values()])
    elif isinstance(result, (list, tuple)):
        for item in result:
            yield from arrays(item)


@pytest.mark.parametrize("before", USES, ids=lambda use: use.__name__)
@pytest.mark.parametrize("read", sorted(READS))
def test_what_is_returned_never_changes(read: str, before: Callable[[Subject], None]) -> None:
    subject = make_subject()
    before(subject)
    returned = [*arrays(READS[read](subject))]
    copies = [*map(np.array, returned)]
    for use in USES:
        use(subject)
        READS[read](subject)
    assert all(map(np.array_equal, returned, copies))
    assert returned or read == "deltas"


@pytest.mark.parametrize("before", USES, ids=lambda use: use.__name__)
def test_values_and_deltas_are_read_only(before: Callable[[Subject], None]) -> None:
    subject = make_subject()
    look_at_a_sample(subject)
    before(subject)
    for node in (*subject.network.graph.nodes, mg.reshape(subject.W, (-1,)), mg.Constant(np.ones(3))):
        for array in arrays([node.value, node.delta, node.grad]):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 7.0


def test_nothing_looks_into_the_arrays_of_the_caller() -> None:
    for dtype in (np.float64, np.float32):
        given = [np.array(array, dtype) for array in (X, T, np.ones((3, 4)), [1.0, 2.0], [3.0, 4.0])]
        subject = make_subject()
        subject.W.value = given[2]
        leaves = mg.Parameter(given[3], "p"), mg.Constant(given[4], "k"), mg.Input("i", shape=2, value=given[3])
        subject.network.graph.forward(feeds(subject, *given[:2]))
        subject.network.graph.backward({subject.network.loss: (seed := np.ones(6))})
        nodes = [*subject.network.graph.nodes, *leaves]
        before = [np.copy(array) for node in nodes if node.shape for array in (node.value, node.delta)]
        for array in (*given, seed):
            assert array.flags.writeable
            array[...] = 99.0
        after = [array for node in nodes if node.shape for array in (node.value, node.delta)]
        assert all(map(np.array_equal, before, after))


def test_ops_of_the_user_may_return_what_they_keep() -> None:
    class Mask(type(mg.tanh)):
        """Multiplication by a fixed row, which is returned as a view of a table."""

        label = "mask"

        def __init__(self) -> None:
            self.table = np.arange(6.0).reshape(2, 3)

        def forward(self, xp: Any, x: Any) -> Any:
            return self.table[0]

    op = Mask()
    node = op(mg.Parameter(np.ones(3), "p"))
    op.table[0] = 5.0
    np.testing.assert_array_equal(node.value, [0.0, 1.0, 2.0])
