"""Training as a file: where it stands, to the bit, so that it goes on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from minigrad._validation import check_integer
from minigrad.errors import FileError
from minigrad.files.archive import Archive, explained, place_of, read, write
from minigrad.files.graph_spec import described
from minigrad.graph import Graph

KIND = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """A file that training is written to every so many steps and when it ends, and that it goes on from if it is there.

    A program that was stopped, at whatever moment, is simply started again: its results are those of a run that was
    never stopped, bit for bit. Raises SettingError unless `every` is a whole number of at least 1.
    """

    path: str | PathLike[str]
    every: int = 1000

    def __post_init__(self) -> None:
        place_of(self.path)
        check_integer(self.every, "every", 1)


class Snapshot(NamedTuple):
    """Where training stands."""

    training: dict[str, Any]
    """What it is the training of; one of something else does not go on from here."""
    generator: dict[str, Any]
    """The state of the random numbers before the order of the epoch under way was drawn."""
    epoch: int
    """How many epochs are over."""
    position: int
    """How many samples of the epoch under way were learned from."""
    total: float
    """The sum of their losses."""
    columns: Mapping[str, Sequence[float]]
    """The history so far, one number for every epoch that is over."""
    vector: np.ndarray
    """All parameters."""
    state: tuple[np.ndarray, ...]
    """What the optimizer remembers."""
    best: np.ndarray | None = None
    """The parameters after the best epoch, where early stopping keeps them."""


def write_snapshot(path: Any, snapshot: Snapshot) -> None:
    """Writes where training stands; the file is the old one or the new one at any moment. Raises FileError."""
    document = {
        "training": snapshot.training,
        "generator": as_lists(snapshot.generator),
        "epoch": snapshot.epoch,
        "position": snapshot.position,
        "columns": list(snapshot.columns),
        "states": len(snapshot.state),
    }
    arrays = {
        "parameters": snapshot.vector,
        "total": np.array(snapshot.total, np.float64),
        "history": np.array([*snapshot.columns.values()], np.float64).reshape(len(snapshot.columns), snapshot.epoch),
        **{f"state{place}": np.asarray(array) for place, array in enumerate(snapshot.state)},
    }
    if snapshot.best is not None:
        arrays["best"] = snapshot.best
    write(path, Archive(KIND, document, arrays))


def read_snapshot(path: Any) -> Snapshot:
    """Reads what `write_snapshot` wrote; raises FileError for any other file."""
    with explained(place_of(path), "a file that is no checkpoint"):
        _, document, arrays = read(path, KIND)
        epoch, position, names = document["epoch"], document["position"], document["columns"]
        state = tuple([arrays[f"state{place}"] for place in range(check_integer(document["states"], "states", 0))])
        history = arrays["history"]
        if history.shape != (len(names), check_integer(epoch, "epoch", 0)) or not all(
            isinstance(name, str) for name in names
        ):
            raise FileError("a history of another length", node=str(path), found=history.shape, expected=epoch)
        if arrays["parameters"].ndim != 1 or not isinstance(document["training"], dict):
            raise FileError("not the parameters of a training", node=str(path))
        return Snapshot(
            training=document["training"],
            generator=document["generator"],
            epoch=epoch,
            position=check_integer(position, "position", 0),
            total=float(arrays["total"]),
            columns=dict(zip(names, history.tolist(), strict=True)),
            vector=arrays["parameters"],
            state=state,
            best=arrays.get("best"),
        )


def check_same_training(path: Any, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raises FileError, naming what differs, unless a checkpoint is of just this training."""
    for name in [*expected, *found]:
        if found.get(name) != expected.get(name):
            raise FileError(
                "a checkpoint of another training",
                node=str(path),
                found=f"{name} {found.get(name)}"[:200],
                expected=str(expected.get(name)),
                cure="Give this training a path of its own, or remove the file",
            )


def identity(graph: Graph, data: Sequence[np.ndarray]) -> dict[str, Any]:
    """Names for the structure and the constants of a graph and for the data it learns from."""
    _, description, _ = described(graph.outputs)
    constants = [np.ravel(node.value) for node in graph.nodes if node.kind == "constant"]
    return {
        "graph": digest([dumps(description).encode(), *(value.tobytes() for value in constants)]),
        "data": digest([part for array in data for part in (repr(array.shape).encode(), array.tobytes())]),
    }


def digest(parts: Sequence[bytes]) -> str:
    """A short name for some content."""
    from hashlib import sha256  # and with it OpenSSL, for which `import minigrad` would wait

    whole = sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()[:16]


def as_lists(state: Any) -> Any:
    """The state of a generator in JSON's words."""
    if isinstance(state, dict):
        return {key: as_lists(value) for key, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def as_arrays(state: Any) -> Any:
    """The state of a generator as NumPy takes it."""
    if isinstance(state, dict):
        return {key: as_arrays(value) for key, value in state.items()}
    return np.array(state, np.uint64) if isinstance(state, list) else state
