"""Colors of figures on light and on dark paper, by their meaning; the contrast of each is tested."""

from __future__ import annotations

from minigrad.drawing.figure import Color, Dash
from minigrad.drawing.settings import Theme

LIGHT: dict[Color, str] = {
    Color.PAPER: "#ffffff",
    Color.PANEL: "#f5f6f8",
    Color.INK: "#1b1f24",
    Color.MUTED: "#59626d",
    Color.RULE: "#828b96",
    Color.POSITIVE: "#0d5ea6",
    Color.NEGATIVE: "#b44a00",
    Color.BACKWARD: "#7a0f74",
    Color.ZERO: "#6a727c",
    Color.UPDATE: "#ffe08a",
    Color.LEVEL: "#c9cfd6",
    Color.POSITIVE_TINT: "#dfecf8",
    Color.NEGATIVE_TINT: "#fdecdf",
}
DARK: dict[Color, str] = {
    Color.PAPER: "#14171c",
    Color.PANEL: "#1d222a",
    Color.INK: "#e9edf2",
    Color.MUTED: "#a9b3bf",
    Color.RULE: "#788391",
    Color.POSITIVE: "#5aa9f0",
    Color.NEGATIVE: "#ffa45c",
    Color.BACKWARD: "#f3a9ee",
    Color.ZERO: "#98a3af",
    Color.UPDATE: "#5a4600",
    Color.LEVEL: "#434c58",
    Color.POSITIVE_TINT: "#15304a",
    Color.NEGATIVE_TINT: "#452813",
}
DASHES: dict[Dash, str] = {Dash.SOLID: "", Dash.NEGATIVE: "6 3.5", Dash.ZERO: "1.5 3", Dash.TARGET: "3.5 2.5"}
"""Lengths of the dashes and gaps of a stroke."""


def colors(theme: Theme) -> dict[Color, str]:
    """Return the colors of a theme; those of light paper where the reader decides."""
    return DARK if theme == "dark" else LIGHT
