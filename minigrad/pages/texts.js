/** Every phrase of the pages, in English and Chinese; {0}, {1}, … stand for what is filled in. */

export const LANGUAGES = ["en", "zh"];

const ENGLISH = {
  // the page
  htmlLanguage: "en",
  heading: "One step of back-propagation",
  otherLanguage: "中文",
  light: "Light",
  dark: "Dark",
  network: "The network",
  explanation: "The step that is shown",
  views: "Kinds of figures",
  textbook: "Textbook",
  numbers: "With numbers",
  process: "Working process",
  // the player
  player: "Player",
  start: "Back to the start",
  back: "One step back",
  play: "Play",
  pause: "Pause",
  on: "One step on",
  speed: "Speed",
  keys: "← → step · space play · Home End",
  timeline: "All steps",
  byNeuron: "by neuron",
  byLayer: "by layer",
  stepsBy: "Steps",
  // phases
  forward: "Forward",
  loss: "Loss",
  backward: "Backward",
  gradients: "Gradients",
  update: "Update",
  stepOf: "{0} · step {1} of {2}",
  // the start
  ready: "Ready",
  readyTitle: "Inputs in, output out, error back",
  readyNote: "Press → or the space bar: each number appears when it can be computed.",
  more: "… and {0} more of the same kind",
  // titles and notes of steps, by their kind; {0} is the name of a neuron, a parameter or a layer
  "title sum": "Weighted sum of neuron {0}",
  "title sums": "Weighted sums of layer {0}",
  "title output": "Output of neuron {0}",
  "title outputs": "Outputs of layer {0}",
  "title value": "The value of {0}",
  "title loss": "How wrong is it? {0} says so",
  "title derivative": "How L reacts to {0}",
  "title derivatives": "How L reacts to each of layer {0}",
  "title delta": "δ of neuron {0}",
  "title deltas": "δ of layer {0}",
  "title gradients": "Gradients of the weights into {0}",
  "title layerGradients": "Gradients of the weights into layer {0}",
  "title gradients of parameter": "Gradient of {0}",
  "title update": "New weights into {0}",
  "title layerUpdate": "New weights into layer {0}",
  "title update of parameter": "New value of {0}",
  "note sum": "Each input times its weight, all added up, plus the bias.",
  "note output": "The activation θ turns the sum into what the neuron sends on.",
  "note value": "Computed from what is known by now.",
  "note loss": "The farther from the target, the larger it is. Training makes it small.",
  "note derivative":
    "If this number grew a little, L would grow by so many times as much; a minus means that L would fall.",
  "note delta":
    "What the next layer sends back comes through the same weights as on the way forward, times the slope of θ here.",
  "note delta of output": "What comes back from the loss, times the slope of θ at this sum.",
  "note delta without slope": "There is no θ here: what comes back passes as it is.",
  "note gradients": "What came in forward, times the δ that came back. For a bias 1 came in, so its gradient is δ.",
  "note update":
    "A step against the gradient, as long as the learning rate η says. “Take one step” makes these the weights.",
  "note update of optimizer": "{0} makes the step out of the gradient. “Take one step” makes these the weights.",
  // what is selected
  why: "Why is this number so?",
  hint: "Select a neuron or a connection in the figure to see why its number is what it is.",
  notYet: "Not computed yet at this step; this is what it will be.",
  aGiven: "{0} is given: nothing computes it.",
  frozenWeight: "{0} is frozen: an update leaves it as it is.",
  change: "Change {0}",
  close: "Close",
  // notes on numbers
  saturated:
    "θ is almost flat at {0}: the neuron is saturated. Its slope is only {1}, so its δ is small, whatever comes back.",
  dead: "θ is flat at {0}: its slope is exactly 0, so nothing comes back through this neuron.",
  tooLow: "{0} is too low: more of it would make L smaller.",
  tooHigh: "{0} is too high: less of it would make L smaller.",
  onTarget: "{0} is on its target: there is nothing to learn.",
  largestChange: "{0} changes most, by {1}: its gradient is the largest of all.",
  largestChangeAlone: "{0} changes most, by {1}.",
  largestGradient: "{0} has the largest gradient of all, {1}.",
  notFinite: "{0} is no finite number: everything that reads it is lost too.",
  // the editor
  edit: "Change a number: everything follows",
  inputs: "Inputs",
  targets: "Targets",
  rate: "Learning rate",
  activation: "Activation, layer {0}",
  one: "Take one step",
  hundred: "Take 100 steps",
  undo: "Undo",
  reset: "Reset",
  losses: "Updates: {0} · loss of this sample: {1}",
  oneLoss: "Loss of this sample: {0}",
  // how the figure is read
  positive: "w > 0",
  negative: "w < 0; width: |w|",
  flowsOn: "forward",
  flowsBack: "δ comes back",
  level: "gray level: θ(s)",
  above: "above a line: w",
  below: "below it: ∂L/∂w",
  now: "computed now",
};

