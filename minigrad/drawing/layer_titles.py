"""Titles of layers: what they consist of, how large they are, and their activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minigrad.structure import NetworkStructure, Unit


def column_title(structure: NetworkStructure, units: Sequence[Unit], say: Callable[..., str] = str.format) -> str:
    """Return the title of a column: what it is, how large it is, and its activation; `say` translates a phrase."""
    units = [unit for unit in units if unit.weighted_sum is not None] or units  # others are read by the next layer
    nouns = {unit_noun(structure, unit) for unit in units}
    noun = nouns.pop() if len(nouns) == 1 else "node"
    plural = "" if len(units) == 1 else "es" if noun.endswith("s") else "s"
    is_loss = noun == "loss" and len(units) == 1
    title = say("loss") if is_loss else say(f"{{count}} {noun}{plural}", count=f"{len(units):,}")
    activated = [unit for unit in units if unit.weighted_sum is not None and unit.output is not unit.weighted_sum]
    activations = {activation_name(unit) for unit in activated}
    return f"{title} · {activations.pop()}" if len(activations) == 1 else title


def unit_noun(structure: NetworkStructure, unit: Unit) -> str:
    """Return what a unit is called."""
    if unit.weighted_sum is not None:
        return "neuron"
    if unit.output in structure.targets:
        return "target"
    return unit.output.kind if unit.output.kind in {"input", "parameter", "constant", "loss"} else "node"


def activation_name(unit: Unit) -> str:
    """Return the label of the activation of a neuron; "output" where it has none."""
    return unit.output.op.label if unit.output is not unit.weighted_sum and unit.output.op else "output"
