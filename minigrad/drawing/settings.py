"""What every view is handed besides the graph: the pass to show, and how numbers, words and the picture shall look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, get_args

from minigrad._format import describe_value
from minigrad._validation import check_integer, check_number, check_text, impossible_setting
from minigrad.core.node import Node
from minigrad.drawing.language import LANGUAGES, Language, translate
from minigrad.drawing.snapshot import Snapshot
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Element

Direction = Literal["right", "down"]
Theme = Literal["auto", "light", "dark"]
DIRECTIONS: tuple[Direction | None, ...] = (*get_args(Direction), None)
THEMES: tuple[Theme, ...] = get_args(Theme)
WIDTH, LEAST_WIDTH = 800.0, 300.0
"""Width that pictures are laid out for, and the least that can be asked for, in pixels."""
MOST_DIGITS = 17


@dataclass(frozen=True)
class DrawSettings:
    """Options that all views share.

    Args:
        snapshot: The numbers of the pass that is shown.
        digits: Significant digits of numbers that are computed.
        title: A title over the picture; "" for none.
        width: Width that the layout shall fit into, in pixels.
        direction: Whether layers follow one another to the right or downwards; None for what suits the network.
        theme: "light" or "dark"; "auto" follows the reader's system.
        highlight: Nodes whose shapes are marked.
        language: Language of captions and legends, "en" or "zh".
        interactive: Whether a page shows the figure and changes its numbers: parts and numbers have keys, there is room
            for longer numbers, and there are no words.
    """

    snapshot: Snapshot
    digits: int = 4
    title: str = ""
    width: float = WIDTH
    direction: Direction | None = None
    theme: Theme = "auto"
    highlight: Set[Node] = field(default_factory=frozenset)
    language: Language = "en"
    interactive: bool = False

    def key(self, kind: str, *elements: Element) -> str:
        """Return the key of a quantity or of a part of an interactive figure, such as value:5; of any other "".

        Quantities are value:N, delta:N, slope:Y:S (θ′), product:A:B and share:A:S (value times δ); parts are node:N and
        edge:W:S. N is the position of a node in the graph, N.E that of an element of an array, whose quantities are
        those of its elements.
        """
        is_array = any(node.shape and index is None for node, index in elements)
        if not self.interactive or (is_array and kind not in {"node", "edge"}):
            return ""
        position = self.snapshot.graph.position
        return ":".join((kind, *(element_key(element, position) for element in elements)))

    def say(self, phrase: str, **values: object) -> str:
        """Return an English phrase in their language, with values in place of its {names}."""
        return translate(phrase, self.language).format(**values)

    def notes(self, deltas: bool = True) -> tuple[str, ...]:
        """Return what the legend says about the pass, in their language; with `deltas`, also of these."""
        return self.snapshot.notes(deltas, self.say)


def element_key(element: Element, position: Mapping[Node, int]) -> str:
    """Return what a node, or an element of an array, is called in the keys of its quantities."""
    return flat_key(position[element.node], None if element.position is None else element.offset)


def flat_key(position: int, offset: int | None) -> str:
    """Return the position of a node in its graph, and behind a point that of its element, counted row by row."""
    return str(position) if offset is None else f"{position}.{offset}"


def make_settings(
    graph: Graph,
    snapshot: Snapshot,
    *,
    digits: int = 4,
    title: str = "",
    width: float = WIDTH,
    direction: Direction | None = None,
    theme: Theme = "auto",
    highlight: Sequence[Node] = (),
    language: Language = "en",
) -> DrawSettings:
    """Return the settings of a picture; raise SettingError for impossible ones, RenderError for a foreign node."""
    for name, value, possible in (
        ("direction", direction, DIRECTIONS),
        ("theme", theme, THEMES),
        ("language", language, LANGUAGES),
    ):
        if not (value is None or isinstance(value, str)) or value not in possible:
            raise impossible_setting(name, value, f"one of {', '.join(str(option) for option in possible)}")
    if check_number(width, "width") < LEAST_WIDTH:
        raise impossible_setting("width", width, f"at least {LEAST_WIDTH:g} pixels")
    if not isinstance(highlight, (Node, Iterable)):
        raise impossible_setting("highlight", highlight, "nodes of the graph that is drawn")
    nodes = [highlight] if isinstance(highlight, Node) else list(highlight)
    for node in nodes:
        if not isinstance(node, Node) or node not in graph.position:
            found = node.title if isinstance(node, Node) else describe_value(node)
            raise RenderError("no such node to highlight", found=found, expected="nodes of the graph that is drawn")
    return DrawSettings(
        snapshot,
        check_integer(digits, "digits", 1, MOST_DIGITS),
        check_text(title, "title"),
        float(width),
        direction,
        theme,
        frozenset(nodes),
        language,
    )
