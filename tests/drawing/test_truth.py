"""Every number and every equation of every picture is true, for random networks after random passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import minigrad as mg
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.views import VIEWS
from minigrad.errors import MinigradError
from minigrad.structure import Unit
from tests.drawing.equations import contradiction, numbers_of, statements_of, texts_of
from tests.drawing.random_networks import Case, random_case
from tests.drawing.shown_names import LEARNING_RATE, ShownNames, falsehood

QUICK = range(40)
SLOW = range(40, 300)


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
    return {}, neurons[0] if view == "neuron" and neurons else None


def check_diagram(diagram: Diagram, view: str, names: ShownNames, case: Case, counts: Counter[str]) -> Iterator[str]:
    """Yield what a picture says that is not true."""
    for statement in statements_of(texts_of(diagram)):
        ranges = numbers_of(statement)
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
    for view in [name for name, entry in VIEWS.items() if entry.function.__module__.startswith("minigrad.")]:
        chosen, names.neuron = options(view, case, names)
        try:
            diagram = mg.draw(case.graph, view, sample=case.sample, **chosen).diagram
        except MinigradError:
            counts["refused"] += 1
            continue
        counts[view] += 1
        yield from check_diagram(diagram, view, names, case, counts)


def check_cases(seeds: range) -> Counter[str]:
    counts: Counter[str] = Counter()
    faults = [fault for seed in seeds for fault in check_case(seed, counts)]
    assert not faults, f"{len(faults)} false statements\n" + "\n".join(faults[:20])
    return counts


def test_every_statement_of_every_picture_is_true() -> None:
    counts = check_cases(QUICK)
    assert counts["equations"] > 500
    assert counts["names"] > 5000
    assert counts["unresolved"] < 0.1 * counts["names"]


@pytest.mark.slow
def test_every_statement_of_many_pictures_is_true() -> None:
    counts = check_cases(SLOW)
    assert counts["equations"] > 3000
    assert counts["names"] > 30000
