"""Pages compute what Python computes, in every state that a reader can bring them to."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.base import registry
from minigrad.pages.choices import registered_activations
from minigrad.pages.steps import step_data
from tests.pages.mathml import evaluate_mathml, fill_slots
from tests.pages.networks import RandomNetwork, changeable_layers
from tests.pages.node_runner import model_source, needs_node, run_node

RUN = """
const print = (model) => {
  const next = data.parameters.map((key) => String(model.number(key.replace("value", "next"))));
  const results = [Array.from(model.graph.values, String), Array.from(model.graph.deltas, String), next];
  console.log(JSON.stringify(results));
};
let data;
for (const [model, actions] of cases) {
  data = model.data;
  print(model);
  for (const [name, ...settings] of actions) {
    model[name](...settings);
    print(model);
  }
  const equations = [...model.equations.values()].map((equation) => {
    const numbers = equation.slots.map((slot) => String(model.number(slot)));
    return [equation.left, model.template(equation), numbers, String(model.number(equation.left))];
  });
  console.log(JSON.stringify(equations));
  while (model.canUndo) model.undo();
  model.setValue(data.parameters[0] ?? data.inputs[0], 0.125);
  model.undo();
  print(model);
}
"""


ROUNDED = re.compile(r"<mn>[0-9.]*[0-9]{3}</mn>")
"""A constant in a formula that may have been rounded to four digits."""


class Shown(NamedTuple):
    """An equation on a page: its key, its template, the numbers in its slots, and the number that it explains."""

    left: str
    template: str | None
    numbers: list[str]
    result: str


class Run(NamedTuple):
    """The numbers of a page after each change, what Python has for them, and the equations after the last change."""

    shown: list[Any]
    expected: list[Any]
    equations: list[Shown]


class Twin:
    """What a page does to a network, done by Python."""

    def __init__(self, network: RandomNetwork) -> None:
        self.network = network
        self.graph = network.build()
        self.state = self.optimizer.init(self.vector())
        self.activations: dict[int, Any] = {}

    @property
    def optimizer(self) -> Any:
        return self.network.optimizer

    @property
    def moved(self) -> list[Any]:
        return [node for node in self.graph.parameters if node.trainable]

    def vector(self, name: str = "value") -> np.ndarray:
        return np.concatenate([np.zeros(0), *(np.ravel(getattr(node, name)) for node in self.moved)])

    def update(self) -> tuple[np.ndarray, Any]:
        with np.errstate(all="ignore"):
            return self.optimizer.update(self.vector(), self.vector("grad"), self.state)

    def numbers(self) -> list[np.ndarray]:
        """Return all values, all δ, and the parameters after an update, as a page has them."""
        graph = self.graph
        values = np.concatenate([np.ravel(node.value) for node in graph.nodes])
        deltas = np.concatenate([np.broadcast_to(node.delta, node.shape).ravel() for node in graph.nodes])
        new, _ = self.update() if self.moved else (np.zeros(0), None)
        after: list[Any] = []
        for node in graph.parameters:
            size = np.size(node.value)
            after += np.ravel(node.value).tolist() if not node.trainable else new[:size].tolist()
            new = new[size:] if node.trainable else new
        return [values, deltas, np.array(after)]

    def takeSteps(self, count: int) -> None:
        for _ in range(count):
            new, self.state = self.update()
            for node in self.moved:
                size = np.size(node.value)
                node.value = new[:size].reshape(node.shape) if node.shape else float(new[0])
                new = new[size:]
            self.graph.forward_and_backward()

    def setValue(self, key: str, number: float) -> None:
        position, _, element = key.removeprefix("value:").partition(".")
        node: Any = self.graph.nodes[int(position)]
        value = np.array(node.value, float)
        value.reshape(-1)[int(element or 0)] = number
        node.value = value if node.shape else float(value)
        self.graph.forward_and_backward()

    def setActivation(self, layer: int, label: str) -> None:
        old = self.graph
        self.activations[layer] = registered_activations()[label]
        self.graph = self.network.build(self.activations)
        for node, before in zip(self.graph.nodes, old.nodes, strict=True):
            if isinstance(node, (mg.Parameter, mg.Input)):
                node.value = before.value
        self.graph.forward_and_backward()


def draw_actions(network: RandomNetwork, data: dict[str, Any]) -> list[list[Any]]:
    """Return changes of a page: its numbers, its activations, and steps."""
    random = Random(network.seed)
    leaves = [*data["parameters"], *data["inputs"]]
    actions: list[list[Any]] = [["setValue", random.choice(leaves), random.gauss(0, 1)] for _ in range(2)]
    actions += [["takeSteps", 1], ["takeSteps", random.randint(2, 6)]]
    layers = [layer for layer in changeable_layers(data) if data["layers"][layer]["activation"] != "leaky_relu"]
    if layers:
        layer = random.choice(layers)
        choices = [label for label in data["layers"][layer]["choices"] if label != "leaky_relu"]
        label = random.choice([label for label in choices if not registry[label].is_own])  # none of other tests
        actions.insert(random.randint(0, 3), ["setActivation", layer, label])
    return actions


@pytest.fixture(
    scope="module", params=[range(25), pytest.param(range(25, 200), marks=pytest.mark.slow)], ids=["25", "175 more"]
)
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """What Node.js makes of the pages of random networks, and what Python does."""
    entries, expected = [], []
    for network in map(RandomNetwork, request.param):
        page = step_data(network.build(), network.optimizer)
        actions = draw_actions(network, page.data)
        entries.append(f"[{model_source(page)}, {json.dumps(actions)}]")
        twin = Twin(network)
        stages = [twin.numbers()]
        for name, *settings in actions:
            getattr(twin, name)(*settings)
            stages.append(twin.numbers())
        expected.append([*stages, stages[0]])
    listed = ",\n".join(entries)
    lines = iter(run_node(f"const cases = [{listed}];\n{RUN}", tmp_path_factory.mktemp("runs"), {"model.js": "Model"}))
    runs = []
    for stages in expected:
        shown = [next(lines) for _ in stages[1:]]
        equations = next(lines)
        runs.append(Run([*shown, next(lines)], stages, [Shown(*equation) for equation in equations]))
    return runs


@needs_node
def test_pages_compute_what_python_computes(runs: list[Run]) -> None:
    for run in runs:
        for shown, known in zip(run.shown, run.expected, strict=True):
            for numbers, of_python in zip(shown, known, strict=True):
                np.testing.assert_allclose(np.array(numbers, float), of_python, rtol=1e-9, atol=1e-12)


@needs_node
def test_every_equation_is_true(runs: list[Run]) -> None:
    checked = 0
    for run in runs:
        for equation in run.equations:
            if equation.template is None or "…" in equation.template:
                continue
            value = evaluate_mathml(fill_slots(equation.template, [*map(float, equation.numbers)]))
            tolerance = 5e-3 if ROUNDED.search(equation.template) else 1e-9
            assert value == pytest.approx(float(equation.result), rel=tolerance, abs=tolerance * 1e-2, nan_ok=True), (
                equation
            )
            checked += 1
    assert checked > 1000
