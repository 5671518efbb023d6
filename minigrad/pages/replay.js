/** The page that replays a training: it starts here. */

import { listenToKeys, makeToolbar } from "./controls.js";
import { element, mathElement } from "./dom.js";
import { Figure } from "./figure.js";
import { sample } from "./icons.js";
import { makeImages, makeMap, NeuronMaps } from "./map_panels.js";
import { pageColors } from "./maps.js";
import { Player } from "./player.js";
import { makeCurves, makeDeltas, makeMoment, makeSample, makeWeight } from "./replay_panels.js";
import { REPLAY_TEXTS } from "./replay_texts.js";
import { PageShell } from "./shell.js";
import { readState, writeState } from "./state.js";
import { sayAll, TEXTS } from "./texts.js";
import { TrainedNetwork } from "./trained_network.js";

/** How long the whole training plays at the speed 1, and a frame at least and at most, in milliseconds. */
const PLAYING_TIME = 16_000;
const SHORTEST_FRAME = 40;
const LONGEST_FRAME = 500;
const ADDRESS_DELAY = 300;
/** How long the figure stays as it is while the page plays. */
const FIGURE_PAUSE = 100;

/** Fill an element with the page that replays the training of a network. */
export function replay(root, data, program) {
  for (const [language, phrases] of Object.entries(REPLAY_TEXTS)) Object.assign(TEXTS[language], phrases);
  return new ReplayPage(root, data, program);
}

/** The state of the page, and the parts that show it. */
class ReplayPage extends PageShell {
  constructor(root, data, program) {
    super(root, data);
    this.network = new TrainedNetwork(data, program);
    this.selected = null;
    this.sample = 0;
    this.shownAt = 0;
    const count = this.network.frames.count;
    const stepTime = Math.max(SHORTEST_FRAME, Math.min(LONGEST_FRAME, PLAYING_TIME / count));
    this.player = new Player(count, () => this.schedule(), { stepTime });
    this.figurePanel = element("div", { class: "figure" });
    this.restore(readState(location.hash));
    this.build();
    this.figure = new Figure(this.figurePanel, data.figure, this.network);
    this.figure.addEventListener("select", ({ detail }) => this.select(detail));
    this.neuronMaps = new NeuronMaps(this);
    new ResizeObserver(() => this.schedule()).observe(this.figurePanel);
    listenToKeys(this.player, () => this.select(null));
    addEventListener("hashchange", () => {
      this.restore(readState(location.hash));
      this.build();
    });
    this.update();
  }

  /** The number of the frame that is shown. */
  get frame() {
    return this.player.step;
  }

  /** Whether the network has two inputs, over whose plane its neurons can be drawn. */
  get hasMaps() {
    return this.network.computes && this.network.inputs.length === 2;
  }

  /** Return a phrase with names in MathML as pieces to append to an element. */
  sayMarkup(key, ...markup) {
    return sayAll(this.language, key, ...markup.map(mathElement));
  }

  /** Take over what a fragment says. */
  restore({ language, theme, step, selected }) {
    this.language = language ?? this.language;
    this.theme = theme ?? this.theme;
    if (selected !== undefined) this.selected = selected;
    if (step !== undefined) this.player.goTo(step);
  }

  /** Make all parts anew, in the language of the page; the figure stays. */
  build() {
    const header = this.makeHeader(this.data.title || this.say("replayHeading"));
    this.colors = pageColors(this.root);
    this.toolbar = makeToolbar(this.player, this.language);
    this.slider = this.makeSlider();
    this.made = new Map([makeMoment, makeCurves, makeDeltas, makeSample, makeWeight].map((make) => [make, make(this)]));
    const [moment, curves, deltas, one, weight] = this.made.values();
    const map = this.hasMaps ? makeMap(this) : null;
    const images = this.data.network.image ? makeImages(this) : null;
    const side = [moment, weight, map, curves, one];
    const below = [images, deltas];
    this.parts = [this.toolbar, this.slider, ...side, ...below].filter(Boolean);
    const nodesOf = (parts) => parts.filter(Boolean).map(({ node }) => node);
    const stage = element(
      "section",
      { class: "stage", "aria-label": this.say("network") },
      this.figurePanel,
      element("div", { class: "controls" }, this.slider.node, this.toolbar.node),
      this.makeLegend(),
      ...nodesOf(below),
    );
    this.root.className = "page replay";
    this.root.replaceChildren(
      header,
      element(
        "main",
        {},
        stage,
        element("section", { class: "side", "aria-label": this.say("moment") }, ...nodesOf(side)),
      ),
    );
    this.schedule();
  }

