"""Checkpoints: the state of a training in a file, to the bit, so that it goes on as if it had never stopped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from math import isfinite
from os import PathLike
from typing import Any

import numpy as np

from minigrad._validation import Seed, check_integer, make_generator
from minigrad.errors import FileError
from minigrad.files.archive import (
    MAX_MEMBERS,
    Archive,
    as_file_error,
    read_archive,
    remove_drafts,
    to_path,
    write_archive,
)
from minigrad.files.graph_spec import encode_graph
from minigrad.graph import Graph
from minigrad.training.callbacks import Hooks
from minigrad.training.history import History
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep

KIND = "checkpoint"
VERSION = 3
"""The format of the document; the first had no number."""


@dataclass(frozen=True)
class Checkpoint:
    """Write all that training depends on to a file every so many steps and at the end, and go on from it if it exists.

    A callback for `Network.fit`; it acts after all others, whatever its place in the list. A program that was stopped,
    at whatever moment, is simply started again: its results are those of a run that was never stopped, bit for bit.

    Args:
        path: The file; at any moment it is the old one or the new one, complete.
        every: Steps between two writes, at least 1.

    Raises:
        SettingError: If `every` is not a whole number of at least 1.
        FileError: If `path` is no path.

    Example:
        >>> import tempfile
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([1, 2, 1], mg.tanh, rng=0))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     callbacks = [mg.Checkpoint(folder + "/run.checkpoint", every=100)]
        ...     for epochs in (2, 5):  # the second call makes the 3 epochs that are left
        ...         history = network.fit([0, 1], [0, 1], epochs=epochs, callbacks=callbacks, progress=False)
        >>> len(history.loss)
        5
    """

    path: str | PathLike[str]
    every: int = 1000

    def __post_init__(self) -> None:
        to_path(self.path)
        check_integer(self.every, "every", 1)


@dataclass(frozen=True)
class CheckpointFile:
    """The checkpoint of one training, which has an `identity` and `parts` with a state of their own."""

    checkpoint: Checkpoint
    identity: Mapping[str, Any]
    parts: Mapping[str, Hooks]

    def is_due(self, steps: int) -> bool:
        """Return whether a checkpoint is due after so many steps."""
        return steps % self.checkpoint.every == 0

    def save(self, state: TrainingState, step: TrainingStep) -> None:
        """Write where training stands; raise FileError where that cannot be done."""
        state.parameters, state.optimizer_state = step.parameters, step.optimizer_state
        state.callbacks = {name: part.state() for name, part in self.parts.items() if part.state is not None}
        write_state(self.checkpoint.path, self.identity, state)

    def read(self, step: TrainingStep, budget: StepBudget) -> TrainingState | None:
        """Return the state in the file, None without one; raise FileError for a damaged file or another training's."""
        path = to_path(self.checkpoint.path)
        remove_drafts(path)
        if not path.exists():
            if not path.parent.is_dir():
                raise FileError("the folder does not exist", node=str(path.parent), cure="Create it before training.")
            return None
        identity, state = read_state(path)
        with as_file_error(path, "the checkpoint does not fit"):
            check_identity(path, identity, self.identity)
            check_arrays([step.parameters, *step.optimizer_state], [state.parameters, *state.optimizer_state])
            if state.position >= budget.samples or state.position % budget.batch_size:
                raise FileError("the position lies outside the epoch", node=str(path), found=state.position)
            if state.callbacks.keys() != self.parts.keys():
                raise FileError("the states belong to other callbacks", node=str(path), found=[*state.callbacks])
        return state

    def restore(self, state: TrainingState, step: TrainingStep, rng: np.random.Generator) -> None:
        """Set callbacks, generator, step and nodes to a state; raise FileError for one that does not fit."""
        with as_file_error(to_path(self.checkpoint.path), "the checkpoint does not fit"):
            for name, part in self.parts.items():
                if part.load_state is not None:
                    part.load_state(state.callbacks[name])
            rng.bit_generator.state = as_arrays(state.generator)
        step.parameters, step.optimizer_state = state.parameters, state.optimizer_state
        step.commit()


def make_checkpoint_file(
    checkpoint: Checkpoint,
    graph: Graph,
    step: TrainingStep,
    seed: Seed,
    parts: Mapping[str, Hooks],
    settings: Mapping[str, Any],
) -> CheckpointFile:
    """Return the file of a training.

    The identity of a training is, beside its settings, its graph, data and optimizer, the generator it starts with
    (unless the seed is None), and its engine, on which the last bits depend.
    """
    _, description, _ = encode_graph(graph.outputs)
    constants = [np.ravel(node.value).tobytes() for node in graph.nodes if node.kind == "constant"]
    data = [step.samples.rows, step.targets.rows]
    identity = {
        "graph": digest([dumps(description).encode(), *constants]),
        "data": digest([part for array in data for part in (repr(array.shape).encode(), array.tobytes())]),
        "optimizer": re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(step.optimizer)),
        "seed": None if seed is None else digest([repr(make_generator(seed).bit_generator.state).encode()]),
        "engine": type(step.engine).__name__,
        "callbacks": [*parts],
    }
    return CheckpointFile(checkpoint, {**settings, **identity}, parts)


