"""The keeper of a training: it writes down where training stands, and takes it up again there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad._validation import Seed, make_generator
from minigrad.errors import FileError, SettingError
from minigrad.files.archive import explained, place_of, sweep
from minigrad.graph import Graph
from minigrad.training.callbacks import Watch
from minigrad.training.checkpoint_file import (
    Checkpoint,
    Snapshot,
    as_arrays,
    check_same_training,
    digest,
    identity,
    read_snapshot,
    write_snapshot,
)
from minigrad.training.data import Columns
from minigrad.training.history import History
from minigrad.training.state import Course, Standing
from minigrad.training.step import Trainer


@dataclass(frozen=True)
class Keeper:
    """Writes and reads the checkpoint of one training, which is known by `training`."""

    checkpoint: Checkpoint
    training: Mapping[str, Any]

    def due(self, steps: int) -> bool:
        """Whether a checkpoint is due after so many steps."""
        return steps % self.checkpoint.every == 0

    def keep(self, trainer: Trainer, history: History, standing: Standing, watch: Watch | None = None) -> None:
        """Writes where training stands; raises FileError where that cannot be done."""
        write_snapshot(
            self.checkpoint.path,
            Snapshot(
                dict(self.training),
                dict(standing.generator),
                standing.epoch,
                standing.position,
                standing.total,
                history.columns,
                trainer.vector,
                trainer.state,
                watch.best if watch else None,
            ),
        )

    def resumed(
        self, trainer: Trainer, rng: np.random.Generator, course: Course
    ) -> tuple[History, Standing, np.ndarray | None]:
        """Where the file says that training stands, the trainer and the generator put there; the start without a file.

        The last of the three are the best parameters so far, where they were kept.

        Raises FileError for a file that is damaged or of another training; nothing has moved then.
        """
        path = place_of(self.checkpoint.path)
        sweep(path)
        if not path.exists():
            if not path.parent.is_dir():
                raise FileError("a folder that is not there", node=str(path.parent), cure="Make it before training.")
            return History(), Standing(), None
        snapshot = read_snapshot(path)
        with explained(path, "a checkpoint that does not fit"):
            check_same_training(path, snapshot.training, self.training)
            check_same_shapes([trainer.vector, *trainer.state], [snapshot.vector, *snapshot.state])
            if snapshot.best is not None:
                check_same_shapes([trainer.vector], [snapshot.best])
            if snapshot.position >= course.count or snapshot.position % course.batch_size:
                raise FileError("a position outside the epoch", node=str(path), found=snapshot.position)
            history = History.of_columns({name: list(numbers) for name, numbers in snapshot.columns.items()})
            if len(history.loss) != snapshot.epoch:
                raise FileError("a history without the loss", node=str(path))
            rng.bit_generator.state = as_arrays(snapshot.generator)
        trainer.vector, trainer.state = snapshot.vector, snapshot.state
        trainer.store()
        standing = Standing(snapshot.epoch, snapshot.position, snapshot.total, snapshot.generator)
        return history, standing, snapshot.best


def make_keeper(
    checkpoint: Any,
    graph: Graph,
    trainer: Trainer,
    data: tuple[Columns, Columns],
    seed: Seed,
    settings: Mapping[str, Any],
) -> Keeper | None:
    """The keeper of a training, None without a checkpoint; raises SettingError for what is no checkpoint.

    What a training is known by, beside the settings: graph, data, optimizer, the generator it starts with (unless the
    seed is None), and the kind of trainer, on which the last bits depend.
    """
    if checkpoint is None:
        return None
    if not isinstance(checkpoint, Checkpoint):
        raise SettingError(
            "not a checkpoint", found=repr(checkpoint), expected='minigrad.Checkpoint("run.checkpoint", every=1000)'
        )
    start = None if seed is None else digest([repr(make_generator(seed).bit_generator.state).encode()])
    return Keeper(
        checkpoint,
        {
            **identity(graph, [columns.rows for columns in data]),
            "optimizer": re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(trainer.optimizer)),
            "seed": start,
            "trainer": type(trainer).__name__,
            **settings,
        },
    )


def check_same_shapes(expected: Sequence[Any], found: Sequence[np.ndarray]) -> None:
    """Raises FileError unless arrays are of the same shapes and types as those they are to replace."""
    ours, theirs = ([(np.shape(array), np.asarray(array).dtype) for array in arrays] for arrays in (expected, found))
    if ours != theirs:
        raise FileError("parameters or a state of the optimizer of other shapes", found=theirs, expected=ours)
