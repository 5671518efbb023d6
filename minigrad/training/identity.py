"""What tells one training from another, in words: a checkpoint goes on only with the training that wrote it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property, partial
from json import dumps
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad._validation import Seed, make_generator
from minigrad.core.node import Node
from minigrad.errors import FileError
from minigrad.files.graph_spec import encode_graph

if TYPE_CHECKING:
    from minigrad.graph import Graph
    from minigrad.training.callbacks import Hooks
    from minigrad.training.data import Columns, Pair
    from minigrad.training.step import TrainingStep

Identity = Mapping[str, str]
"""What a training is made of: words for each of its parts, or a digest where words would be too long."""

DIGEST = "#"
"""How a digest begins."""
INCOMPARABLE = "not comparable"
"""What is written for a setting that cannot be compared."""
LONGEST_TEXT = 80
"""Characters of a setting that is written out; of a longer one a digest."""
MAX_DEPTH = 6
"""How deep settings within settings are compared."""
PLAIN = (bool, int, float, complex, str, bytes, type(None))


def identify(
    graph: Graph,
    step: TrainingStep,
    validation: Pair | None,
    metrics: Iterable[Any],
    seed: Seed,
    parts: Mapping[str, Hooks],
    settings: Mapping[str, Any],
) -> Identity:
    """Return the identity of a training; warn of settings of own classes that cannot be compared.

    It has, beside the plain `settings`, its graph, data, optimizer with schedules, metrics and stateful callbacks, the
    generator that it starts with, and its engine, on which the last bits depend.
    """
    _, description, _ = encode_graph(graph.outputs)
    constants = [np.ravel(node.value).tobytes() for node in graph.nodes if node.kind == "constant"]
    identity = {
        **{name: str(value) for name, value in settings.items()},
        "graph": digest(dumps(description).encode(), *constants),
        "training data": digest_of_data(step.samples, step.targets),
        "validation data": digest_of_data(*validation) if validation else "none",
        "seed": seed_text(seed),
        "engine": type(step.engine).__name__,
        **dict(setting_texts(step.optimizer, "optimizer")),
        "callbacks": ", ".join(parts) or "none",
    }
    for metric in metrics:
        identity |= setting_texts(metric, f"metric {metric.__name__}")
    for name, hooks in parts.items():
        identity |= setting_texts(hooks.callback, f"callback {name}", with_code=False)
    incomparable = [name for name, text in identity.items() if text == INCOMPARABLE]
    if incomparable:
        warnings.warn(
            f"a checkpoint cannot compare {', '.join(incomparable)}: it goes on with another one as well",
            stacklevel=2,
        )
    return identity


def check_identity(identity: Identity, expected: Identity) -> None:
    """Raise FileError, naming the first part that differs, unless a checkpoint is of just this training."""
    for name in [*expected, *(name for name in identity if name not in expected)]:
        theirs, ours = identity.get(name, "none"), expected.get(name, "none")
        if theirs == ours:
            continue
        are_digests = theirs.startswith(DIGEST) and ours.startswith(DIGEST)
        theirs, ours = ("some" if text.startswith(DIGEST) else text for text in (theirs, ours))
        raise FileError(
            "the checkpoint belongs to another training",
            found=f"a difference in the {name}" if are_digests else f"{name} {theirs}",
            expected=None if are_digests else ours,
            cure="Give this training a path of its own, or remove the file.",
        )


def seed_text(seed: Seed) -> str:
    """Return words for a seed, a digest for the state of a generator."""
    if seed is None or isinstance(seed, (int, np.integer)):
        return str(seed)
    return digest(repr(make_generator(seed).bit_generator.state).encode())


def setting_texts(
    value: Any, name: str, depth: int = MAX_DEPTH, *, with_code: bool = True
) -> Iterator[tuple[str, str]]:
    """Yield a setting and the settings that it is made of, each with its name.

    Of an object of an own class these are its attributes and, `with_code`, the code of its methods.
    """
    plain = value.item() if isinstance(value, np.generic) else value
    inner: dict[str, Any] = {}
    if type(plain) in PLAIN:
        text = repr(plain)
    elif isinstance(plain, np.ndarray) and plain.dtype != object:
        text = digest_of_arrays(plain)
    elif isinstance(plain, np.random.Generator):
        text = digest(repr(plain.bit_generator.state).encode())
    elif isinstance(plain, type):
        text = plain.__qualname__
        inner = own_code(plain)
    elif isinstance(plain, Node):
        text = plain.title
    elif isinstance(plain, CodeType):
        text = digest(*code_parts(plain))
    elif isinstance(plain, np.ufunc) or type(plain).__name__ == "builtin_function_or_method":
        text = plain.__name__
    elif depth == 0:
        text = INCOMPARABLE
    else:
        text, inner = describe_object(plain, with_code)
    yield name, text if len(text) <= LONGEST_TEXT else digest(text.encode())
    for key, item in inner.items():
        yield from setting_texts(item, name + key, depth - 1, with_code=with_code)


def describe_object(value: Any, with_code: bool) -> tuple[str, dict[str, Any]]:
    """Return words for an object, and the settings in it by the ends of their names."""
    text = type(value).__qualname__
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        closed = dict(zip(value.__code__.co_freevars, cells, strict=True))
        defaults = (value.__defaults__, value.__kwdefaults__)
        inner = {" code": value.__code__, " defaults": defaults, **{f", {key}": item for key, item in closed.items()}}
        return value.__qualname__, inner if is_own(value) else {}
    if isinstance(value, MethodType):
        return text, {" object": value.__self__, " function": value.__func__}
    if isinstance(value, partial):
        return text, {" function": value.func, " arguments": value.args, " keywords": value.keywords}
    if isinstance(value, (list, tuple)):
        return f"{text} of {len(value)}", {f"[{index}]": item for index, item in enumerate(value)}
    if isinstance(value, Mapping):
        return f"{text} of {len(value)}", {f"[{key!r}]": value[key] for key in sorted(value, key=repr)}
    if isinstance(value, (set, frozenset)):
        return f"{text} of {len(value)}", {" items": sorted(map(repr, value))}
    attributes = attributes_of(value)
    if attributes is None:
        return INCOMPARABLE, {}
    inner = {f".{key}": item for key, item in attributes.items()}
    return text, {**inner, **own_code(type(value))} if with_code else inner


def attributes_of(value: Any) -> dict[str, Any] | None:
    """Return the settings among the attributes of an object; None where it does not show them.

    Of a dataclass these are the arguments it is made with; of an object with `state` what is neither in that state nor
    private.
    """
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    try:
        attributes = vars(value)
    except TypeError:
        return None
    changing = state_names(value)
    return {
        name: attributes[name]
        for name in sorted(attributes)
        if not isinstance(getattr(type(value), name, None), cached_property)
        and (changing is None or not (name in changing or name.startswith("_")))
    }


def state_names(value: Any) -> set[str] | None:
    """Return the names in the state of an object that has one, None for another."""
    state = getattr(value, "state", None)
    if not callable(state) or not callable(getattr(value, "load_state", None)):
        return None
    try:
        return {*state()}
    except Exception:  # there is no state before training begins
        return set()


def own_code(kind: type) -> dict[str, Any]:
    """Return the methods and plain attributes of a class and its bases, except those of minigrad."""
    inner: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if is_own(base):
            for key, item in vars(base).items():
                function = getattr(item, "__func__", getattr(item, "fget", item))
                if isinstance(function, FunctionType) and not is_dataclass_method(function):
                    inner[f".{key} code"] = function.__code__
                elif type(item) in PLAIN and not key.startswith("__"):
                    inner[f".{key}"] = item
    return inner


def is_own(item: Any) -> bool:
    """Return whether a class or function is the user's: neither Python's, NumPy's nor minigrad's."""
    return str(item.__module__).partition(".")[0] not in ("builtins", "minigrad", "numpy", "typing", "abc", "enum")


def is_dataclass_method(function: FunctionType) -> bool:
    """Return whether `dataclass` wrote a method, from text of its own."""
    return function.__code__.co_filename.startswith("<string>")


def code_parts(code: CodeType) -> Iterator[bytes]:
    """Yield what the result of some code depends on, its place in a file left out."""
    yield code.co_code
    yield repr(code.co_names + code.co_varnames).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_parts(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant))).encode()
        else:
            yield repr(constant).encode()


def digest_of_data(*data: Columns) -> str:
    """Return the digest of the numbers in some data, whatever type they have."""
    return digest_of_arrays(*(part.rows.astype(np.float64, copy=False) for part in data))


def digest_of_arrays(*arrays: np.ndarray) -> str:
    """Return the digest of some arrays with their shapes and types."""
    heads = [f"{array.shape} {array.dtype}".encode() for array in arrays]
    return digest(*heads, *(np.ascontiguousarray(array).tobytes() for array in arrays))


def digest(*contents: bytes) -> str:
    """Return a short hash of some contents."""
    from hashlib import sha256  # loads OpenSSL, for which `import minigrad` would wait

    result = sha256()
    for content in contents:
        result.update(len(content).to_bytes(8, "little") + content)
    return DIGEST + result.hexdigest()[:16]
