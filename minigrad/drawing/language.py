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
    "value": "值",
    "path {number}": "路径 {number}",
    "{count} node more": "另有 {count} 个节点",
    "{count} nodes more": "另有 {count} 个节点",
    "Nodes in between are left out; a gray box stands for them.": "中间的节点已省略，由灰色方框代替。",
    "Box:  a node with its value and  ∂L/∂node,  δ of a weighted sum.  Ellipse:  the op that makes a node.": (
        "方框：节点及其值和 ∂L/∂节点，加权和的为 δ。椭圆：产生节点的运算。"
    ),
    "On an edge:  ∂ = ∂result/∂operand, the local derivative.  ∂L/∂operand sums  ∂ · ∂L/∂result  over its edges.": (
        "边上：∂ = ∂结果/∂操作数，即局部导数。∂L/∂操作数是各边  ∂ · ∂L/∂result  之和。"
    ),
    "Box:  a node with its value and  ∂L/∂node,  δ of a weighted sum.": "方框：节点及其值和 ∂L/∂节点，加权和的为 δ。",
    "On an edge:  ∂ = ∂child/∂parent, the local derivative;  ╍╍▶ negative   ┈┈▶ zero.": (
        "边上：∂ = ∂子/∂父，即局部导数；╍╍▶ 负   ┈┈▶ 零。"
    ),
    "Above:  every node with its formula and its value;   ━━▶ an operand.": (
        "上方：每个节点及其公式和值；━━▶：操作数。"
    ),
    "Beneath, under each node:  its derivative ∂L/∂node, δ of a weighted sum, read from the backward rules;": (
        "下方，各节点之下：由反向规则得到的导数 ∂L/∂节点，加权和的为 δ；"
    ),
    "◀━━ violet: a derivative that another one reads.   The values it reads stand in its formula by their names.": (
        "◀━━ 紫色：被另一个导数读取的导数。它读取的值以名称写在公式中。"
    ),
    "weights": "权重",
    "biases": "偏置",
    "mean |w|": "平均 |w|",
    "mean |output|": "平均 |输出|",
    "mean |value|": "平均 |值|",
    "mean |δ|": "平均 |δ|",
    "mean |⟨δ⟩|": "平均 |⟨δ⟩|",
    "The layers of a network": "网络的各层",
    "each box: one layer; means over its neurons and the samples; δ = ∂L/∂s; on each arrow: its connections": (
        "方框：一层；对该层神经元和样本取平均；δ = ∂L/∂s；箭头上：连接数"
    ),
    "mean |δ| much smaller in front than behind: δ vanishes on its way back; much larger: it explodes": (
        "前面的平均 |δ| 比后面小得多：δ 在回传中消失；大得多：爆炸"
    ),
    "Forward": "前向",
    "Backward": "反向",
    "cells: what is read × weight; each line adds up to s": "格：输入 × 权重；每一行（列）相加得 s",
    "cells: the gradient ∂L/∂w = what is read × δ, so each grid is one table of products": (
        "格：梯度 ∂L/∂w = 输入 × δ，所以每个方阵是一张乘积表"
    ),
    "area, length: size, compared with the largest of its group": "面积、长度：与本组最大值相比的大小",
    "⋯ left out, how many; sums go over all cells, also over these": "⋯ 省略的个数；求和包括所有格，也包括省略的",
    "Weights that are used several times have one cell for each use; the gradient ∂L/∂w is the sum of these.": (
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
    "largest finite {number}": "最大有限值 {number}",
    "shown {rows} × {columns}": "显示 {rows} × {columns}",
    "Weights and their gradients": "权重及其梯度",
    "row: what is read; column: a neuron; area: size, compared with the largest of its matrix": (
        "行：输入端；列：神经元；面积：与本矩阵最大值相比的大小"
    ),
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
    "Sample {sample} of a batch of {count} (the first is 0), with its own loss.": (
        "一批 {count} 个样本中的第 {sample} 个（从 0 数起），损失为其自身的损失。"
    ),
    "⟨ ⟩: mean of {count} samples, each with its own loss.": "⟨ ⟩：{count} 个样本的平均，各有自己的损失。",
    "Arrays of several rows: ⟨value⟩ is the mean of the rows, ⟨δ⟩ their sum.": (
        "多行数组：⟨值⟩ 是各行的平均，⟨δ⟩ 是各行之和。"
    ),
    "— not known: the derivatives of one sample need one scalar output.": "— 未知：单个样本的导数需要一个标量输出。",
    "Σ: sum over the samples, from the derivatives that backward started with.": (
        "Σ：各样本之和，从反向传播的起始导数算起。"
    ),
    "not known yet": "尚未计算",
    "out of date since {leaf} changed": "自 {leaf} 改变后已过期",
    "not of this graph, but of the last backward pass, which started elsewhere": (
        "不属于此图，而属于从别处开始的上一次反向传播"
    ),
    "run forward": "请运行前向",
    "run backward": "请运行反向",
    "run forward, then backward": "请先运行前向，再运行反向",
    "⋮ left out; a gray edge stands for all weights from them or to them": "⋮ 已省略；灰色的边代表与它们相连的所有权重",
    "{count} input": "{count} 个输入",
    "{count} inputs": "{count} 个输入",
    "{count} neuron": "{count} 个神经元",
    "{count} neurons": "{count} 个神经元",
    "{count} node": "{count} 个节点",
    "{count} nodes": "{count} 个节点",
    "{count} parameter": "{count} 个参数",
    "{count} parameters": "{count} 个参数",
    "{count} constant": "{count} 个常数",
    "{count} constants": "{count} 个常数",
    "{count} losses": "{count} 个损失",
    "{count} target": "{count} 个目标",
    "{count} targets": "{count} 个目标",
    "One step of {optimizer}": "{optimizer} 的一步",
    "Neuron:  Σ is the weighted sum  s = Σ w·x + b,  below it the output θ(s),  δ = ∂L/∂s.": (
        "神经元：Σ 是加权和 s = Σ w·x + b，其下是输出 θ(s)，δ = ∂L/∂s。"
    ),
    "before → after the step.   Neuron:  Σ the weighted sum,  below it the output,  δ = ∂L/∂s before the step.": (
        "更新前 → 更新后。神经元：Σ 是加权和，其下是输出，更新前的 δ = ∂L/∂s。"
    ),
    "Edge:  ━━▶ {name} > 0   ╍╍▶ {name} < 0   ┈┈▶ 0   wide: large |{name}|.": (
        "边：━━▶ {name} > 0   ╍╍▶ {name} < 0   ┈┈▶ 0   越粗，|{name}| 越大。"
    ),
    "broken": "失效",
    "dead": "死亡",
    "saturated": "饱和",
    "vanishing": "消失",
    "broken:  NaN or infinity": "失效：NaN 或无穷大",
    "dead:  θ′(s) = 0 for every sample": "死亡：对每个样本 θ′(s) = 0",
    "saturated:  |θ′(s)| < {flat} for {share} of the samples or more": "饱和：至少 {share} 的样本 |θ′(s)| < {flat}",
    "vanishing:  mean |δ| below {vanishing} of the largest": "消失：平均 |δ| 小于最大值的 {vanishing}",
    "First number that is none:  {node}": "第一个非有限的数：{node}",
    "neurons: {neurons}, samples: {samples}": "神经元：{neurons}，样本：{samples}",
    "nothing found": "未发现问题",
    "One sample is little to judge by: run a whole data set forward and backward.": (
        "一个样本不足以判断：请对整个数据集运行前向和反向。"
    ),
    "{share} of samples": "{share} 的样本",
    "neurons view": "神经元视图",
    "update view": "更新视图",
    "health view": "健康视图",
    "Layer after layer, each neuron with its sum, output and δ, each edge with a weight and its gradient.": (
        "逐层显示每个神经元的加权和、输出与 δ，每条边上是权重及其梯度。"
    ),
    "A network before and after one step of an optimizer, each weight with its change.": (
        "优化器一步之前与之后的网络，以及每个权重的变化。"
    ),
    "A network whose saturated, dead, vanishing and broken neurons are marked.": (
        "标出饱和、死亡、消失和失效神经元的网络。"
    ),
    "A box for each layer, with its size, its activation and the mean |w|, |output| and |δ|.": (
        "每层一个方框，含其规模、激活函数，以及 |w|、|输出| 和 |δ| 的均值。"
    ),
    "The weights of each layer and their gradients as squares: filled is positive, open negative.": (
        "各层的权重及其梯度，以方块表示：实心为正，空心为负。"
    ),
    "The weight matrices in a row: outputs pass forward through their cells, δ comes back through them.": (
        "依次排列的权重矩阵：输出向前穿过格子，δ 沿原路返回。"
    ),
    "Every node with its value and derivative, every op, and a local derivative on each edge.": (
        "每个节点及其值和导数、每个运算，边上是局部导数。"
    ),
    "The first and the last nodes of a large graph, with their values and derivatives.": (
        "大图最前和最后的节点，及其值和导数。"
    ),
    "Every path from one node to the loss; its derivative is the sum of the products along them.": (
        "从一个节点到损失的所有路径；其导数是各路径乘积之和。"
    ),
    "Above, every node with its formula and value; below each, the node that computes its derivative.": (
        "上方是每个节点及其公式和值；其下是计算它的导数的节点。"
    ),
    "Layer by layer: {layers}.": "逐层：{layers}。",
    "In the graph: {nodes} nodes, {inputs} inputs, {parameters} parameters.": (
        "图中有 {nodes} 个节点、{inputs} 个输入、{parameters} 个参数。"
    ),
    "{name} view": "{name} 视图",
}
"""Every English phrase of the pictures with its translation; {…} stand for what is filled in."""


def translate(phrase: str, language: Language) -> str:
    """Return a phrase in a language; English is what the code says."""
    return phrase if language == "en" else CHINESE[phrase]
