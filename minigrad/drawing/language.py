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
    "How to read it": "读图方法",
    "Forward: right and down, solid heads, black. An output meets every weight of its line; across the lines the "
    "products add up:": "前向：向右、向下，实心箭头，黑色。每个输出沿自己的线与每个权重相乘；"
    "垂直于这些线，各乘积相加：",
    "Backward: left and up, open heads, violet. δ enters where s left and meets every weight. A cell keeps its "
    "gradient and gives back its share; the shares of one output add up along its line (inputs need none):": "反向："
    "向左、向上，空心箭头，紫色。δ 从 s 离开处进入，与每个权重相遇。每个格子留下自己的梯度，交回一份；"
    "同一输出的各份沿它的线相加（输入不需要）：",
    "zero": "零",
    "thick bar: large |w|": "条越粗，|w| 越大",
    "bold: what is added up": "粗体：相加的数",
    "in a cell, from above:": "格子中自上而下：",
    "×n: used n times, each cell with the x·δ of this use": "×n：使用 n 次，每格是这一次使用的 x·δ",
    "constant": "常数",
    "used {count} times": "使用 {count} 次",
    "the sum of {count} uses": "{count} 次使用之和",
    "an input": "输入",
    "an output": "输出",
    "{source} goes down its column, a row adds up to s": "{source}沿列向下，一行相加得 s",
    "{source} goes along its row, a column adds up to s": "{source}沿行向右，一列相加得 s",
    "The working process of a network": "网络的工作过程",
    "Other nodes": "其他节点",
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
    "times weights": "乘以权重",
    "sum": "求和",
    "activation": "激活函数",
    "next layer": "下一层",
    "every neuron k": "下一层的",
    "of the next layer": "每个神经元 k",
    "output of the graph": "计算图的输出",
    "outputs of the layer": "该层的输出",
    "slope": "斜率",
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
