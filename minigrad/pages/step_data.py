"""Steps and equations as pages read them, and the templates that equations share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.symbolic import Formula, Symbol
from minigrad.symbolic.slots import slot_template

LONGEST_TEMPLATE = 6000
"""Characters of markup beyond which an equation is shown without its right-hand side."""


class Templates:
    """Formulas in MathML with slots, each written once for all equations of its form."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def markup(self) -> list[str]:
        """The templates in the order of their numbers."""
        return [*self._numbers]

    def number(self, markup: str) -> int:
        """Return the number of a template."""
        return self._numbers.setdefault(markup, len(self._numbers))

    def equation(self, left: str, formula: Formula | None, first: Sequence[Symbol] = ()) -> dict[str, Any]:
        """Return the equation of a quantity: its key, its template, and the keys of what stands in the slots.

        Without a formula that a reader can take in, the template is None: only the result is shown.
        """
        template = None if formula is None else slot_template(formula, first)
        if template is None or len(template.markup) > LONGEST_TEMPLATE:
            return {"left": left, "template": None, "slots": []}
        slots = [symbol.text for symbol in template.symbols]
        return {"left": left, "template": self.number(template.markup), "slots": slots}
