"""Checkpoints: the state of a training in a file, to the bit, so that it goes on as if it had never stopped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from os import PathLike
from typing import Any

import numpy as np

from minigrad._validation import Seed, check_integer, make_generator
from minigrad.errors import FileError, SettingError
from minigrad.files.archive import Archive, as_file_error, read_archive, remove_drafts, to_path, write_archive
from minigrad.files.graph_spec import encode_graph
from minigrad.graph import Graph
from minigrad.training.history import History
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep

KIND = "checkpoint"
VERSION = 2
"""The format of the document; the first had no number."""


@dataclass(frozen=True)
class Checkpoint:
    """A file that training is written to every so many steps and when it ends, and that it goes on from if it exists.

    A program that was stopped, at whatever moment, is simply started again: its results are those of a run that was
    never stopped, bit for bit. Raises SettingError unless `every` is a whole number of at least 1.
    """

    path: str | PathLike[str]
    every: int = 1000

    def __post_init__(self) -> None:
        to_path(self.path)
        check_integer(self.every, "every", 1)


@dataclass(frozen=True)
class CheckpointFile:
    """The checkpoint of one training, which has an `identity`; a file of another training is refused."""

    checkpoint: Checkpoint
    identity: Mapping[str, Any]

    def is_due(self, steps: int) -> bool:
        """Return whether a checkpoint is due after so many steps."""
        return steps % self.checkpoint.every == 0

    def save(self, state: TrainingState, step: TrainingStep) -> None:
        """Write where training stands; raise FileError where that cannot be done."""
        state.parameters, state.optimizer_state = step.parameters, step.optimizer_state
        write_state(self.checkpoint.path, self.identity, state)

    def resume(self, step: TrainingStep, rng: np.random.Generator, budget: StepBudget) -> TrainingState:
        """Return the state in the file, with step and generator set to it; the state at the start without a file.

        Raises FileError for a file that is damaged or of another training; nothing has changed then.
        """
        path = to_path(self.checkpoint.path)
        remove_drafts(path)
        if not path.exists():
            if not path.parent.is_dir():
                raise FileError("a folder that is not there", node=str(path.parent), cure="Make it before training.")
            return TrainingState()
        identity, state = read_state(path)
        with as_file_error(path, "a checkpoint that does not fit"):
            check_identity(path, identity, self.identity)
            check_arrays([step.parameters, *step.optimizer_state], [state.parameters, *state.optimizer_state])
            if state.best_parameters is not None:
                check_arrays([step.parameters], [state.best_parameters])
            if state.position >= budget.samples or state.position % budget.batch_size:
                raise FileError("a position outside the epoch", node=str(path), found=state.position)
            rng.bit_generator.state = as_arrays(state.generator)
        step.parameters, step.optimizer_state = state.parameters, state.optimizer_state
        step.commit()
        return state


def make_checkpoint_file(
    checkpoint: Any, graph: Graph, step: TrainingStep, seed: Seed, settings: Mapping[str, Any]
) -> CheckpointFile | None:
    """Return the file of a training, None without a checkpoint; raise SettingError for what is no checkpoint.

    The identity of a training is, beside its settings, its graph, data and optimizer, the generator it starts with
    (unless the seed is None), and the type of its step, on which the last bits depend.
    """
    if checkpoint is None:
        return None
    if not isinstance(checkpoint, Checkpoint):
        raise SettingError(
            "not a checkpoint", found=repr(checkpoint), expected='minigrad.Checkpoint("run.checkpoint", every=1000)'
        )
    _, description, _ = encode_graph(graph.outputs)
    constants = [np.ravel(node.value).tobytes() for node in graph.nodes if node.kind == "constant"]
    data = [step.samples.rows, step.targets.rows]
    identity = {
        "graph": digest([dumps(description).encode(), *constants]),
        "data": digest([part for array in data for part in (repr(array.shape).encode(), array.tobytes())]),
        "optimizer": re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(step.optimizer)),
        "seed": None if seed is None else digest([repr(make_generator(seed).bit_generator.state).encode()]),
        "step": type(step).__name__,
    }
    return CheckpointFile(checkpoint, {**identity, **settings})


def write_state(path: Any, identity: Mapping[str, Any], state: TrainingState) -> None:
    """Write the state of a training; the file is the old one or the new one at any moment. Raises FileError."""
    columns = state.history.columns
    document = {
        "checkpoint_version": VERSION,
        "training": dict(identity),
        "generator": as_lists(state.generator),
        "epoch": state.epoch,
        "position": state.position,
        "columns": list(columns),
        "optimizer_arrays": len(state.optimizer_state),
        "best_epoch": state.best_epoch,
    }
    arrays = {
        "parameters": state.parameters,
        "loss_sum": np.array(state.loss_sum, np.float64),
        "history": np.array([*columns.values()], np.float64).reshape(len(columns), state.epoch),
        **{f"optimizer{index}": np.asarray(array) for index, array in enumerate(state.optimizer_state)},
    }
    if state.best_parameters is not None:
        arrays["best_parameters"] = state.best_parameters
    write_archive(path, Archive(KIND, document, arrays))


def read_state(path: Any) -> tuple[dict[str, Any], TrainingState]:
    """Return the identity and the state of a training as `write_state` wrote them; raise FileError for other files."""
    with as_file_error(to_path(path), "a file that is no checkpoint"):
        _, document, arrays = read_archive(path, KIND)
        version = document.get("checkpoint_version", 1)
        if version != VERSION:
            older = type(version) is int and version < VERSION
            raise FileError(
                f"a checkpoint written by {'an older' if older else 'another'} version of minigrad",
                node=str(path),
                found=f"checkpoint version {version!r}"[:80],
                expected=VERSION,
                cure="Start the training anew with another path" if older else "Update minigrad",
            )
        count = check_integer(document["optimizer_arrays"], "optimizer_arrays", 0)
        epoch, names, history = check_integer(document["epoch"], "epoch", 0), document["columns"], arrays["history"]
        state = TrainingState(
            epoch=epoch,
            position=check_integer(document["position"], "position", 0),
            loss_sum=float(arrays["loss_sum"]),
            generator=document["generator"],
            history=History.of_columns(dict(zip(names, history.tolist(), strict=True))),
            parameters=arrays["parameters"],
            optimizer_state=tuple([arrays[f"optimizer{index}"] for index in range(count)]),
            best_epoch=check_integer(document["best_epoch"], "best_epoch", 0),
            best_parameters=arrays.get("best_parameters"),
        )
        if not (
            history.shape == (len(names), epoch)
            and all(isinstance(name, str) for name in names)
            and len(state.history.loss) == epoch
            and state.best_epoch <= len(state.history.validation_loss)
            and bool(state.best_epoch) == (state.best_parameters is not None)
            and isinstance(document["training"], dict)
        ):
            raise FileError("a checkpoint of which the parts do not fit together", node=str(path))
        return document["training"], state


def check_identity(path: Any, identity: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise FileError, naming what differs, unless a checkpoint is of just this training."""
    for name in [*expected, *identity]:
        if identity.get(name) != expected.get(name):
            raise FileError(
                "a checkpoint of another training",
                node=str(path),
                found=f"{name} {identity.get(name)}"[:200],
                expected=str(expected.get(name)),
                cure="Give this training a path of its own, or remove the file",
            )


def check_arrays(expected: Sequence[Any], arrays: Sequence[np.ndarray]) -> None:
    """Raise FileError unless arrays have the shapes and types of those they are to replace."""
    ours, theirs = ([(np.shape(array), np.asarray(array).dtype) for array in side] for side in (expected, arrays))
    if ours != theirs:
        raise FileError("parameters or a state of the optimizer of other shapes", found=theirs, expected=ours)


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
