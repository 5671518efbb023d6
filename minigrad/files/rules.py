"""An op as plain data: its label, and the settings it was made with."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from minigrad.errors import FileError
from minigrad.ops.op import Op, registry

Settings = dict[str, Any]

PLAIN = (bool, int, str, type(None))
"""Settings that JSON writes as they are."""


def settings_of(op: Op) -> Settings:
    """The settings of an op in JSON's words; raises FileError for an op that could not be made anew from them."""
    made = type(op)
    label = getattr(made, "label", None)
    if label is None or registry.get(label) is not made:
        raise FileError(
            f"the op {label!r} is not registered",
            node=made.__qualname__,
            cure="Give its class a label of its own, so that a file can name it",
        )
    names = [field.name for field in fields(made) if field.init]
    hidden = [name for name in vars(op) if name not in names and not cached(made, name)]
    if hidden:
        raise FileError(
            f"the op {label!r} holds more than the fields of a dataclass",
            found=", ".join(hidden),
            cure="Make it a frozen dataclass",
        )
    settings = {name: written(getattr(op, name), f"{label!r}, {name}") for name in names}
    if op_of(label, settings) != op:
        raise FileError(f"the op {label!r} is not the same when it is made anew", found=repr(op))
    return settings


def op_of(label: Any, settings: Settings) -> Op:
    """The op of a label, made with these settings; raises FileError where there is none such."""
    if not isinstance(label, str) or label not in registry:
        raise FileError(
            f"the op {label!r} is not registered", cure="Import or define it first, then read the file again"
        )
    made = registry[label]
    known = {field.name: field.default for field in fields(made) if field.init}
    if not isinstance(settings, dict) or not settings.keys() <= known.keys():
        raise FileError(f"the op {label!r} does not have these settings", found=repr(settings)[:200])
    values = {name: read(value, label) for name, value in settings.items()}
    for name, value in values.items():
        if not suits(value, known[name]):
            raise FileError(
                f"the op {label!r} has a setting of another kind",
                node=name,
                found=repr(value)[:80],
                expected=known[name],
            )
    try:
        return made(**values)
    except Exception as error:
        raise FileError(f"the op {label!r} cannot be made with these settings", found=str(error)[:200]) from error


def written(value: Any, what: str) -> Any:
    """A setting in JSON's words: a tuple as a list, a number that JSON does not know by its name."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, PLAIN):
        return plain
    if isinstance(plain, float):
        return plain if isfinite(plain) else {"float": repr(plain)}
    if isinstance(plain, tuple):
        return [written(item, what) for item in plain]
    raise FileError("a setting that cannot be written", node=what, found=repr(value)[:80], expected="numbers or text")


def read(value: Any, label: str) -> Any:
    """A setting from JSON's words."""
    if isinstance(value, (*PLAIN, float)):
        return value
    if isinstance(value, list):
        return tuple([read(item, label) for item in value])
    if isinstance(value, dict) and value.keys() == {"float"} and value["float"] in ("inf", "-inf", "nan"):
        return float(value["float"])
    raise FileError(f"the op {label!r} has a setting that cannot be read", found=repr(value)[:80])


def suits(value: Any, default: Any) -> bool:
    """Whether a setting is of the kind that its default is of; a whole number suits where a number does."""
    if default is MISSING or default is None:
        return True
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is type(default)


def cached(made: type[Op], name: str) -> bool:
    """Whether a name is a property that an op works out once and keeps."""
    return isinstance(getattr(made, name, None), cached_property)
