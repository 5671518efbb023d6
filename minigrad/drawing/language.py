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
    "input": "输入",
    "hidden layer {number}": "隐藏层 {number}",
    "step {number}": "第 {number} 步",
    "losses": "损失",
    "targets": "目标",
    "Check by hand": "手工验算",
    "Network in textbook notation": "教科书记号的网络",
    "width": "线宽",
    "zero weight": "零权重",
    "above the line": "线上",
    "below it": "线下",
    "double line, ×n: a weight with n uses": "双线 ×n：共用 n 次的权重",
    "×n: used n times": "×n：共用 n 次",
    "x·δ: what one use adds to ∂L/∂w": "x·δ：一次使用对 ∂L/∂w 的贡献",
    "two bars: frozen, not trained": "双竖线：冻结，不训练",
    "dots: units left out, with their weights": "点：省略的单元及其权重",
    "edges without room for all of their labels: {count}": "没有足够标注空间的边：{count}",
    "gray level: θ(s) from {low} to {high}": "灰度：θ(s)，从 {low} 到 {high}",
    "gray level: θ(s), ± the largest of the layer": "灰度：θ(s)，以该层最大绝对值为界",
    "gray level: θ(s), from 0 to the largest of the layer": "灰度：θ(s)，从 0 到该层最大值",
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