const CHINESE = {
  htmlLanguage: "zh-CN",
  heading: "反向传播的一步",
  otherLanguage: "English",
  light: "浅色",
  dark: "深色",
  network: "网络",
  explanation: "当前步骤",
  views: "图的种类",
  textbook: "教科书",
  numbers: "带数值",
  process: "计算过程",
  player: "播放",
  start: "回到开头",
  back: "后退一步",
  play: "播放",
  pause: "暂停",
  on: "前进一步",
  speed: "速度",
  keys: "← → 单步 · 空格 播放 · Home End",
  timeline: "所有步骤",
  byNeuron: "逐神经元",
  byLayer: "逐层",
  stepsBy: "步骤",
  forward: "前向",
  loss: "损失",
  backward: "反向",
  gradients: "梯度",
  update: "更新",
  stepOf: "{0} · 第 {1} 步，共 {2} 步",
  ready: "准备",
  readyTitle: "输入进，输出出，误差回",
  readyNote: "按 → 键或空格键：每个数在能算出时出现。",
  more: "……同类的还有 {0} 个",
  "title sum": "神经元 {0} 的加权和",
  "title sums": "第 {0} 层的加权和",
  "title output": "神经元 {0} 的输出",
  "title outputs": "第 {0} 层的输出",
  "title value": "{0} 的值",
  "title loss": "错了多少？看 {0}",
  "title derivative": "L 对 {0} 的反应",
  "title derivatives": "L 对第 {0} 层各个数的反应",
  "title delta": "神经元 {0} 的 δ",
  "title deltas": "第 {0} 层的 δ",
  "title gradients": "通向 {0} 的权重的梯度",
  "title layerGradients": "通向第 {0} 层的权重的梯度",
  "title gradients of parameter": "{0} 的梯度",
  "title update": "通向 {0} 的新权重",
  "title layerUpdate": "通向第 {0} 层的新权重",
  "title update of parameter": "{0} 的新值",
  "note sum": "每个输入乘以它的权重，全部相加，再加偏置。",
  "note output": "激活函数 θ 把加权和变成神经元送出的数。",
  "note value": "由已经知道的数算出。",
  "note loss": "离目标越远，它越大。训练使它变小。",
  "note derivative": "这个数增加一点，L 就增加它的这么多倍；负号表示 L 会减小。",
  "note delta": "下一层的 δ 经前向时的同一些权重传回，再乘以此处 θ 的斜率。",
  "note delta of output": "从损失传回的量，乘以 θ 在此加权和处的斜率。",
  "note delta without slope": "这里没有 θ：传回的量原样通过。",
  "note gradients": "前向传来的量，乘以反向传回的 δ。偏置的输入是 1，所以它的梯度就是 δ。",
  "note update": "逆着梯度走一步，步长由学习率 η 决定。按“更新一步”即采用这些权重。",
  "note update of optimizer": "{0} 由梯度定出这一步。按“更新一步”即采用这些权重。",
  why: "这个数为什么是这样？",
  hint: "在图中选一个神经元或一条连线，看它的数为什么是这样。",
  notYet: "此步还没有算到；它将是这个数。",
  aGiven: "{0} 是给定的，不由别的数算出。",
  frozenWeight: "{0} 已冻结：更新时保持不变。",
  change: "改变 {0}",
  close: "关闭",
  saturated: "θ 在 {0} 处几乎是平的：神经元饱和了。斜率只有 {1}，所以无论传回什么，它的 δ 都很小。",
  dead: "θ 在 {0} 处是平的：斜率恰为 0，没有任何量能从这个神经元传回。",
  tooLow: "{0} 太小：它变大，L 就变小。",
  tooHigh: "{0} 太大：它变小，L 就变小。",
  onTarget: "{0} 正好等于目标：没有什么可学的。",
  largestChange: "{0} 变得最多，变化 {1}：它的梯度在所有权重中最大。",
  largestChangeAlone: "{0} 变得最多，变化 {1}。",
  largestGradient: "{0} 的梯度在所有权重中最大，为 {1}。",
  notFinite: "{0} 不是有限的数：用到它的一切也随之失效。",
  edit: "改一个数，全部随之重算",
  inputs: "输入",
  targets: "目标",
  rate: "学习率",
  activation: "第 {0} 层的激活函数",
  one: "更新一步",
  hundred: "更新 100 步",
  undo: "撤销",
  reset: "重置",
  losses: "更新次数：{0} · 此样本的损失：{1}",
  oneLoss: "此样本的损失：{0}",
  positive: "w > 0",
  negative: "w < 0；粗细：|w|",
  flowsOn: "前向",
  flowsBack: "δ 传回",
  level: "灰度：θ(s)",
  above: "线上：w",
  below: "线下：∂L/∂w",
  now: "正在计算",
};

/** The phrases of each language, by the same keys. */
export const TEXTS = { en: ENGLISH, zh: CHINESE };

/** Return a phrase with values, which are texts, filled in. */
export function say(language, key, ...values) {
  return parts(language, key, values).join("");
}

/** Return a phrase as pieces to append to an element; values are texts or elements. */
export function sayAll(language, key, ...values) {
  return parts(language, key, values);
}

function parts(language, key, values) {
  const phrase = TEXTS[language][key];
  if (phrase === undefined) throw new Error(`no phrase ${key}`);
  return phrase.split(/\{(\d)\}/).map((piece, index) => (index % 2 ? values[Number(piece)] : piece));
}

/** Return the language of the reader, as far as the pages speak it. */
export function readersLanguage(languages = navigator.languages) {
  const known = languages
    .map((language) => language.slice(0, 2).toLowerCase())
    .find((language) => LANGUAGES.includes(language));
  return known ?? "en";
}
