"""Writes docs/reference.md from the docstrings: python -m tests.reference --write docs/reference.md

Without --write the page is printed. Every public name must stand in GROUPS, and nothing else may.
"""

from __future__ import annotations

import argparse
import inspect
import re
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import minigrad as mg
from minigrad import datasets, errors, plot
from minigrad.analysis.vectorize import ArrayForm
from minigrad.drawing.drawing import Drawing
from minigrad.explanation.explanation import Explanation
from minigrad.graph import CompiledGraph
from minigrad.ops.base import Op

GROUPS: dict[str, tuple[str, ...]] = {
    "Nodes": ("Input", "Parameter", "Constant", "Node", "scope", "building"),
    "Neurons and layers": ("neuron", "layer", "dense", "mlp", "dropout", "glorot", "he", "zeros", "Uniform"),
    "Graphs": ("Graph", "CompiledGraph", "gradient_graph", "jacobian", "hessian", "vectorize", "ArrayForm"),
    "Training": ("Network", "History", "Progress", "find_rate"),
    "Callbacks": ("EarlyStopping", "StopOnNonFinite", "Checkpoint"),
    "Metrics": ("accuracy", "r_squared", "confusion_matrix"),
    "Optimizers": (
        "SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW", "Clipped", "LBFGS", "LevenbergMarquardt",
    ),
    "Schedules": (
        "ConstantRate", "StepDecay", "ExponentialDecay", "CosineDecay", "OneCycle", "WarmUp", "ReduceOnPlateau",
    ),
    "Drawing and explaining": ("draw", "Drawing", "explain", "Explanation", "check_gradients"),
    "Interactive pages": ("explore", "Page", "Recorder"),
    "Activations": (
        "sigmoid", "tanh", "relu", "leaky_relu", "LeakyReLU", "elu", "ELU", "selu", "gelu", "silu", "softplus",
        "softsign", "hard_tanh", "identity", "softmax", "log_softmax",
    ),
    "Losses": (
        "squared_error", "mean_squared_error", "absolute_error", "huber", "Huber", "hinge", "binary_cross_entropy",
        "softmax_cross_entropy",
    ),
    "Sums and products": ("weighted_sum", "affine", "matmul"),
    "Arithmetic": ("add", "subtract", "multiply", "divide", "pow"),
    "Elementary functions": ("abs", "sign", "sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "atan"),
    "Comparison and choice": ("greater", "less", "maximum", "minimum", "clip", "Clip", "where"),
    "Shapes": (
        "reshape", "broadcast_to", "expand_dims", "squeeze", "permute_dims", "concat", "stack", "take",
    ),
    "Reductions": ("sum", "mean", "max"),
    "Ops of your own": ("Op", "Unary", "Binary", "Activation", "Loss"),
}  # fmt: skip
"""The names that `import minigrad as mg` gives, by purpose."""
RESULTS = {result.__name__: result for result in (ArrayForm, CompiledGraph, Drawing, Explanation)}
"""Classes that users are handed and never name."""
MODULES = {"Data sets": datasets, "Plots": plot, "Errors": errors}
"""Public modules whose names are reached through them, such as mg.datasets.xor."""
HEADING = re.compile(r"^(Args|Returns|Raises|Yields|Attributes|Example|Examples|Source|Note|Notes):[ \t]*(.*)$")
ITEM = re.compile(r"^( *)([*\w][\w, *./\[\]=]*?(?: \([^)]*\))?): +(.*)$")


class Entry(NamedTuple):
    """A public name: how it is written, what it is, and its docstring."""

    name: str
    thing: Any
    text: str


def docstring(thing: Any) -> str:
    """Return the docstring of a function, a class or an op (that of its class); one of a base does not count."""
    documented = type(thing) if isinstance(thing, Op) else thing
    if inspect.isclass(documented):
        return inspect.cleandoc(vars(documented).get("__doc__") or "")
    return inspect.getdoc(documented) or ""


def public_names(module: types.ModuleType) -> list[str]:
    """Return the ops, classes and functions among the names that a module offers."""
    names = sorted(name for name in dir(module) if not name.startswith("_"))
    things = {name: getattr(module, name) for name in names}
    return [
        name
        for name, thing in things.items()
        if isinstance(thing, Op) or (inspect.isclass(thing) or inspect.isfunction(thing))
        if thing.__module__.startswith(module.__name__)
    ]


def methods(name: str, owner: type) -> Iterator[Entry]:
    """Yield the public methods and properties that a class itself defines, in their order there."""
    for attribute, member in vars(owner).items():
        if attribute.startswith("_"):
            continue
        if isinstance(member, property) or hasattr(member, "func"):
            yield Entry(f"{name}.{attribute}", member, inspect.getdoc(member) or "")
        elif inspect.isfunction(getattr(owner, attribute, None)) or isinstance(member, classmethod):
            bound = getattr(owner, attribute)
            yield Entry(f"{name}.{attribute}", bound, inspect.getdoc(bound) or "")


def entries() -> Iterator[tuple[str, Entry]]:
    """Yield every public name with the group that it belongs to, classes followed by their methods."""
    for group, names in GROUPS.items():
        for name in names:
            yield from described(group, name, RESULTS.get(name) or getattr(mg, name))
    for group, module in MODULES.items():
        prefix = f"{module.__name__.removeprefix('minigrad.')}."
        for name in public_names(module):
            yield from described(group, prefix + name, getattr(module, name))


def described(group: str, name: str, thing: Any) -> Iterator[tuple[str, Entry]]:
    """Yield an entry, and those of its methods if it is a class."""
    yield group, Entry(name, thing, docstring(thing))
    if inspect.isclass(thing):
        for entry in methods(name, thing):
            yield group, entry


def takes_arguments(entry: Entry) -> bool:
    """Return whether a caller passes anything."""
    if isinstance(entry.thing, Op):
        return True
    if not callable(entry.thing) or (inspect.isclass(entry.thing) and issubclass(entry.thing, Exception)):
        return False
    try:
        parameters = list(inspect.signature(entry.thing).parameters)
    except ValueError:
        return False
    return bool([parameter for parameter in parameters if parameter != "self"])


def signature(entry: Entry) -> str:
    """Return how something is called, with defaults and without types: these stand in the docstring."""
    if isinstance(entry.thing, Op):
        arity = entry.thing.arity
        operands = [*inspect.signature(entry.thing.forward).parameters][1:]
        return f"{entry.name}({', '.join([*operands, 'name=None'])})" if arity else f"{entry.name}(…, name=None)"
    if not callable(entry.thing):
        return entry.name
    if inspect.isclass(entry.thing) and (issubclass(entry.thing, Exception) or inspect.isabstract(entry.thing)):
        return entry.name
    try:
        parameters = inspect.signature(entry.thing).parameters.values()
    except ValueError:
        return entry.name
    own = [each.replace(annotation=inspect.Parameter.empty) for each in parameters if each.name != "self"]
    text = re.sub(r"<class '([\w.]+)'>|<function (\w+) at 0x\w+>", r"\1\2", str(inspect.Signature(own)))
    names = {op: name for name, op in vars(mg).items() if isinstance(op, Op)}
    for default in (each.default for each in own if isinstance(each.default, Op)):
        text = text.replace(repr(default), names.get(default, default.label))
    return entry.name + text.replace("<factory>", "…")


def markdown(text: str) -> str:
    """Return a docstring as Markdown: its sections as bold words, arguments as a list, examples as code."""
    lines: list[str] = []
    for line in text.splitlines():
        heading = HEADING.match(line)
        lines += ["", f"**{heading[1]}**", "", *filter(None, [heading[2]])] if heading else [line]
    return "\n".join(fenced_examples(lines)).strip()


def fenced_examples(lines: list[str]) -> Iterator[str]:
    """Yield lines with the sessions `>>> …` in fences and the entries of sections as lists."""
    inside = False
    section = ""
    for line in lines:
        if bold := re.fullmatch(r"\*\*(\w+)\*\*", line):
            section = bold[1]
        if line.lstrip().startswith(">>>") and not inside:
            yield "```pycon"
            inside = True
        elif inside and not line.strip():
            yield "```"
            inside = False
        if inside or not section or not line.startswith("    "):
            yield line.removeprefix("    ").replace("<BLANKLINE>", "") if inside else line
        elif (item := ITEM.match(line[4:])) and not item[1] and section in {"Args", "Raises", "Attributes"}:
            yield f"- `{item[2]}`: {item[3]}"
        elif section in {"Args", "Raises", "Attributes"}:
            yield "  " + line.strip()
        else:
            yield line.strip()
    if inside:
        yield "```"


def page() -> str:
    """Return the reference as Markdown."""
    grouped: dict[str, list[Entry]] = {}
    for group, entry in entries():
        grouped.setdefault(group, []).append(entry)
    headings = [name for group, members in grouped.items() for name in (group, *(entry.name for entry in members))]
    anchors = heading_anchors(["Reference", *headings])
    lines = [
        "# Reference",
        "",
        "Every public name, by purpose. `python -m tests.reference --write docs/reference.md` writes this page from",
        "the docstrings, and the tests run their examples; `help(mg.draw)` shows the same in Python. The examples",
        "assume `import minigrad as mg` and `import numpy as np`. A name that is not here is internal and may change.",
        "",
    ]
    lines += [f"- [{group}](#{anchors[group]}): {links(members, anchors)}" for group, members in grouped.items()]
    for group, members in grouped.items():
        lines += ["", f"## {group}"]
        for entry in members:
            level = "####" if is_member(entry) else "###"
            lines += ["", f"{level} {entry.name}", "", f"`{signature(entry)}`", "", markdown(entry.text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def is_member(entry: Entry) -> bool:
    """Return whether an entry is a method or a property of a class."""
    prefixes = tuple(f"{module.__name__.removeprefix('minigrad.')}." for module in MODULES.values())
    return entry.name.count(".") > entry.name.startswith(prefixes)


def links(members: list[Entry], anchors: dict[str, str]) -> str:
    """Return links to the entries of a group, methods left out."""
    return ", ".join(f"[{entry.name}](#{anchors[entry.name]})" for entry in members if not is_member(entry))


def heading_anchors(headings: Iterable[str]) -> dict[str, str]:
    """Return the anchor of every heading of a page; a second one of the same spelling is numbered, as GitHub does."""
    anchors: dict[str, str] = {}
    for heading in headings:
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = [taken for taken in anchors.values() if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", taken)]
        anchors[heading] = f"{anchor}-{len(number)}" if number else anchor
    return anchors


def main() -> None:
    """Write or print the page."""
    parser = argparse.ArgumentParser(description="Write the reference from the docstrings.")
    parser.add_argument("--write", type=Path, metavar="PATH", help="where to write the page; it is printed without")
    path = parser.parse_args().write
    if path:
        path.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")


if __name__ == "__main__":
    main()
