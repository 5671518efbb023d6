"""Every number and every equation of every picture is true, for random networks after random passes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from inspect import signature
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.drawing.diagram import Box, Diagram
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.views import VIEWS
from minigrad.errors import MinigradError
from minigrad.structure import Unit
from tests.drawing import networks
from tests.drawing.equations import ASCII_NUMBER, Text, contradiction, numbers_of, statements_of, texts_of
from tests.drawing.random_networks import Case, random_case
from tests.drawing.shown_names import LEARNING_RATE, ShownNames, falsehood

INDICES = re.compile(r"(^| )[ijklm] = \d")
"""What says which indices the units of a layer have."""
OWN_VIEWS = [name for name, entry in VIEWS.items() if entry.function.__module__.startswith("minigrad.")]


def options(view: str, case: Case, names: ShownNames) -> tuple[dict[str, Any], Unit | None]:
    """Return the options of a view of this case, and the neuron that it shows."""
    neurons = [unit for layer in names.structure.layers for unit in layer]
    if view == "neuron" and neurons:
        unit = neurons[case.seed % len(neurons)]
        if unit.position is None or unit.position == 0:
            return {"of": unit.output}, unit
    if view == "update":
        return {"optimizer": mg.SGD(LEARNING_RATE)}, None
    if view == "explain" and case.graph.parameters:
        return {"of": case.graph.parameters[case.seed % len(case.graph.parameters)]}, None
    if view == "ends":
        return {"count": 2}, None  # with all nodes it would be the expression view once more
    return {}, neurons[0] if view == "neuron" and neurons else None


def variants(view: str, seed: int) -> list[dict[str, Any]]:
    """Return the style and the notation that a view has by default, and one of its others."""
    others = [{"style": "textbook"}, {"names": "textbook"}, {"names": "own"}]
    parameters = signature(VIEWS[view].function).parameters
    possible = [variant for variant in others if variant.keys() <= parameters.keys()]
    return [{}, possible[seed % len(possible)]] if possible else [{}]


def check_diagram(diagram: Diagram, view: str, names: ShownNames, case: Case, counts: Counter[str]) -> Iterator[str]:
    """Yield what a picture says that is not true."""
    texts = list(texts_of(diagram))
    for text, owner in texts:
        if ASCII_NUMBER.search(text) or "nan" in text or "inf " in text:
            yield f"{view}, network {case.seed} (): not as pictures write numbers\n    {text}   [{owner}]"
    for statement in statements_of(texts):
        ranges = numbers_of(statement)
        if INDICES.search(str(statement)):
            continue
        counts["equations"] += len(ranges) > 1
        fault = contradiction(statement)
        if not fault:
            independent = view in {"explain", "backprop"}  # they show derivatives that no pass is needed for
            lenient = independent and (not case.has_pass or case.changed is not None)
            fault, resolved = falsehood(statement, names, view, case.is_mean, lenient)
            counts["names"] += resolved if ranges else 0
            counts[f"names in {view}"] += resolved if ranges else 0
            counts["unresolved"] += not resolved and bool(ranges)
        if fault:
            yield f"{view}, network {case.seed} ({', '.join(sorted(case.features))}): {fault}\n    {statement}"


def check_case(seed: int, counts: Counter[str]) -> Iterator[str]:
    """Yield what any picture of a network says that is not true."""
    case = random_case(seed)
    numbers, of_batch = case.numbers(), case.numbers(of_batch=True)
    names = ShownNames(numbers, of_batch)
    for view in OWN_VIEWS:
        chosen, names.neuron = options(view, case, names)
        for variant in variants(view, seed):
            names.counts_inputs = "names" not in variant
            try:
                diagram = mg.draw(case.graph, view, sample=case.sample, **chosen, **variant).diagram
            except MinigradError:
                counts["refused"] += 1
                continue
            counts[view] += 1
            yield from check_diagram(diagram, view, names, case, counts)


def check_cases(seeds: range) -> Counter[str]:
    """Check the pictures of some networks; return how many equations and names they showed."""
    counts: Counter[str] = Counter()
    with np.errstate(all="ignore"):  # the checker computes with NaN and infinity
        faults = [fault for seed in seeds for fault in check_case(seed, counts)]
    assert not faults, f"{len(faults)} false statements\n" + "\n".join(faults[:20])
    return counts


def test_every_statement_of_every_picture_is_true() -> None:
    counts = check_cases(range(30))
    assert counts["equations"] > 40
    assert counts["names"] > 5000
    assert counts["unresolved"] < 0.02 * counts["names"]


@pytest.mark.slow
def test_every_statement_of_many_pictures_is_true() -> None:
    counts = check_cases(range(30, 300))
    assert counts["equations"] > 500
    assert counts["names"] > 50_000
    assert counts["unresolved"] < 0.025 * counts["names"]


def faults_of(graph: mg.Graph, *texts: str, owner: str = "", batch: int = 0, **of_case: Any) -> list[str]:
    """Return what is wrong with a picture that shows these texts in a box, or in its legend."""
    case = Case(0, graph, batch=batch, **of_case)
    boxes = [Box(owner, texts)] if owner else []
    diagram = Diagram("neurons", boxes, [], legend=() if owner else texts)
    return [*check_diagram(diagram, "neurons", ShownNames(case.numbers()), case, Counter())]


@pytest.mark.parametrize(
    "text",
    [
        "0.5 · 2 = −1",
        "0.5 · (−2) = 1",
        "0.3775 + 0.1000 = 0.4778",
        "½(0.5 − 1)² = 0.1251",
        "0.5933 · 0.1385 = 0.08223",
        "2 · — = 3.000",
        "1.234×10⁻⁵ · 2 = 2.471×10⁻⁵",
        "NaN = 1.000",
        "∞ = −∞",
    ],
)
def test_false_equations_are_noticed(text: str) -> None:
    assert contradiction(next(statements_of([Text(text)])))


@pytest.mark.parametrize(
    "text",
    [
        "∂L/∂w = 0.8 · (−0.01401) = −0.01121",
        "½(0.6785 − 1)² = 0.05168",
        "s = 0.3200 + (−0.3500) + 0.1 = 0.07000",
        "1/(1 + 1) = ½",
        "0.5933 · 0.1385 = 0.08217",
        "1.234×10⁻⁵ · 2 = 2.468×10⁻⁵",
        "NaN · 0 = NaN",
        "∂L/∂w = x·δ = —",
    ],
)
def test_true_equations_are_accepted(text: str) -> None:
    assert not contradiction(next(statements_of([Text(text)])))


def test_false_numbers_are_noticed() -> None:
    graph = networks.textbook()
    loss, neuron = f"n{graph.position[graph['E']]}", f"n{graph.position[graph['h1']]}"
    assert not faults_of(graph, "h1", "Σ = 0.3775", "δ = 0.008771", "b = 0.35", owner=neuron)
    assert faults_of(graph, "h1", "Σ = −0.3775", owner=neuron)
    assert faults_of(graph, "h1", "δ = ∂L/∂output = 0.008771", owner=neuron)
    assert faults_of(graph, "E", "δ = 1.000", owner=loss)
    assert faults_of(graph, "∂L/∂h1.w1 = 0.0004387")
    assert faults_of(graph, "∂L/∂h1.w1 = x1·δ(h1.s) = 0.0004385, ∂L/∂b1 = δ(h1.s)  = 0.008771")
    assert not faults_of(graph, "∂L/∂b1 = δ(h1.s) + δ(h2.s) = 0.01873, L = 0.2984")


def test_means_that_are_not_marked_are_noticed() -> None:
    graph = networks.perceptron(2, 2, 1, batch=3).graph
    product = graph["x1"].value.mean() * graph["h1.s"].delta.sum()
    assert not faults_of(graph, "⟨∂L/∂h1.w1⟩ = ⟨x1·δ(h1.s)⟩ = 0.006646", batch=3)
    assert faults_of(graph, "∂L/∂h1.w1 = 0.006646", batch=3)
    assert faults_of(graph, f"⟨x1·δ(h1.s)⟩ = {format_computed(product)}", batch=3)
    assert faults_of(graph, f"⟨x1⟩·⟨δ(h1.s)⟩ = ⟨∂L/∂h1.w1⟩ = {format_computed(product)}", batch=3)


@pytest.mark.parametrize("text", ["x = -0.5", "x = 1e-05", "largest -3", "NaN, not nan"])
def test_numbers_written_in_other_ways_are_noticed(text: str) -> None:
    assert faults_of(networks.textbook(), text)


def test_stale_numbers_are_noticed() -> None:
    network = networks.perceptron(2, 2, 1)
    before = format_computed(network.loss.value)
    network.graph["h2.w1"].value = 2.5
    changed = network.graph["h2.w1"]
    assert faults_of(network.graph, f"L = {before}", changed=changed)
    assert not faults_of(network.graph, "L = —", changed=changed)
    assert faults_of(network.graph, "h1.w1 = —", changed=changed)
