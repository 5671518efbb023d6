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
    "Forward": "前向",
    "Backward": "反向",
    "cells: what is read × weight; each line adds up to s": "格：输入 × 权重；每一行（列）相加得 s",
    "cells: the gradient ∂L/∂w = what is read × δ, so each grid is one table of products": (
        "格：梯度 ∂L/∂w = 输入 × δ，所以每个方阵是一张乘积表"
    ),
    "area, length: size, compared with the largest of its group": "面积、长度：与本组最大值相比的大小",
    "⋯ left out, how many; sums go over all cells, also over these": "⋯ 省略的个数；求和包括所有格，也包括省略的",
    "A weight that is used several times has a cell for each use; its gradient ∂L/∂w is their sum.": (
        "多次使用的权重每次使用占一格；它的梯度 ∂L/∂w 是这些格之和。"
    ),
    "An input of 0 sends nothing, and its weights learn nothing: empty columns above and below.": (
        "值为 0 的输入不传递任何东西，它的权重也学不到东西：上下两处都是空列。"
    ),
    "The working process of a {sizes} network": "{sizes} 网络的工作过程",
    "thick line: target": "粗线：目标",
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