  /** Return the slider over all moments. */
  makeSlider() {
    const node = element("input", {
      type: "range",
      class: "moments",
      min: 0,
      max: this.player.last,
      step: 1,
      "aria-label": this.say("momentSlider"),
      input: () => this.player.goTo(Number(node.value)),
      keydown: (event) => {
        if (event.key !== " ") return;
        this.player.toggle();
        event.preventDefault();
      },
    });
    const update = () => {
      node.max = this.player.last;
      node.value = this.frame;
      node.style.setProperty("--share", `${(100 * this.frame) / Math.max(1, this.player.last)}%`);
      node.setAttribute("aria-valuetext", this.momentText());
    };
    return { node, update };
  }

  makeLegend() {
    const entry = (key) => element("li", {}, sample(key), this.say(key));
    return element(
      "ul",
      { class: "legend" },
      ...["positive", "negative"].map(entry),
      element("li", {}, this.say(this.network.computes ? "weightHint" : "noProgram")),
    );
  }

  /** Return which moment is shown in words. */
  momentText() {
    const { epochs, steps, byEpochs } = this.data;
    if (this.frame === 0) return this.say("beforeTraining");
    const count = (number) => number.toLocaleString(this.say("htmlLanguage"));
    if (byEpochs) return this.say("afterEpochs", count(epochs[this.frame]), count(epochs.at(-1)));
    return this.say("afterSteps", count(steps[this.frame]), count(steps.at(-1)), count(epochs[this.frame]));
  }

  /**
   * Take in what is known of a training that is still going on: all moments, and the frames of the parameters.
   *
   * Who looks at the last moment is taken along to the new one; others stay at theirs, or close to it.
   */
  extend({ frames, ...moments }) {
    const { player, data, network } = this;
    const step = this.frame === player.last ? Infinity : data.steps[this.frame];
    Object.assign(data, moments);
    network.frames = frames;
    player.count = frames.count;
    player.step = data.steps.findLastIndex((other) => other <= step);
    for (const make of [makeMoment, makeCurves, makeWeight]) this.renew(make);
    this.schedule();
  }

  /** Make a part anew, where it stands. */
  renew(make) {
    const [before, after] = [this.made.get(make), make(this)];
    this.made.set(make, after);
    this.parts[this.parts.indexOf(before)] = after;
    before.node.replaceWith(after.node);
  }

  /** Select a neuron or a connection, or nothing. */
  select(part) {
    this.selected = part;
    this.schedule();
  }

  /** Show another sample. */
  showSample(row) {
    const { length } = this.network.samples;
    this.sample = (row + length) % length;
    this.schedule();
  }

  /** Update once before the browser paints next, however often this is called. */
  schedule() {
    if (this.isScheduled || !this.figure) return;
    this.isScheduled = true;
    requestAnimationFrame(() => this.update());
  }

  /** Show the present state in all parts. */
  update() {
    this.isScheduled = false;
    this.network.show(this.frame, this.sample);
    this.neuronMaps.update();
    for (const part of this.parts) part.update();
    this.showFigure();
    this.writeAddress();
  }

  /** Bring the figure in line; while the page plays not too often, since nobody reads numbers that change faster. */
  showFigure() {
    const now = performance.now();
    if (this.player.isPlaying && now < this.shownAt + FIGURE_PAUSE) return;
    this.shownAt = now;
    this.figure.show({ known: this.knownKeys(), lit: new Set(), selected: this.selected, phase: null });
  }

  /** Return the keys of the numbers in the figure. */
  knownKeys() {
    const { svg, numbers, rows, levels } = this.figure;
    if (svg !== this.svg) {
      this.svg = svg;
      this.known = this.network.knownOf([
        ...[...numbers, ...rows].map(({ key }) => key),
        ...levels.map(({ place }) => `value:${place}`),
      ]);
    }
    return this.known;
  }

  /** Let the address say what is shown, soon after the last change. */
  writeAddress() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      const { language, frame, selected } = this;
      try {
        history.replaceState(
          null,
          "",
          writeState({ language, theme: this.isDark ? "dark" : "light", step: frame, selected }),
        );
      } catch {
        // a frame without rights has no address of its own
      }
    }, ADDRESS_DELAY);
  }
}