def write_state(path: Any, identity: Mapping[str, Any], state: TrainingState) -> None:
    """Write the state of a training; the file is the old one or the new one at any moment. Raises FileError."""
    columns = state.history.columns
    arrays = {
        "parameters": state.parameters,
        "loss_sum": np.array(state.loss_sum, np.float64),
        "history": np.array([*columns.values()], np.float64).reshape(len(columns), state.epoch),
        **{f"optimizer{index}": np.asarray(array) for index, array in enumerate(state.optimizer_state)},
    }
    document = {
        "checkpoint_version": VERSION,
        "training": dict(identity),
        "generator": as_lists(state.generator),
        "epoch": state.epoch,
        "step": state.step,
        "position": state.position,
        "columns": list(columns),
        "stop_reason": state.history.stop_reason,
        "optimizer_arrays": len(state.optimizer_state),
        "callbacks": {name: pack(value, arrays, name) for name, value in state.callbacks.items()},
    }
    write_archive(path, Archive(KIND, document, arrays))


def read_state(path: Any) -> tuple[dict[str, Any], TrainingState]:
    """Return the identity and the state of a training as `write_state` wrote them; raise FileError for other files."""
    with as_file_error(to_path(path), "a file that is no checkpoint"):
        _, document, arrays = read_archive(path, KIND)
        version = document.get("checkpoint_version", 1)
        if version != VERSION:
            older = type(version) is int and version < VERSION
            raise FileError(
                f"the checkpoint was written by {'an older' if older else 'another'} version of minigrad",
                node=str(path),
                found=f"checkpoint version {version!r}"[:80],
                expected=VERSION,
                cure="Start the training anew with another path" if older else "Update minigrad",
            )
        count = check_integer(document["optimizer_arrays"], "optimizer_arrays", 0)
        epoch, names, history = check_integer(document["epoch"], "epoch", 0), document["columns"], arrays["history"]
        columns, reason = dict(zip(names, history.tolist(), strict=True)), document["stop_reason"]
        state = TrainingState(
            epoch=epoch,
            step=check_integer(document["step"], "step", 0),
            position=check_integer(document["position"], "position", 0),
            loss_sum=float(arrays["loss_sum"]),
            generator=document["generator"],
            history=History.of_columns(columns, reason),
            parameters=arrays["parameters"],
            optimizer_state=tuple([arrays[f"optimizer{index}"] for index in range(count)]),
            callbacks={name: unpack(value, arrays) for name, value in document["callbacks"].items()},
        )
        if not (
            history.shape == (len(names), epoch)
            and all(isinstance(name, str) for name in names)
            and len(state.history.loss) == epoch
            and (reason is None or isinstance(reason, str))
            and isinstance(document["training"], dict)
        ):
            raise FileError("the parts of the checkpoint contradict each other", node=str(path))
        return document["training"], state


def pack(value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    """Return a state as JSON, with arrays moved to `arrays`; raise FileError for what is neither text nor numbers."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, (bool, int, str, type(None))):
        return plain
    if isinstance(plain, float):
        return plain if isfinite(plain) else {"float": repr(plain)}
    if isinstance(plain, (list, tuple)):
        return {type(plain).__name__: [pack(item, arrays, where) for item in plain]}
    if isinstance(plain, dict) and all(isinstance(key, str) for key in plain):
        return {"dict": {key: pack(item, arrays, where) for key, item in plain.items()}}
    if not isinstance(plain, np.ndarray):
        expected = "numbers, text, None, arrays, and lists, tuples and dictionaries of them"
        raise FileError(
            "the state cannot be written to a checkpoint", node=where, found=repr(plain)[:80], expected=expected
        )
    name = f"state{len(arrays)}"
    if len(arrays) + 2 > MAX_MEMBERS:
        raise FileError("too many arrays in the state of callbacks", node=where, expected=f"fewer than {MAX_MEMBERS}")
    arrays[name] = plain
    return {"array": name}


def unpack(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Return a state from what `pack` made of it."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {key: unpack(item, arrays) for key, item in content.items()}
    if kind == "float":
        return float(content)
    return (
        arrays[content]
        if kind == "array"
        else {"list": list, "tuple": tuple}[kind](unpack(item, arrays) for item in content)
    )


def check_identity(path: Any, identity: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise FileError, naming what differs, unless a checkpoint is of just this training."""
    for name in [*expected, *identity]:
        if identity.get(name) != expected.get(name):
            raise FileError(
                "the checkpoint belongs to another training",
                node=str(path),
                found=f"{name} {identity.get(name)}"[:200],
                expected=str(expected.get(name)),
                cure="Give this training a path of its own, or remove the file.",
            )


def check_arrays(expected: Sequence[Any], arrays: Sequence[np.ndarray]) -> None:
    """Raise FileError unless arrays have the shapes and types of those they are to replace."""
    ours, theirs = ([(np.shape(array), np.asarray(array).dtype) for array in side] for side in (expected, arrays))
    if ours != theirs:
        raise FileError("the shapes of parameters or optimizer state differ", found=theirs, expected=ours)


def digest(parts: Sequence[bytes]) -> str:
    """Return a short hash of some content."""
    from hashlib import sha256  # loads OpenSSL, for which `import minigrad` would wait

    content = sha256()
    for part in parts:
        content.update(part)
    return content.hexdigest()[:16]


def as_lists(state: Any) -> Any:
    """Return the state of a generator in JSON's types."""
    if isinstance(state, dict):
        return {key: as_lists(value) for key, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def as_arrays(state: Any) -> Any:
    """Return the state of a generator as NumPy takes it."""
    if isinstance(state, dict):
        return {key: as_arrays(value) for key, value in state.items()}
    return np.array(state, np.uint64) if isinstance(state, list) else state
