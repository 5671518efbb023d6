"""Endings: what follows the last grid, on its lines or beside them."""

import minigrad as mg
from minigrad.drawing.process.endings import read_endings
from minigrad.drawing.process.grids import read_grids
from minigrad.graph import Graph
from minigrad.structure import read_structure
from tests.drawing.views.test_process import classifier, gated, several_losses


def endings_of(what):
    return read_endings(read_grids(read_structure(what if isinstance(what, Graph) else what.graph)))


def test_a_loss_stands_behind_the_outputs_it_reads():
    ((_, first, last),) = endings_of(classifier()).losses
    assert (first, last) == (0, 2)


def test_losses_of_single_outputs_have_a_total():
    endings = endings_of(several_losses())
    assert [(first, last) for _, first, last in endings.losses] == [(0, 0), (1, 1)]
    assert len(endings.totals) == 1


def test_a_softmax_joins_all_lines():
    endings = endings_of(classifier())
    assert [node.op.label for node in endings.joint] == ["softmax"]
    assert [line[-1].node.name for line in endings.lines] == ["y1", "y2", "y3"]


def test_products_of_lines_stand_beside_them():
    assert [unit.output.op.label for unit in endings_of(gated()).others] == ["×", "×"]


def test_a_loss_of_outputs_of_two_grids_stands_beside_them():
    x = mg.Input("x")
    (h,) = mg.layer([x], 1, mg.tanh, "h", rng=0)
    (y,) = mg.layer([h], 1, mg.tanh, "y", rng=0)
    endings = endings_of(Graph(mg.squared_error([h, y], [mg.Input("t1"), mg.Input("t2")])))
    assert not endings.losses
    assert [unit.output.kind for unit in endings.others] == ["loss", "input", "input"]
