"""Checkpoints: the state of a training in a file, to the bit, so that it goes on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._io import prepare_file, to_path
from minigrad._validation import check_integer
from minigrad.analysis.health import is_finite
from minigrad.errors import FileError
from minigrad.files.archive import Archive, pack, reading_archive, unpack, write_archive
from minigrad.training.callbacks import Hooks
from minigrad.training.history import History
from minigrad.training.identity import Identity, check_identity
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.step import TrainingStep

KIND = "checkpoint"
VERSION = 4
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
    """The checkpoint of one training: its `identity`, what it measures after each epoch, `parts` that have a state."""

    checkpoint: Checkpoint
    identity: Identity
    columns: Sequence[str]
    parts: Mapping[str, Hooks]

    def is_due(self, steps: int) -> bool:
        """Return whether a checkpoint is due after so many steps."""
        return steps % self.checkpoint.every == 0

    def save(self, state: TrainingState, step: TrainingStep) -> None:
        """Write where training stands; raise FileError where that cannot be done.

        Nothing is written where a parameter is not finite, so that training goes on from where all were.
        """
        if not is_finite(step.parameters):
            return
        self.check_columns(state)
        state.parameters, state.optimizer_state = step.parameters, step.optimizer_state
        state.callbacks = {name: part.state() for name, part in self.parts.items() if part.state is not None}
        write_state(self.checkpoint.path, self.identity, state)

    def read(self, step: TrainingStep, budget: StepBudget, rng: np.random.Generator) -> TrainingState | None:
        """Return the state in the file, None without one; raise FileError for a damaged file or another training's.

        All of it is checked here against the step, the budget and the generator, of which none changes.
        """
        path = self.checkpoint.path
        if not prepare_file(path):
            return None
        with reading_archive(path, KIND) as archive:
            identity, state = decode_state(archive)
            check_identity(identity, self.identity)
            check_arrays([step.parameters, *step.optimizer_state], [state.parameters, *state.optimizer_state])
            self.check_columns(state)
            check_position(state, budget)
            check_generator(rng, state.generator)
            if state.callbacks.keys() != self.parts.keys():
                raise FileError("the states belong to other callbacks", found=[*state.callbacks])
        return state

    def check_columns(self, state: TrainingState) -> None:
        """Raise FileError unless the history has what training measures, once for each epoch, and nothing else."""
        columns = state.history.columns
        expected = dict.fromkeys(self.columns, state.epoch) if state.epoch else {}
        if {name: len(numbers) for name, numbers in columns.items()} != expected:
            raise FileError(
                "the history has other columns than training measures",
                found=", ".join(columns)[:80] or "none",
                expected=", ".join(self.columns),
                cure="Measure by `metrics`, or keep what a callback collects in its state.",
            )

    def part_states(self) -> dict[str, Any]:
        """Return a copy of the states that callbacks have before training begins, to go back to."""
        states = {}
        for name, part in self.parts.items():
            with suppress(Exception):  # one that has no state before its start has nothing to go back to
                states[name] = deepcopy(part.state()) if part.state is not None else None
        return states

    def restore(
        self, state: TrainingState, before: Mapping[str, Any], step: TrainingStep, rng: np.random.Generator
    ) -> None:
        """Set callbacks, generator, step and nodes to a state that `read` returned.

        Raises FileError for a state that a callback refuses; all of them are then as they were `before`.
        """
        try:
            for name, part in self.parts.items():
                if part.load_state is not None:
                    part.load_state(state.callbacks[name])
        except BaseException as error:
            for part_name, old in before.items():
                part = self.parts[part_name]
                if part.load_state is not None:
                    part.load_state(old)
            if not isinstance(error, Exception):
                raise
            raise FileError(
                "the checkpoint does not fit a callback",
                node=f"{to_path(self.checkpoint.path)}, {name}",
                found=str(error)[:200] or type(error).__name__,
                cure="Give this training a path of its own, or remove the file.",
            ) from error
        rng.bit_generator.state = as_arrays(state.generator)
        step.parameters, step.optimizer_state = state.parameters, state.optimizer_state
        step.commit()


def write_state(path: Any, identity: Identity, state: TrainingState) -> None:
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


def read_state(path: Any) -> tuple[Identity, TrainingState]:
    """Return the identity and the state of a training as `write_state` wrote them; raise FileError for other files."""
    with reading_archive(path, KIND) as archive:
        return decode_state(archive)


def decode_state(archive: Archive) -> tuple[Identity, TrainingState]:
    """Return the identity and the state of a training; raise FileError for parts that contradict each other."""
    _, document, arrays = archive
    version = document.get("checkpoint_version", 1)
    if type(version) is not int or version != VERSION:
        older = type(version) is int and version < VERSION
        raise FileError(
            f"the checkpoint was written by {'an older' if older else 'another'} version of minigrad",
            found=f"checkpoint version {version!r}"[:80],
            expected=VERSION,
            cure="Start the training anew with another path" if older else "Update minigrad",
        )
    unread = dict(arrays)
    parameters, loss_sum, history = (unread.pop(name) for name in ("parameters", "loss_sum", "history"))
    count = check_integer(document["optimizer_arrays"], "optimizer_arrays", 0)
    optimizer_state = tuple([unread.pop(f"optimizer{index}") for index in range(min(count, len(arrays) + 1))])
    epoch, names, reason = check_integer(document["epoch"], "epoch", 0), document["columns"], document["stop_reason"]
    identity = document["training"]
    if not (
        all(isinstance(name, str) for name in names)
        and len({*names}) == len(names)
        and history.shape == (len(names), epoch)
        and loss_sum.shape == ()
        and loss_sum.dtype == history.dtype == np.float64
        and (reason is None or isinstance(reason, str))
        and all(isinstance(text, str) for text in identity.values())
    ):
        raise FileError("the parts of the checkpoint contradict each other")
    state = TrainingState(
        epoch=epoch,
        step=check_integer(document["step"], "step", 0),
        position=check_integer(document["position"], "position", 0),
        loss_sum=loss_sum.item(),
        generator=document["generator"],
        history=History.of_columns(dict(zip(names, history.tolist(), strict=True)), reason),
        parameters=parameters,
        optimizer_state=optimizer_state,
        callbacks={name: unpack(value, unread) for name, value in document["callbacks"].items()},
    )
    if unread:
        raise FileError("the parts of the checkpoint contradict each other")
    return identity, state


def check_arrays(expected: Sequence[Any], arrays: Sequence[np.ndarray]) -> None:
    """Raise FileError unless arrays have the shapes and types of those they replace, and the parameters are finite."""
    ours, theirs = ([(np.shape(array), np.asarray(array).dtype) for array in side] for side in (expected, arrays))
    if ours != theirs:
        raise FileError("the shapes of parameters or optimizer state differ", found=theirs, expected=ours)
    for before, array in zip(expected, arrays, strict=True):  # a sum of squares may overflow, a count may not
        is_wrong = ~np.isfinite(array) if array.size == 1 else np.isnan(array)
        if is_wrong.any() and np.isfinite(before).all():
            raise FileError("optimizer state that is not finite")
    if not is_finite(arrays[0]):
        raise FileError("parameters that are not finite")


def check_position(state: TrainingState, budget: StepBudget) -> None:
    """Raise FileError unless the epochs, the steps and the position of a state belong together."""
    steps = state.epoch * budget.steps_per_epoch + state.position // budget.batch_size
    if state.position >= budget.samples or state.position % budget.batch_size:
        raise FileError("the position lies outside the epoch", found=state.position)
    if state.step != steps:
        raise FileError("a wrong number of steps", found=state.step, expected=steps)


def check_generator(rng: np.random.Generator, state: Any) -> None:
    """Raise FileError unless a generator of this kind can have such a state; the generator does not change."""
    positions = {**state, **(state["state"] if isinstance(state["state"], dict) else {})}
    for name, limit in (("pos", "key"), ("buffer_pos", "buffer")):  # NumPy reads outside its arrays otherwise
        if name in positions and not 0 <= positions[name] <= len(positions[limit]):
            raise FileError("not a state of the random generator", found=f"{name} {positions[name]}"[:80])
    trial = deepcopy(rng.bit_generator)
    trial.state = as_arrays(state)
    if as_lists(trial.state) != state:
        raise FileError("not a state of the random generator", found=describe_value(state))


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
