"""Every way to copy an object with all that it is made of, and what two equal graphs have in common."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import joblib
import numpy as np

import minigrad as mg


def pickled(item: Any, protocol: int) -> Any:
    """Return what a pickle of the item gives."""
    return pickle.loads(pickle.dumps(item, protocol))


def pickled_in_python(item: Any) -> Any:
    """Return what a pickle gives that the pickler written in Python made; it reads items ahead of those it writes."""
    file = io.BytesIO()
    pickle._Pickler(file).dump(item)  # type: ignore[attr-defined]
    return pickle.loads(file.getvalue())


def dumped_by_joblib(item: Any) -> Any:
    """Return what joblib reads from what it wrote."""
    file = io.BytesIO()
    joblib.dump(item, file)
    file.seek(0)
    return joblib.load(file)


DEEP_COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {protocol}": partial(pickled, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
    "pickle in Python": pickled_in_python,
    "joblib": dumped_by_joblib,
}
"""Each makes a twin of any object."""


def contents(nodes: Sequence[mg.Node]) -> list[Any]:
    """Return all that nodes hold, as plain data, parents by their position among all that the nodes are made of."""
    graph = mg.Graph(nodes)
    return [
        (
            type(node),
            node.op,
            node.name,
            node.shape,
            [graph.position[parent] for parent in node.parents],
            getattr(node, "trainable", None),
            *(None if number is None else np.asarray(number).tobytes() for number in (node.value, node.delta)),
        )
        for node in graph.nodes
    ]
