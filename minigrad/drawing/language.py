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
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
