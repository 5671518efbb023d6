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
    "filled: positive": "实心：正",
    "open: negative": "空心：负",
    "exactly zero": "恰为零",
    "hatched: NaN or infinite": "斜线：NaN 或无穷",
    "largest {number}": "最大 {number}",
    "shown {rows} × {columns}": "显示 {rows} × {columns}",
    "Weights and their gradients": "权重及其梯度",
    "row: what is read; column: a neuron; area: size, compared with the largest of its matrix": (
        "行：输入端；列：神经元；面积：与本矩阵最大值相比的大小"
    ),
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
