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


class GraphEngines:
    """The engines of one graph by name, type and purpose, each made when it is first asked for.

    An engine is made anew where the settings of an op have changed since.
    """

    compiling: ClassVar[Any] = Lock()
    """Held while an engine is made: threads that ask for one at once share it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._engines: dict[Any, tuple[Any, Engine]] = {}

    def engine(self, name: str, dtype: np.dtype, training: bool) -> Engine:
        """Return the engine of that name and type, with `training` one that is ready soon."""
        settings = snapshot(self._changeable_ops) if self._changeable_ops else ()
        keys = [(name, dtype, False), (name, dtype, True)]
        engine = self._earlier_engine(keys[: 1 + training], settings)
        if engine is not None:
            return engine
        with self.compiling:
            engine = self._earlier_engine(keys[: 1 + training], settings)  # by another thread meanwhile
            if engine is None:
                engine = make_engine(self._plan.roots, dtype, name, training=training, order=self._plan.nodes)
                only_for_training = training and isinstance(engine, StatelessEngine)  # it has to be ready soon
                self._engines[keys[only_for_training]] = settings, engine
        return engine

    def _earlier_engine(self, keys: Sequence[Any], settings: Any) -> Engine | None:
        """Return the engine that was made for one of these keys, if the settings of the ops are still the same."""
        for key in keys:
            made_for, engine = self._engines.get(key, (None, None))
            unchanged = settings is not None and made_for == settings
            if engine is not None and (unchanged or isinstance(engine, NodesEngine)):
                return engine
        return None

    @cached_property
    def _changeable_ops(self) -> list[Op]:
        """The different ops whose settings may change: minigrad's own are fixed."""
        ops = [node.op for node in self._plan.nodes]
        if all(map(is_fixed, {*map(type, ops)})):
            return []
        return [op for op in {id(op): op for op in ops}.values() if op is not None and not is_fixed(type(op))]
