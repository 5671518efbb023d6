"""A learning rate: a number, or a schedule that gives one for every step."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, runtime_checkable

from minigrad.settings import check_rate


@runtime_checkable
class Schedule(Protocol):
    """A learning rate that changes: a pure function of how many steps were made, 0 at the first.

    A step is one update of the parameters, not an epoch. `step` comes as an array of one number, or as one under
    recording: compute with operators and NumPy's ufuncs.
    """

    def at(self, step: Any) -> Any:
        """The learning rate of that step."""
        ...


Rate: TypeAlias = float | Schedule


def check_learning_rate(rate: Any, name: str = "lr") -> None:
    """Raises SettingError unless the setting is a schedule or a finite number of at least 0."""
    if isinstance(rate, type) or not isinstance(rate, Schedule):
        check_rate(rate, name)


def rate_at(rate: Rate, step: Any) -> Any:
    """The learning rate of a step, whether it changes or not."""
    return rate.at(step) if isinstance(rate, Schedule) else rate
