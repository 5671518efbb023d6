"""Values of different passes are never combined: every backward pass belongs to the present leaves, or is refused."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import minigrad as mg
from minigrad.core.interpreter import run_backward, run_forward
from minigrad.core.versions import BackwardPass, ChangeCounter, PassNumbers, changes
from minigrad.errors import PassError
from tests.graphs import Program, as_nodes, programs


def test_an_assignment_makes_what_was_computed_from_the_leaf_out_of_date() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.7, "w")
    root = mg.sin(x * w) * w
    graph = mg.Graph(root)
    graph.forward({x: 1.3})
    w.value = 1.9
    for backward in (root.backward, graph.backward, lambda: graph.backward({root: 1.0})):
        with pytest.raises(PassError, match="a newer value of parameter w"):
            backward()
    assert (w.delta, root.delta) == (None, None)
    graph.forward()
    graph.backward()
    assert w.grad == pytest.approx(np.sin(1.3 * 1.9) + 1.9 * 1.3 * np.cos(1.3 * 1.9))


def test_gradients_stay_readable_while_the_weights_are_moved() -> None:
    weights = [mg.Parameter(value, name) for value, name in ((0.5, "a"), (np.array([1.0, 2.0]), "b"))]
    graph = mg.Graph(mg.sum(weights[0] * weights[1] * weights[1]))
    for engine in (None, graph.compile(engine="numpy")):
        graph.forward()
        graph.backward() if engine is None else engine.gradient()
        gradients = [np.copy(weight.grad) for weight in weights]
        for weight in weights:
            weight.value = weight.value - 0.1 * weight.grad
        assert all(map(np.array_equal, gradients, [weight.grad for weight in weights]))


def test_what_another_graph_feeds_counts_too() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.7, "w")
    hidden = mg.tanh(x * w)
    ours, other = mg.Graph(hidden * w), mg.Graph(hidden * 2.0)
    ours.forward({x: 1.0})
    other.forward({x: 2.0})
    with pytest.raises(PassError, match="a newer value of input x"):
        ours.backward()
    other.backward()


def test_a_node_built_on_an_outdated_one_stays_out_of_date() -> None:
    w = mg.Parameter(0.7, "w")
    old = mg.tanh(w)
    w.value = 0.2
    root = old * w
    with pytest.raises(PassError, match="a newer value of parameter w"):
        root.backward()
    mg.Graph(old).forward()  # root still has the value that the old one gave
    with pytest.raises(PassError):
        root.backward()
    mg.Graph(root).forward()
    root.backward()


def test_no_false_alarm() -> None:
    a, b = mg.Parameter(0.5, "a"), mg.Parameter(0.7, "b")
    first = mg.tanh(a)
    b.value = 0.8  # in another branch, before anything reads it
    x = mg.Input("x", value=2.0)  # a new leaf
    root = first * b + x
    x.value = 3.0
    second = root * first + mg.Parameter(1.0)
    with pytest.raises(PassError):
        second.backward()
    root = first * b + x
    mg.Parameter(1.0).value = 2.0  # no part of it
    root.backward()
    assert b.grad == first.value
    mg.Graph([root, first]).backward({first: 1.0})


def test_only_what_the_pass_starts_at_has_to_be_up_to_date() -> None:
    a, b = mg.Parameter(0.5, "a"), mg.Parameter(0.7, "b")
    first, second = mg.tanh(a), mg.tanh(b)
    graph = mg.Graph([first, second])
    b.value = 0.1
    graph.backward({first: 1.0})
    with pytest.raises(PassError, match="parameter b"):
        graph.backward({first: 1.0, second: 1.0})


@settings(deadline=None, max_examples=60)
@given(programs(most=12), st.data())
def test_a_backward_pass_is_that_of_the_present_leaves_or_is_refused(program: Program, data: st.DataObject) -> None:
    leaves = [mg.Parameter(value) for value in program.leaves]
    nodes = as_nodes(program, leaves)
    for _ in range(data.draw(st.integers(1, 8))):
        action = data.draw(st.sampled_from(["assign", "forward", "build", "backward"]))
        node = data.draw(st.sampled_from([node for node in nodes if not node.shape]))
        if action == "assign":
            data.draw(st.sampled_from(leaves)).value = data.draw(st.floats(-2, 2))
        elif action == "forward":
            mg.Graph(node).forward()
            check_present(node)
        elif action == "build":
            nodes.append(mg.tanh(node) * data.draw(st.sampled_from(leaves)))
        else:
            check_present(node, refusable=True)
    for node in nodes:
        numbers = PassNumbers(mg.Graph(node).plan)
        present = run_forward(mg.Graph(node).plan, {n: n.value for n in mg.Graph(node).nodes if n.op is None})
        for part in mg.Graph(node).nodes:
            assert numbers.value(part) is None or np.array_equal(numbers.value(part), present[part])


def check_present(root: mg.Node, refusable: bool = False) -> None:
    """Check that a backward pass gives what a new forward pass would, or is refused where it may be."""
    plan = mg.Graph(root).plan
    values = run_forward(plan, {node: node.value for node in plan.nodes if node.op is None})
    deltas = run_backward(plan, values, {root: 1.0})
    try:
        root.backward()
    except PassError:
        assert refusable
        return
    assert all(np.array_equal(node.value, values[node]) for node in plan.nodes)
    assert all(np.array_equal(node.delta, deltas.get(node, 0.0 * values[node])) for node in plan.nodes)


def test_compiled_steps_make_other_graphs_out_of_date() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    network = mg.Network(x, w * x)
    other = mg.tanh(w)
    for engine in ("nodes", "numpy"):
        mg.Graph(other).forward()
        network.train_step(mg.SGD(0.1), engine=engine)([[1.0]], [[2.0]])
        with pytest.raises(PassError, match="parameter w"):
            other.backward()


def test_a_callback_between_steps_sees_no_old_values() -> None:
    x, w = mg.Input("x"), mg.Parameter(0.5, "w")
    network = mg.Network(x, w * x)
    seen = []

    class EveryStep:
        every = 1

        def step_end(self, progress: mg.Progress) -> None:
            with pytest.raises(PassError):
                network.graph.backward()
            seen.append(progress.step)
            network.loss_graph(1.0, 2.0)

    network.loss_graph(1.0, 2.0)
    network.fit([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], epochs=1, callbacks=[EveryStep()], progress=False, engine="numpy")
    assert seen == [1, 2, 3]


def test_deltas_belong_to_the_graph_whose_backward_pass_was_the_last() -> None:
    w = mg.Parameter(0.5, "w")
    shared = mg.tanh(w)
    ours, other = mg.Graph(shared * w), mg.Graph(shared * 3.0)
    ours.backward()
    numbers = PassNumbers(ours.plan)
    assert (numbers.missing(), numbers.delta(w)) == (None, w.delta)
    other.backward()
    numbers = PassNumbers(ours.plan)
    assert (numbers.delta(w), numbers.delta(shared), numbers.value(shared)) == (None, None, shared.value)
    assert numbers.delta(ours.outputs[0]) == 1.0
    assert "started elsewhere" in (numbers.missing() or "")
    ours.backward({shared: 1.0})
    assert "started elsewhere" in (PassNumbers(ours.plan).missing() or "")
    ours.backward({ours.outputs[0]: 1.0})
    assert PassNumbers(ours.plan).missing() is None
    mg.Graph([ours.outputs[0], other.outputs[0]]).backward({ours.outputs[0]: 1.0, other.outputs[0]: 1.0})
    assert "started elsewhere" in (PassNumbers(ours.plan).missing() or "")


def test_changes_are_counted_from_several_threads() -> None:
    before = changes.latest
    numbers: list[list[int]] = [[] for _ in range(4)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(changes.advance() for _ in range(500))) for own in numbers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for own in numbers for number in own) == [*range(before + 1, before + 2001)]
    assert all(own == sorted(own) for own in numbers)


def test_a_copy_from_another_process_is_out_of_date_after_an_assignment() -> None:
    x, w = mg.Input("x", value=[1.0, 2.0], shape=2), mg.Parameter([0.5, 0.7], "w")
    root = mg.sum(x * w)
    root.backward()
    code = (
        f"import pickle; root = pickle.loads({pickle.dumps(root)!r}); (w,) = [n for n in root.parents[0].parents[1:]];"
    )
    code += "w.value = [1.0, 1.0]; print(w.value.flags.writeable, w.grad.flags.writeable)\ntry: root.backward()\n"
    code += "except Exception as error: print(type(error).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "PassError"]
    counter = ChangeCounter()
    counter.advance()
    assert counter.latest_pass + 1 != counter.latest  # a change is no forward pass
    counter.include(7, BackwardPass(5, 1))
    counter.include(3, None)
    assert (counter.advance(), counter.advance_backward()) == (8, 6)
