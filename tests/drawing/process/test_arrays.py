"""The arrays of grids: every cell is the product it claims to be, and lines add up to s and to ∂L/∂h."""

import numpy as np
import pytest

from minigrad.drawing.process.arrays import GridArrays
from minigrad.drawing.process.grids import output_of, read_grids, sum_of
from minigrad.drawing.process.vectors import read_layers
from minigrad.drawing.settings import make_settings
from minigrad.drawing.snapshot import Snapshot
from minigrad.structure import Element, read_structure
from tests.drawing import networks
from tests.drawing.random_networks import random_case


def snapshot_and_grids(case):
    """The numbers of a case and its grids; none where the graph has no neurons."""
    structure = read_structure(case.graph)
    return Snapshot(case.graph, sample=case.sample), read_grids(structure).grids if structure.layers else ()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("seed", range(40))
def test_cells_are_the_products_of_the_snapshot(seed):
    snapshot, grids = snapshot_and_grids(random_case(seed))
    for grid in grids:
        arrays = GridArrays(grid, snapshot)
        for source, neuron, weight in grid.entries():
            assert arrays.has_cell[source, neuron]
            unit = grid.neurons[neuron]
            read, weighted_sum = grid.sources[source], Element(sum_of(unit), unit.position)
            for array, number in (
                (arrays.mean_weights, snapshot.value(*weight)),
                (arrays.weight_gradients, snapshot.delta(*weight)),
                (arrays.products, snapshot.product(read, weight)),
                (arrays.gradients, snapshot.product_with_delta(read, weighted_sum)),
                (arrays.shares, snapshot.product_with_delta(weight, weighted_sum)),
            ):
                if array is not None:
                    assert number is not None
                    assert np.isclose(array[source, neuron], number, 1e-12, 1e-14, equal_nan=True)
                else:  # one that is not known hides all of its grid
                    assert number is None or not snapshot.notes() or None in map(snapshot.values, case_nodes(grid))


def case_nodes(grid):
    """What a grid reads, its sums and its outputs."""
    return [*(element.node for element in grid.sources), *(unit.output for unit in grid.neurons)]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("seed", range(40))
def test_lines_add_up_over_all_cells(seed):
    case = random_case(seed)
    snapshot, grids = snapshot_and_grids(case)
    for grid in grids:
        arrays = GridArrays(grid, snapshot)
        sums = [snapshot.value(sum_of(unit), unit.position) for unit in grid.neurons]
        if arrays.products is not None and None not in sums and None not in arrays.biases:
            added = arrays.products.sum(0) + np.array(arrays.biases)
            assert np.allclose(added, np.array(sums, float), 1e-9, 1e-12, equal_nan=True)


@pytest.mark.parametrize("make", [networks.perceptron, networks.layered])
def test_shares_add_up_to_the_derivatives_of_outputs(make):
    network = make(20, 15, 13, 3)
    settings = make_settings(network.graph, Snapshot(network.graph))
    layers = read_layers(read_grids(read_structure(network.graph)), settings)
    assert [layer.comes_back for layer in layers] == [True, True, False]
    for layer in layers[:-1]:
        derivatives = [settings.snapshot.delta(*output) for output in layer.outputs]
        assert np.allclose(layer.following.shares.sum(1), derivatives, 1e-12)


def test_shares_are_not_all_where_an_output_is_read_elsewhere():
    graph = networks.shortcut()
    layers = read_layers(read_grids(read_structure(graph)), make_settings(graph, Snapshot(graph)))
    assert not any(layer.comes_back for layer in layers)


def test_gradients_of_single_uses_are_the_gradients_of_weights():
    network = networks.perceptron(14, 5, 2, batch=4)
    for grid in read_grids(read_structure(network.graph)).grids:
        arrays = GridArrays(grid, Snapshot(network.graph))
        assert np.allclose(arrays.gradients, arrays.weight_gradients, 1e-12)
        assert [output_of(unit).node.value.shape for unit in grid.neurons] == [(4,)] * len(grid.neurons)
