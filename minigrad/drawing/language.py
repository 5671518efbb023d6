"""The words in pictures, in English and Chinese; a new language is one more column."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

CHINESE: dict[str, str] = {
    "inputs": "输入",
    "hidden layer": "隐藏层",
    "output layer": "输出层",
    "loss": "损失",
    "target": "目标",
    "bias": "偏置",
    "{count} more": "另有 {count} 个",
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
