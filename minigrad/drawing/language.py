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
    "{count} weight": "{count} 个权重",
    "{count} weights": "{count} 个权重",
    "mean": "均值",
    "width |{name}|": "线宽 |{name}|",
    "above the line w, below it {gradient}": "线上 w，线下 {gradient}",
    "{share} flows back": "{share} 反向传播",
    "after the step": "更新之后",
    "output within its range": "输出在其值域中的高低",
    "×n: used n times, ∂L/∂w is the sum": "×n：共用 n 次，∂L/∂w 为总和",
    "used several times": "多次使用",
    "frozen": "冻结",
    "neurons view": "神经元视图",
    "update view": "更新视图",
    "health view": "健康视图",
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
