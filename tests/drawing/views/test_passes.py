"""The passes view: both passes in one picture, and the columns of the matrices."""

from minigrad.drawing import draw
from minigrad.drawing.diagram import EdgeKind
from tests.drawing import networks


def edges_between(diagram, tail, head):
    return [edge for edge in diagram.edges if (edge.tail, edge.head) == (tail, head)]


def test_passes_run_both_ways():
    graph = networks.textbook()
    diagram = draw(graph, "passes").diagram
    h1, y1 = (f"n{graph.position[graph[name]]}" for name in ("h1", "y1"))
    (forward,) = edges_between(diagram, h1, y1)
    (back,) = edges_between(diagram, y1, h1)
    assert forward.lines == ("w1 = 0.4",)
    assert back.kind is EdgeKind.DELTA
    carried = graph["y1.w1"].value * graph["y1.s"].delta
    assert back.lines == ("∂L/∂w1 = 0.08217", f"w1·δ = {carried:.4g}")
    assert back.path[0].x > back.path[-1].x


def test_passes_show_the_columns_of_the_matrices():
    boxes = {box.key: box for box in draw(networks.textbook(), "passes").diagram.boxes}
    columns = [box for key, box in boxes.items() if key.startswith("m")]
    assert [(box.lines, box.fields) for box in columns[:2]] == [
        (("h1",), (("x1", "0.15"), ("x2", "0.2"))),
        (("h2",), (("x1", "0.25"), ("x2", "0.3"))),
    ]
    assert not [box for box in draw(networks.textbook(), "passes", matrices=False).diagram.boxes if box.key[0] == "m"]
