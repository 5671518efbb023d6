"""A graph in JavaScript: the two rules of every op as functions, and the nodes as numbers that refer to them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from minigrad.compiler.purity import check_pure_op
from minigrad.compiler.recorded_update import RecordedUpdate
from minigrad.compiler.script_templates import Template, array_templates, write_template
from minigrad.ops.base import Op, Shape
from minigrad.symbolic import Formula
from minigrad.symbolic.javascript import JavaScript

if TYPE_CHECKING:
    from minigrad.core.node import Node


class JavaScriptRules:
    """Rules of ops as pairs of JavaScript functions, each pair written once for the ops and shapes that share it.

    `forward(x)` takes the elements of all parents one after the other and returns those of the node;
    `backward(x, y, d)` takes those of the node and of its δ too, and returns what flows into δ of the parents.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[Op, tuple[Shape, ...]], int] = {}
        self._sources: dict[str, int] = {}

    def number(self, op: Op, shapes: Sequence[Shape]) -> int:
        """Return the position of the rules of an op for parents of some shapes in the array that `source` writes.

        Raises CompileError where a rule is not made of formulas, or is not the same each time.
        """
        form = op, tuple(shapes)
        if form not in self._numbers:
            if op.is_own:
                check_pure_op(op, shapes, op.label)
            source = rules_source(op, shapes)
            self._numbers[form] = self._sources.setdefault(source, len(self._sources))
        return self._numbers[form]

    @property
    def source(self) -> str:
        """Return an array of pairs [forward, backward]."""
        return "[\n" + "".join(f"  {source},\n" for source in self._sources) + "]"


def rules_source(op: Op, shapes: Sequence[Shape]) -> str:
    """Return both rules of an op in JavaScript, a pair of functions of elements."""
    forward, backward = array_templates(op, shapes, JavaScript())
    parents, own = sum(map(prod, shapes)), len(forward.results)
    names = [f"{name}[{index}]" for name, size in (("x", parents), ("y", own), ("d", own)) for index in range(size)]
    return f"[(x) => {function_body(forward, names)}, (x, y, d) => {function_body(backward, names)}]"


def function_body(template: Template, names: Sequence[str]) -> str:
    """Return the body of a function that computes the results of a template."""
    lines, results = template.fill(names)
    constants = "".join(f"const {line}; " for line in lines)
    values = ", ".join("null" if result is None else result for result in results)
    return f"{{ {constants}return [{values}]; }}"


def node_table(nodes: Sequence[Node], rules: JavaScriptRules) -> list[list[Any]]:
    """Return for each node in topological order its size, and where it is computed its rules and its parents.

    An entry is [size] for a leaf and [size, rules, parents] for a computed node, parents by their positions.
    """
    position = {node: index for index, node in enumerate(nodes)}
    table: list[list[Any]] = []
    for node in nodes:
        entry: list[Any] = [prod(node.shape)]
        if node.op is not None:
            number = rules.number(node.op, [parent.shape for parent in node.parents])
            entry += [number, [position[parent] for parent in node.parents]]
        table.append(entry)
    return table


def graph_source(nodes: Sequence[Node]) -> str:
    """Return the nodes of a graph as an object in JavaScript, `{rules, nodes}`, for `Graph` of pages/graph.js.

    Raises CompileError where a rule is not made of formulas.
    """
    rules = JavaScriptRules()
    table = node_table(nodes, rules)
    return f"{{\nrules: {rules.source},\nnodes: {json.dumps(table, separators=(',', ':'))},\n}}"


def update_source(update: RecordedUpdate) -> str:
    """Return one step of an optimizer as a JavaScript function of weights, gradients, state and settings.

    `(w, g, state, settings)` are two arrays, an array of arrays and an object of learning rates; it returns the new
    weights and the new state, and leaves its arguments as they are.
    """
    names = [f"z{index}" for index in range(len(update.states))]
    lines = [f"const [{', '.join(names)}] = state;"] if names else []
    for symbol, term in update.totals:
        lines.append(f"let {symbol.text} = 0;")
        lines.append(f"for (let i = 0; i < w.length; i += 1) {{ {assignments({symbol.text: symbol + term})} }}")
    lines.append("const u = w.slice();")
    lines += [f"const y{name[1:]} = {name}.slice();" for name in names]
    numbers, vectors = {}, {"u[i]": update.new_weight}
    for index, formula in enumerate(update.new_states):
        if update.is_vector(index):
            vectors[f"y{index}[i]"] = formula
        else:
            numbers[f"y{index}[0]"] = formula
    if numbers:
        lines.append(f"{{ {assignments(numbers)} }}")
    lines.append(f"for (let i = 0; i < w.length; i += 1) {{ {assignments(vectors)} }}")
    lines.append(f"return [u, [{', '.join(f'y{index}' for index in range(len(names)))}]];")
    return "(w, g, state, settings) => {\n" + "".join(f"  {line}\n" for line in lines) + "}"


def assignments(formulas: Mapping[str, Formula]) -> str:
    """Return statements that assign formulas to variables."""
    template = write_template([*formulas.values()], JavaScript())
    lines, results = template.fill(())
    constants = "".join(f"const {line}; " for line in lines)
    return constants + " ".join(f"{name} = {result};" for name, result in zip(formulas, results, strict=True))
