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
    "times weights": "乘以权重",
    "sum": "求和",
    "activation": "激活函数",
    "next layer": "下一层",
    "every neuron k": "下一层的",
    "of the next layer": "每个神经元 k",
    "output of the graph": "计算图的输出",
    "outputs of the layer": "该层的输出",
    "slope": "斜率",
    "frozen": "已冻结",
    "shared weight": "共享权重",
    "this use:": "本次使用：",
    "sum of {count} uses:": "{count} 次使用之和：",
    "a point on the curve for each sample": "曲线上每个样本一个点",
    "the gradient of a weight: what came in forward, times what came in backward": (
        "权重的梯度：前向输入乘以反向传来的值"
    ),
    "The neuron {name}, forward and backward": "神经元 {name} 的前向与反向",
    "{count} inputs are multiplied by their weights and added up to {s}.": "{count} 个输入乘以各自的权重并求和，{s}。",
    "The activation {name} gives the output {h}; its slope at this point is {slope}.": (
        "激活函数 {name} 给出输出 {h}，此处斜率为 {slope}。"
    ),
    "Backward comes {gradient}, which makes {delta}; the gradient of each weight is its input times δ.": (
        "反向传来 {gradient}，得到 {delta}；每个权重的梯度等于其输入乘以 δ。"
    ),
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
