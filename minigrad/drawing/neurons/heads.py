"""Activations of a whole layer, such as a softmax, as one box with an output for each class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork, VisibleEdge
from minigrad.structure import Connection, Element, NetworkStructure, Unit


class Class(NamedTuple):
    """One output of the activation of a layer."""

    name: str
    element: Element
    output: Node


class Heads(NamedTuple):
    """A network whose layer activations are boxes of their own, and the outputs of each by the key of its box."""

    network: ElidedNetwork
    classes: Mapping[str, tuple[Class, ...]]


def is_layer_activation(node: Node) -> bool:
    """Return whether a node activates all weighted sums of a layer together."""
    return node.kind == "activation" and node.op is not None and node.op.stars > 0


def join_heads(structure: NetworkStructure, network: ElidedNetwork) -> Heads:
    """Return a network with one box for each activation of a whole layer.

    Where the layer is an array, its neurons are split into weighted sums and the box; where the elements of the
    activation are nodes, the box takes their place.
    """
    slots = [slot for column in network.columns for slot in column]
    nodes = dict.fromkeys(slot.unit.output for slot in slots if is_layer_activation(slot.unit.output))
    if not nodes:
        return Heads(network, {})
    heads = {node: ColumnSlot(f"n{structure.graph.position[node]}", (Unit(node),)) for node in nodes}
    head_of = {slot.key: heads[node] for slot in slots if (node := activation_of(slot)) in heads}
    elements = {slot.key for slot in slots if slot.key in head_of and slot.unit.weighted_sum is None}
    columns: list[tuple[ColumnSlot, ...]] = []
    for column in network.columns:
        others = tuple(map(without_activation, (slot for slot in column if slot.key not in elements)))
        added = dict.fromkeys(head_of[slot.key] for slot in column if slot.key in head_of and slot.key not in elements)
        columns += [part for part in (others, tuple(added)) if part]
    edges = (*neuron_edges(slots, head_of, elements), *turned_edges(network, head_of, elements))
    classes = {head.key: layer_classes(structure, node) for node, head in heads.items()}
    return Heads(ElidedNetwork(tuple(columns), edges), classes)


def activation_of(slot: ColumnSlot) -> Node | None:
    """Return the activation of a layer that a slot belongs to: as a neuron of an array, or as an element of it."""
    output, weighted_sum, _ = slot.unit
    if weighted_sum is not None:
        return output
    return output.parents[0] if output.op is not None and output.op.element is not None else None


def without_activation(slot: ColumnSlot) -> ColumnSlot:
    """Return a slot of neurons without the activation that is a box of its own."""
    units = [
        Unit(weighted_sum, weighted_sum, position) if weighted_sum is not None and is_layer_activation(output) else unit
        for unit in slot.units
        for output, weighted_sum, position in (unit,)
    ]
    return ColumnSlot(slot.key, tuple(units))


def neuron_edges(
    slots: list[ColumnSlot], head_of: Mapping[str, ColumnSlot], elements: Set[str]
) -> Iterator[VisibleEdge]:
    """Yield an edge from every neuron of an array to the box of its activation."""
    for slot in slots:
        if slot.key in head_of and slot.key not in elements:
            connections = () if slot.elided else (Connection(without_activation(slot).unit),)
            yield VisibleEdge(slot.key, head_of[slot.key].key, head_of[slot.key].unit, connections, slot.elided)


def turned_edges(
    network: ElidedNetwork, head_of: Mapping[str, ColumnSlot], elements: Set[str]
) -> Iterator[VisibleEdge]:
    """Yield the edges of a network, from the box in place of its classes; without a weight one for each reader."""
    known: set[tuple[str, str]] = set()
    for edge in network.edges:
        head = head_of.get(edge.tail)
        if edge.head in elements:
            continue
        if head is None:
            yield edge
        elif edge.weighted:
            yield edge._replace(tail=head.key)
        elif (head.key, edge.head) not in known:
            known.add((head.key, edge.head))
            yield VisibleEdge(head.key, edge.head, edge.reader, (Connection(head.unit),))


def layer_classes(structure: NetworkStructure, activation: Node) -> tuple[Class, ...]:
    """Return the classes of an activation of a layer: their names, and which elements they are."""
    outputs = {}
    for unit in structure.units.values():
        op = unit.output.op
        if op is not None and op.element is not None and unit.output.parents[0] is activation:
            outputs[op.element] = unit
    label = activation.name or ""
    return tuple(
        Class(structure.name(outputs[index]), Element(activation, index), outputs[index].output)
        if index in outputs
        else Class(f"{label}[{index}]", Element(activation, index), activation)
        for index in range(activation.shape[-1])
    )
