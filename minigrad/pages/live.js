/** The page of a training that is still going on: more frames arrive from the notebook that it is a part of. */

import { Frames } from "./frames.js";
import { replay } from "./replay.js";

/** Fill an element with the page of a training, and show the frames that the window around it passes on. */
export function live(root, data, program) {
  const page = replay(root, data, program);
  const frames = new ArrivedFrames(data.frames.size);
  window.addEventListener("message", ({ source, data: message }) => {
    if (source !== window.parent) return;
    const known = frames.add(message.content, new Float32Array(message.numbers));
    if (frames.count > 0) page.extend(known);
  });
}

/** Frames of `size` numbers that arrive one after another, and of which some are dropped later on. */
export class ArrivedFrames extends Frames {
  constructor(size) {
    super();
    this.size = size;
    this.arrived = new Map();
    this.shown = [];
  }

  get count() {
    return this.shown.length;
  }

  /** Take in what is new, and return what is known of all frames that are there; frames that were missed are left out. */
  add(content, numbers) {
    const { epochs, steps, curves, new: added } = content;
    const { arrived, size } = this;
    added.forEach((frame, index) => arrived.set(steps[frame], numbers.subarray(index * size, (index + 1) * size)));
    const there = steps.map((step) => arrived.has(step));
    const select = (values) => values.filter((_, frame) => there[frame]);
    this.shown = select(steps).map((step) => arrived.get(step));
    this.arrived = new Map(select(steps).map((step, frame) => [step, this.shown[frame]]));
    const known = Object.entries(curves).map(([name, values]) => [name, select(values)]);
    return { epochs: select(epochs), steps: select(steps), curves: Object.fromEntries(known), frames: this };
  }

  number(frame, index) {
    return this.shown[frame][index];
  }
}
