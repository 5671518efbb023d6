"""What a page says of the numbers of a step: saturated and dead neurons, the side of the target, the largest change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import minigrad as mg
from minigrad.pages.steps import step_data
from tests.pages.node_runner import model_source, needs_node, run_node

IMPORTS = {
    "model.js": "Model, stepsByLayer",
    "reason.js": "equationsByLeft, hasPart, partOf",
    "step_texts.js": "noteOf, remarksOn",
}
ASK = """
for (const model of models) {
  const { data } = model;
  for (const steps of [data.steps, stepsByLayer(data.steps)]) {
    console.log(JSON.stringify(steps.map((step) => [step.title, noteOf(data, step)[0], remarksOn(data, model, step)])));
  }
}
"""

pytestmark = needs_node


def chain(activation: Any, weight: float, output: Any = mg.sigmoid) -> mg.Network:
    """A network of one input, one hidden neuron with this weight, and one output."""
    x = mg.Input("x")
    h = activation(mg.weighted_sum([x], [mg.Parameter(weight)], mg.Parameter(0.0)))
    return mg.Network(x, output(mg.weighted_sum([h], [mg.Parameter(1.0)], mg.Parameter(0.0))))


def remarks(folder: Path, *cases: tuple[mg.Network, Any, Any, Any]) -> list[dict[str, dict[str, Any]]]:
    """Return by case, steps by neuron and those by layer: of each kind of step the last title, note and remarks."""
    models = [model_source(step_data(network.loss_graph(x, t), rule)) for network, x, t, rule in cases]
    answers = run_node(f"const models = [{', '.join(models)}];\n{ASK}", folder, IMPORTS)
    return [{title[0]: {"note": note, "remarks": said} for title, note, said in answer} for answer in answers]


def keys(step: dict[str, Any]) -> list[str]:
    return [remark[0] for remark in step["remarks"]]


def test_flat_activations_are_named(tmp_path: Path):
    sgd = mg.SGD(0.5)
    cases = [
        (chain(mg.tanh, 0.1), 1.0, 0.0, sgd),
        (chain(mg.tanh, 10.0), 1.0, 0.0, sgd),
        (chain(mg.relu, -1.0), 1.0, 0.0, sgd),
    ]
    lively, _, saturated, _, dead, _ = remarks(tmp_path, *cases)
    assert keys(lively["delta"]) == []  # the last step of this kind is that of the hidden neuron
    assert keys(saturated["delta"]) == ["saturated"]
    _, at, slope = saturated["delta"]["remarks"][0]
    assert "<mn>10.00</mn>" in at and "10" in slope
    assert keys(dead["delta"]) == ["dead"]
    assert lively["delta"]["note"] == "note delta"


def test_the_side_of_the_target_is_named(tmp_path: Path):
    x = mg.Input("x")
    network = mg.Network(x, mg.weighted_sum([x], [mg.Parameter(0.5)], mg.Parameter(0.0)))
    cases = [(network, 1.0, target, mg.SGD(0.5)) for target in (1.0, 0.0, 0.5)]
    low, _, high, _, exact, _ = remarks(tmp_path, *cases)
    assert [keys(case["delta"]) for case in (low, high, exact)] == [["tooLow"], ["tooHigh"], ["noSlope"]]
    cases = [(chain(mg.tanh, 0.5), 1.0, target, mg.SGD(0.5)) for target in (0.0, 1.0)]
    high, _, low, _ = remarks(tmp_path, *cases)
    assert [keys(case["derivative"]) for case in (low, high)] == [["tooLow"], ["tooHigh"]]


def test_the_largest_gradient_and_change_are_those_of_python(tmp_path: Path):
    network = mg.Network(*mg.mlp([3, 4, 2], mg.tanh, rng=1))
    x, t = [0.3, -0.8, 0.5], [1.0, 0.0]
    by_neuron, by_layer, adam, _ = remarks(tmp_path, (network, x, t, mg.SGD(0.5)), (network, x, t, mg.Adam(0.1)))
    graph = network.loss_graph(x, t)
    largest = max(graph.parameters, key=lambda parameter: abs(parameter.grad))
    name = network.textbook_name(largest)
    for steps, gradients, update in ((by_neuron, "gradients", "update"), (by_layer, "layerGradients", "layerUpdate")):
        said, why = steps[gradients]["remarks"]
        assert said[0] == "largestGradient"
        assert f"<mi>{name[0]}</mi>" in said[1]
        assert why[0] == "factors"
        assert keys(steps[update]) == ["largestChange", "factors"]
        assert steps[update]["remarks"][0][1] == said[1]
        assert steps[update]["remarks"][1] == why
    assert keys(adam["update"]) == []  # its first step changes all by the rate
    assert adam["update"]["note"] == "note update of optimizer"


def test_only_plain_descent_explains_a_change_by_the_gradient(tmp_path: Path):
    x, t = [0.3, -0.8], [1.0]
    rules = (mg.SGD(0.5, weight_decay=3.0), mg.SGD(mg.CosineDecay(0.5, 4)))
    decayed, _, scheduled, _ = remarks(
        tmp_path, *((mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=1)), x, t, rule) for rule in rules)
    )
    assert keys(decayed["update"]) == ["largestChangeAlone"]
    assert decayed["update"]["note"] == "note update of optimizer"
    assert keys(scheduled["update"]) == ["largestChange", "factors"]


def test_only_one_product_is_explained_by_its_factors(tmp_path: Path):
    w, b = mg.Parameter(0.9, "w"), mg.Parameter(0.1, "b")
    loss = mg.squared_error(mg.sigmoid(mg.weighted_sum([2.0], [w], 0.5)), 0.7)  # 2 comes in, not 1
    decayed = mg.squared_error(mg.sigmoid(mg.weighted_sum([mg.Input("x", value=2.0)], [w], b)), 0.7) + w**2
    graphs = [mg.Graph(loss), mg.Graph(decayed)]
    for graph in graphs:
        graph.forward_and_backward()
    models = ", ".join(model_source(step_data(graph, mg.SGD(0.5))) for graph in graphs)
    for answer in run_node(f"const models = [{models}];\n{ASK}", tmp_path, IMPORTS):
        ((_, note, said),) = (entry for entry in answer if entry[0][0] == "gradients")
        assert note == "note gradients of paths"
        assert "factors" not in [remark[0] for remark in said]


def test_numbers_that_are_not_finite_are_named_first(tmp_path: Path):
    network = mg.Network(*mg.mlp([1, 2, 1], mg.relu, output=mg.identity, rng=0))
    (by_neuron, _) = remarks(tmp_path, (network, [1e200], [0.0], mg.SGD(0.5)))
    assert keys(by_neuron["loss"]) == ["notFinite"]


def test_parts_of_a_figure_are_explained(tmp_path: Path):
    network = chain(mg.tanh, 0.5)
    graph = network.loss_graph([1.0], [0.0])
    place = {node: str(number) for number, node in enumerate(graph.nodes)}
    h = next(node for node in graph.nodes if node.kind == "activation")
    s = h.parents[0]
    w, b = graph.parameters[:2]
    parts = [
        f"node:{place[s]}",
        f"edge:{place[w]}:{place[s]}",
        f"node:{place[graph.inputs[0]]}",
        "node:99",
        "edge:0.1:2",
    ]
    ask = """
const { data } = model;
const equations = equationsByLeft(data);
for (const part of parts) {
  const answer = hasPart(data, part) ? partOf(data, part) : null;
  console.log(JSON.stringify(answer && { ...answer, have: answer.quantities.filter((key) => equations.has(key)) }));
}
"""
    model = model_source(step_data(graph, mg.SGD(0.5)))
    neuron, weight, given, *foreign = run_node(
        f"const model = {model};\nconst parts = {parts};\n{ask}", tmp_path, IMPORTS
    )
    expected = [f"value:{place[s]}", f"value:{place[h]}", f"delta:{place[h]}", f"slope:{place[h]}:{place[s]}"]
    assert neuron["have"] == [*expected, f"delta:{place[s]}"]
    assert neuron["changed"] == f"value:{place[b]}"
    assert weight["have"] == [f"delta:{place[w]}", f"next:{place[w]}"]
    assert weight["changed"] == weight["subject"] == f"value:{place[w]}"
    assert given["have"] == []
    assert given["changed"] == f"value:{place[graph.inputs[0]]}"
    assert foreign == [None, None]
