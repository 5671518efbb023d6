"""The recorder: a callback that keeps the parameters and the loss of moments of a training, to replay it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from math import nan
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import check_bool, check_integer
from minigrad.core.parameters import ParameterLayout
from minigrad.errors import FileError, SettingError
from minigrad.training.callbacks import callback_settings, check_settings
from minigrad.training.history import Progress

if TYPE_CHECKING:
    from minigrad.drawing.settings import Theme
    from minigrad.pages.assembly import PageLanguage
    from minigrad.pages.page import Page
    from minigrad.pages.widget import LiveView
    from minigrad.training.network import Network

MOST_NUMBERS = 1_000_000
"""How many numbers all frames have together; a page with so many is about 2 MB large."""
MOST_DATA = 8_000
"""How many numbers of the data a recording keeps, in whole rows, but at least `FEWEST_ROWS` of these."""
MOST_ROWS, FEWEST_ROWS = 200, 20


class TrainingFrame(NamedTuple):
    """Moment of a training: all parameters in a flat vector, and what was measured last."""

    epoch: int
    """Epochs completed; within an epoch its number, counted from 1."""
    step: int
    measured: Mapping[str, float]
    """The loss of the epoch so far, and the validation loss and metrics after the last one, as `History.columns`."""
    parameters: np.ndarray


class Recording(NamedTuple):
    """Frames of a training, its network, and some of its data as rows of numbers."""

    network: Network
    frames: list[TrainingFrame]
    samples: np.ndarray
    targets: np.ndarray
    by_epochs: bool
    """Whether frames are so many epochs apart, and not so many steps."""


class EvenFrames:
    """Frames of a training of any length: evenly spaced, from the first to the last, and never more than a limit.

    Of the moments at which a frame is due every `distance`-th is kept; when there are too many, every second goes.
    """

    def __init__(self) -> None:
        self.spaced: list[TrainingFrame] = []
        self.last: TrainingFrame | None = None
        """The end of the last fit, where that is none of the others."""
        self.distance = 1
        self.moments = 0
        """How many moments were due."""

    @property
    def all(self) -> list[TrainingFrame]:
        """Return all frames in order."""
        return [*self.spaced, *([] if self.last is None else [self.last])]

    def add_due(self, make_frame: Callable[[], TrainingFrame], limit: int) -> None:
        """Count a moment at which a frame is due, and make its frame if it is one of those that are kept."""
        if self.moments % self.distance == 0:
            self.spaced.append(make_frame())
            self.last = None
            self.thin_out(limit)
        self.moments += 1

    def end(self, frame: TrainingFrame, limit: int) -> None:
        """Keep the frame of the end of training, unless it is there already."""
        newest = self.spaced[-1]
        is_new = frame.step != newest.step or not np.array_equal(frame.parameters, newest.parameters, equal_nan=True)
        self.last = frame if is_new else None
        self.thin_out(limit)

    def thin_out(self, limit: int) -> None:
        """Drop every second of the spaced frames if there are too many."""
        if len(self.all) > limit:
            del self.spaced[1::2]
            self.distance *= 2


@dataclass
class Recorder:
    """Record a training, to replay it in a page: the parameters and the loss after every epoch, or more often.

    A callback for `Network.fit`; behind EarlyStopping in the list it also sees the parameters that this returns to. It
    goes on in further fits of the same network. When there are `max_frames` frames, every second one is dropped and
    only every second is kept from then on: however long training is, the frames stay evenly spaced, from the first to
    the last. A network of more than 5,000 parameters gets fewer, so that all frames together have a million numbers.

    Args:
        every: Steps between two frames, at least 1; None for a frame after every epoch, which costs the least time.
        max_frames: The largest number of frames, at least 3.
        live: Whether a notebook shows the page already while `fit` goes on, below the cell, with anywidget (the extra
            `widget`). It is brought up to date ten times a second at most, in at most 5 % of the time.

    Raises:
        SettingError: If a setting is out of range.
        RenderError: By `fit`, before it begins, with `live` where anywidget is not installed.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([2, 4, 1], mg.tanh, mg.sigmoid, rng=0))
        >>> X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> record = mg.Recorder()
        >>> history = network.fit(X, T, mg.SGD(0.5), epochs=300, callbacks=[record], progress=False)
        >>> record
        <Recorder: 151 frames of 17 parameters, epochs 0 to 300>
        >>> record.page(title="XOR").title
        'XOR'
    """

    every: int | None = None
    max_frames: int = 200
    live: InitVar[bool] = False
    _live: bool = field(default=False, init=False, repr=False, compare=False)
    _view: LiveView | None = field(default=None, init=False, repr=False, compare=False)
    """What a notebook shows of the fit under way."""
    _frames: EvenFrames = field(default_factory=EvenFrames, init=False, repr=False, compare=False)
    _network: Network | None = field(default=None, init=False, repr=False, compare=False)
    _data: tuple[np.ndarray, np.ndarray] | None = field(default=None, init=False, repr=False, compare=False)
    """Some of the samples and targets of the last fit."""
    _order: np.ndarray = field(default_factory=lambda: np.zeros(0, int), init=False, repr=False, compare=False)
    """Where the numbers of `Progress.snapshot` stand in a frame."""
    _layout: ParameterLayout = field(default_factory=lambda: ParameterLayout(()), init=False, repr=False, compare=False)
    """How the parameters of the network stand in a frame."""
    _before: tuple[int, int] = field(default=(0, 0), init=False, repr=False, compare=False)
    """Epochs and steps of earlier fits."""
    _measured: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Validation loss and metrics after the last epoch."""

    def __post_init__(self, live: bool) -> None:
        self._live = check_bool(live, "live")
        if self.every is not None:
            check_integer(self.every, "every", 1)
        check_integer(self.max_frames, "max_frames", 3)

    def __repr__(self) -> str:
        frames = self.frames
        if not frames:
            return "<Recorder: no frames>"
        count = f"{len(frames)} frame{'s' if len(frames) > 1 else ''} of {frames[0].parameters.size:,} parameters"
        return f"<Recorder: {count}, epochs {frames[0].epoch} to {frames[-1].epoch}>"

    @property
    def frames(self) -> list[TrainingFrame]:
        """Return what was recorded so far, in order; the first frame is from before training."""
        return self._frames.all

    def page(
        self,
        *,
        title: str = "",
        language: PageLanguage = "auto",
        theme: Theme = "auto",
        image: tuple[int, int] | None = None,
    ) -> Page:
        """Return a page that replays the training.

        It has a slider over the frames with the curve of the loss; a figure of the network; a histogram of δ for each
        layer; for two inputs a map of each neuron over the plane; for images the weights of each neuron of the first
        layer as a small image.

        Args:
            title: The title; by default a general one.
            language: "en" or "zh"; "auto" for the reader's.
            theme: "light" or "dark"; "auto" follows the reader's system.
            image: Height and width of the images that the inputs are, row by row. By default a square number of inputs,
                16 or more, is taken as the pixels of a square image; pass (1, number of inputs) where they are none.

        Returns:
            A page, whose `save` writes one HTML file that needs no network.

        Raises:
            SettingError: If nothing is recorded yet, or a setting is out of range.

        Example:
            See `Recorder`.
        """
        from minigrad.pages.replay import replay_page  # not needed to record

        recording = self._recording()
        return replay_page(recording, title=title, language=language, theme=theme, image=image)

    def _recording(self) -> Recording:
        """Return what a page shows; raise SettingError if nothing is recorded yet."""
        if self._network is None or self._data is None:
            raise SettingError(
                "nothing is recorded yet",
                node=repr(self),
                cure="Train with this recorder first: network.fit(X, T, callbacks=[record]).",
            )
        return Recording(self._network, self.frames, *self._data, by_epochs=self.every is None)

    def start(self, progress: Progress) -> None:
        """Record the parameters before training, or go on after an earlier fit; called by `fit`.

        Args:
            progress: Where training stands.

        Raises:
            SettingError: If this recorder has recorded another network.
            RenderError: With `live`, if anywidget is not installed.

        Example:
            See `Recorder`.
        """
        network, frames = progress.network, self.frames
        if frames and self._network is not network:
            raise SettingError(
                "this recorder has recorded another network",
                node=repr(self),
                found=repr(network),
                expected=repr(self._network),
                cure="Make a new Recorder for each network.",
            )
        self._network, self._data = network, None
        self._layout = ParameterLayout(network.parameters)
        moving = ParameterLayout([*progress.parameters])
        offsets = dict(zip(self._layout.parameters, self._layout.offsets, strict=False))
        shifts = np.array([offsets[parameter] for parameter in moving.parameters], int) - moving.offsets[:-1]
        self._order = np.arange(moving.size) + np.repeat(shifts, np.diff(moving.offsets))
        if frames:
            self._before = frames[-1].epoch - progress.epoch, frames[-1].step - progress.step
        else:
            self._record(progress)
        if self._live:
            from minigrad.pages.widget import LiveView  # not needed to record

            self._data = self._data or some_rows(progress)
            self._view = LiveView(self._recording())
            self._view.display()

    @property
    def step_end(self) -> Callable[[Progress], None] | None:
        """Return what `fit` calls after every `every` steps; None where it is not to be interrupted within an epoch."""
        return None if self.every is None else self._record

    def epoch_end(self, progress: Progress) -> None:
        """Record the end of an epoch, or at least what was measured after it; called by `fit`.

        Args:
            progress: The record of the epoch.

        Example:
            See `Recorder`.
        """
        validation_loss = progress.validation_loss
        measured = {} if validation_loss is None else {"validation_loss": validation_loss}
        self._measured = {**measured, **progress.metrics}
        if self.every is None:
            self._record(progress)
        elif (newest := self.frames[-1]).step == self._before[1] + progress.step:
            self._frames.spaced[-1] = self._frame(progress)._replace(parameters=newest.parameters)

    def finish(self, progress: Progress) -> None:
        """Record the end of training; called by `fit`.

        Args:
            progress: The record of the last epoch.

        Example:
            See `Recorder`.
        """
        self._frames.end(self._frame(progress), self._limit)
        if self._view is not None:
            self._view.finish(self._recording())
            self._view = None  # the notebook keeps it

    def _record(self, progress: Progress) -> None:
        """Record this moment, if it is one of those that are kept."""
        self._frames.add_due(lambda: self._frame(progress), self._limit)
        if self._view is not None:
            self._view.update(self._recording)

    @property
    def _limit(self) -> int:
        """Return the largest number of frames of this network."""
        return max(3, min(self.max_frames, MOST_NUMBERS // max(self._layout.size, 1)))

    def _frame(self, progress: Progress) -> TrainingFrame:
        """Return this moment as a frame; keep some of the data the first time."""
        if self._data is None:
            self._data = some_rows(progress)
        parameters = np.empty(self._layout.size)
        if self._order.size < parameters.size:
            parameters[:] = self._layout.read()  # some are frozen
        parameters[self._order] = progress.snapshot()
        parameters.setflags(write=False)
        epochs, steps = self._before
        measured = {"loss": progress.loss, **self._measured}
        return TrainingFrame(epochs + progress.epoch, steps + progress.step, measured, parameters)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: the settings, and all frames.

        Returns:
            A dictionary of numbers and arrays.

        Example:
            >>> import minigrad as mg
            >>> mg.Recorder(every=5).state()["every"]
            5
        """
        frames = self._frames
        shape = len(frames.spaced), self._layout.size
        names = sorted({name for frame in frames.spaced for name in frame.measured})
        return {
            **callback_settings(self),
            "distance": frames.distance,
            "moments": frames.moments,
            "before": self._before,
            "measured": self._measured,
            "positions": np.array([frame[:2] for frame in frames.spaced], int).reshape(-1, 2),
            "columns": {name: np.array([frame.measured.get(name, nan) for frame in frames.spaced]) for name in names},
            "parameters": np.array([frame.parameters for frame in frames.spaced]).reshape(shape),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned.

        Args:
            state: The state in a checkpoint.

        Raises:
            FileError: If it was written with other settings, or for another network.

        Example:
            >>> import minigrad as mg
            >>> record = mg.Recorder(every=5)
            >>> record.load_state(mg.Recorder(every=5).state())
        """
        if not isinstance(state, dict) or state.keys() != self.state().keys():
            raise FileError("not the state of this callback", node="Recorder", found=describe_value(state))
        check_settings(self, state)
        frames = EvenFrames()
        try:
            frames.distance, frames.moments = (check_integer(state[name], name, 0) for name in ("distance", "moments"))
            epochs, steps = map(index, state["before"])
            positions, parameters, columns = state["positions"].tolist(), state["parameters"], state["columns"]
            rows = zip(*(column.tolist() for column in columns.values()), strict=True)
            for (epoch, step), row, vector in zip(positions, rows, parameters, strict=True):
                measured = {name: float(number) for name, number in zip(columns, row, strict=True)}
                frames.spaced.append(TrainingFrame(index(epoch), index(step), measured, vector))
            measured = {str(name): float(number) for name, number in state["measured"].items()}
            if parameters.dtype != np.float64 or parameters.shape[1] != (self._layout.size or parameters.shape[1]):
                raise ValueError
        except (AttributeError, TypeError, ValueError, IndexError) as error:
            raise FileError("not the state of this callback", node="Recorder", found=describe_value(state)) from error
        self._frames, self._before, self._measured = frames, (epochs, steps), measured


def some_rows(progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return samples and targets of the data of a training, one row of numbers each, evenly spaced over all of them."""
    samples, targets = progress.data
    wanted = MOST_DATA // max(samples[0].size + targets[0].size, 1)
    count = min(len(samples), MOST_ROWS, max(FEWEST_ROWS, wanted))
    rows = np.linspace(0, len(samples) - 1, count).round().astype(int)
    return samples[rows].reshape(count, -1), targets[rows].reshape(count, -1)
