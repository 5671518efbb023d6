"""The options of one call of `Network.fit`, all checked here before anything moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad._validation import check_bool, check_dtype, check_integer, impossible_setting, make_generator
from minigrad.compiler import ENGINES
from minigrad.errors import SettingError
from minigrad.optim import SGD, FullBatchOptimizer, Optimizer, checked_optimizer, is_full_batch
from minigrad.training.callbacks import (
    EarlyStopping,
    Hooks,
    StopOnNonFinite,
    check_callbacks,
    make_hooks,
    make_optimizer_hooks,
)
from minigrad.training.checkpoint import Checkpoint
from minigrad.training.data import is_fraction
from minigrad.training.metrics import Metric, check_metrics


@dataclass(frozen=True)
class FitOptions:
    """The options of `Network.fit`, in its order; the callbacks sorted by what the training loop does with them."""

    optimizer: Optimizer | FullBatchOptimizer
    epochs: int
    batch_size: int
    validation: Any
    stratify: bool
    metrics: tuple[Metric, ...]
    sample_weight: Any
    shuffle: bool
    rng: np.random.Generator
    callbacks: tuple[Hooks, ...]
    checkpoint: Checkpoint | None
    non_finite: StopOnNonFinite | None
    progress: bool
    engine: str
    dtype: np.dtype
    steps: int | None
    warm_start: bool


def check_options(
    *,
    has_targets: bool,
    optimizer: Any,
    epochs: Any,
    batch_size: Any,
    validation: Any,
    stratify: Any,
    metrics: Any,
    sample_weight: Any,
    shuffle: Any,
    seed: Any,
    callbacks: Any,
    progress: Any,
    engine: Any,
    dtype: Any,
    steps: Any,
    warm_start: Any,
) -> FitOptions:
    """Return the options of one call; raise SettingError for one that is impossible, alone or beside the others."""
    rng = make_generator(seed)
    callbacks = check_callbacks(callbacks)
    checkpoint = only_one(Checkpoint, callbacks)
    rule = checked_rule(optimizer)
    hooks = [make_hooks(item) for item in callbacks if not isinstance(item, (Checkpoint, StopOnNonFinite))]
    options = FitOptions(
        optimizer=rule,
        epochs=check_integer(epochs, "epochs", 0),
        batch_size=check_integer(batch_size, "batch_size", 1),
        validation=validation,
        stratify=check_bool(stratify, "stratify"),
        metrics=check_metrics(metrics),
        sample_weight=sample_weight,
        shuffle=check_bool(shuffle, "shuffle"),
        rng=rng,
        callbacks=(*hooks, *make_optimizer_hooks(rule, callbacks)),
        checkpoint=checkpoint,
        non_finite=only_one(StopOnNonFinite, callbacks),
        progress=check_bool(progress, "progress"),
        engine=check_engine(engine),
        dtype=check_dtype(dtype),
        steps=None if steps is None else check_integer(steps, "steps", 0),
        warm_start=check_bool(warm_start, "warm_start"),
    )
    if options.stratify and not (options.shuffle and is_fraction(validation)):
        raise SettingError(
            "only a share that is drawn at random can be stratified",
            found=f"validation={validation!r}, shuffle={options.shuffle}"[:100],
            cure="Pass validation=0.2, for example, and shuffle=True.",
        )
    if validation is None and any(isinstance(item, EarlyStopping) for item in callbacks):
        raise SettingError("early stopping needs validation data", cure="Pass validation=(X, T), or validation=0.2.")
    if is_full_batch(options.optimizer) and options.dtype != np.float64:
        raise SettingError(
            "full-batch optimizers compute in float64 only", found=f"{options.optimizer!r} in {options.dtype}"
        )
    if options.warm_start and checkpoint is not None:
        raise SettingError(
            "warm_start and a checkpoint exclude each other", cure="A checkpoint already goes on where training ended."
        )
    if not has_targets:
        check_stream_options(options)
    return options


def check_stream_options(options: FitOptions) -> None:
    """Raise SettingError where an option is used that needs all samples in memory."""
    used = {
        "a checkpoint": options.checkpoint is not None,
        "steps": options.steps is not None,
        "sample_weight": options.sample_weight is not None,
        "metrics without validation": bool(options.metrics) and options.validation is None,
        "a validation share": is_fraction(options.validation),
        "batch_size": options.batch_size != 1,
        "a full-batch optimizer": is_full_batch(options.optimizer),
    }
    if any(used.values()):
        names = ", ".join(name for name, is_used in used.items() if is_used)
        raise SettingError("these options need all samples in memory", found=names, cure="Pass all samples as arrays")


def checked_rule(optimizer: Any) -> Optimizer | FullBatchOptimizer:
    """Return an optimizer of either kind, SGD for None; raise SettingError for anything else."""
    if is_full_batch(optimizer):
        return optimizer
    return SGD() if optimizer is None else checked_optimizer(optimizer)


def check_engine(engine: Any) -> str:
    """Return the name of an engine; raise SettingError for another."""
    if not isinstance(engine, str) or engine not in ("auto", *ENGINES):
        raise impossible_setting("engine", engine, f"one of auto, {', '.join(ENGINES)}")
    return engine


def only_one(kind: type[Any], callbacks: tuple[Any, ...]) -> Any:
    """Return the one callback of a kind, None without; raise SettingError for more than one."""
    members = [item for item in callbacks if isinstance(item, kind)]
    if len(members) > 1:
        raise SettingError(f"more than one {kind.__name__}", found=len(members), expected="at most one")
    return members[0] if members else None
