"""The engines that were made for one graph, to be used again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from minigrad.compiler import make_engine
from minigrad.compiler.engine import Engine, NodesEngine, StatelessEngine
from minigrad.compiler.settings import is_fixed, snapshot
from minigrad.ops.base import Op

if TYPE_CHECKING:
    from minigrad.core.plan import Plan


MAX_COPIES = 4
"""How many engines for training in float32 a graph keeps, each with a copy of the parameters."""


class GraphEngines:
    """The engines of one graph by name, type and purpose, each made when it is first asked for.

    An engine is made anew where the settings of an op have changed since. A step of training in another type than
    float64 has an engine to itself: the parameters in it are a copy, which nobody else may read or overwrite.
    """

    compiling: ClassVar[Any] = Lock()
    """Held while an engine is made: threads that ask for one at once share it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._engines: dict[Any, list[tuple[Any, Engine]]] = {}
        """Engines by name, type and purpose, each with the settings of the ops that it was made for."""

    def engine(self, name: str, dtype: np.dtype, training: bool) -> Engine:
        """Return the engine of that name and type, with `training` one that is ready soon."""
        settings = snapshot(self._changeable_ops) if self._changeable_ops else ()
        trains_copy = training and dtype != np.float64
        keys = [(name, dtype, "copy")] if trains_copy else [(name, dtype, False), (name, dtype, True)][: 1 + training]
        engine = self._earlier_engine(keys, settings)
        if engine is not None:
            return engine
        with self.compiling:
            engine = self._earlier_engine(keys, settings)  # by another thread meanwhile
            if engine is None:
                engine = make_engine(self._plan.roots, dtype, name, training=training, order=self._plan.nodes)
                only_for_training = training and isinstance(engine, StatelessEngine)  # it has to be ready soon
                key = keys[-1] if trains_copy or only_for_training else keys[0]
                earlier = [entry for entry in self._engines.get(key, []) if trains_copy and entry[0] == settings]
                self._engines[key] = [*earlier, (settings, engine)][-MAX_COPIES:]
        return engine

    def _earlier_engine(self, keys: Sequence[Any], settings: Any) -> Engine | None:
        """Return an engine that was made for one of these keys and is free, if the ops have the same settings still."""
        for key in keys:
            for its_settings, engine in self._engines.get(key, ()):
                unchanged = (settings is not None and its_settings == settings) or isinstance(engine, NodesEngine)
                if unchanged and engine.owner() is None:
                    return engine
        return None

    @cached_property
    def _changeable_ops(self) -> list[Op]:
        """The different ops whose settings may change: minigrad's own are fixed."""
        ops = [node.op for node in self._plan.nodes]
        if all(map(is_fixed, {*map(type, ops)})):
            return []
        return [op for op in {id(op): op for op in ops}.values() if op is not None and not is_fixed(type(op))]
