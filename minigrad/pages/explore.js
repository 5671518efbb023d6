/** The page that steps through a pass: it starts here. */

import { makeCard } from "./card.js";
import { listenToKeys, makeTimeline, makeToolbar } from "./controls.js";
import { element, mathElement } from "./dom.js";
import { makeEditor } from "./editor.js";
import { Figure } from "./figure.js";
import { sample } from "./icons.js";
import { Model, stepsByLayer } from "./model.js";
import { Player } from "./player.js";
import { equationsByLeft, hasPart, isGiven, makeReason } from "./reason.js";
import { PageShell } from "./shell.js";
import { readState, writeState } from "./state.js";
import { titleOf } from "./step_texts.js";
import { sayAll } from "./texts.js";

/** Steps up to which a page goes neuron by neuron at first. */
const MOST_STEPS = 60;

/** Fill an element with the page that steps through one pass and one update of a network. */
export function explore(root, data, program) {
  return new ExplorePage(root, data, program);
}

/** The state of the page, and the parts that show it. */
class ExplorePage extends PageShell {
  constructor(root, data, program) {
    super(root, data);
    this.model = new Model(data, program);
    this.steps = { neuron: data.steps, layer: stepsByLayer(data.steps) };
    this.equations = equationsByLeft(data);
    this.given = givenKeys(data);
    this.views = Object.keys(data.figures).filter((view) => data.figures[view]);
    this.figures = new Map();
    this.view = this.views[0];
    this.stepsBy = data.steps.length <= MOST_STEPS ? "neuron" : "layer";
    this.selected = null;
    this.dragged = null;
    this.address = null;
    this.player = new Player(this.steps[this.stepsBy].length + 1, (player, isStep) => this.update(isStep));
    this.restore(readState(location.hash));
    this.build();
    listenToKeys(this.player, () => this.select(null));
    this.model.onChange(() => this.update(false));
    addEventListener("hashchange", () => {
      this.restore(readState(location.hash));
      this.build();
    });
  }

  /** The steps that the page goes through. */
  get shownSteps() {
    return this.steps[this.stepsBy];
  }

  /** The step that is shown; null at the start. */
  get step() {
    return this.player.step === 0 ? null : this.shownSteps[this.player.step - 1];
  }

  /** The keys of the numbers that are computed at the step that is shown. */
  get known() {
    return new Set([...this.given, ...this.shownSteps.slice(0, this.player.step).flatMap((step) => step.known)]);
  }

  /** Take over what a fragment says. */
  restore({ language, theme, step, view, steps, selected }) {
    this.language = language ?? this.language;
    this.theme = theme ?? this.theme;
    this.stepsBy = steps ?? this.stepsBy;
    if (this.views.includes(view)) this.view = view;
    if (selected !== undefined && hasPart(this.data, selected)) this.selected = selected;
    this.player.onChange = () => {};
    this.player.setCount(this.shownSteps.length + 1, step ?? this.player.step);
    this.player.onChange = (player, isStep) => this.update(isStep);
  }

  /** Make all parts anew, in the language of the page; the figures stay. */
  build() {
    const { root, language } = this;
    const header = this.makeHeader(this.data.title || this.say("heading"));
    this.toolbar = makeToolbar(this.player, language, this.makeStepChoice());
    this.timeline = makeTimeline(
      this.player,
      this.shownSteps.map((step) => ({ phase: step.phase, label: this.plain(titleOf(step)) })),
      language,
    );
    this.card = makeCard(this);
    this.reason = makeReason(this);
    this.editor = makeEditor(this);
    this.legend = this.makeLegend();
    const stage = element(
      "section",
      { class: "stage", "aria-label": this.say("network") },
      this.makeTabs(),
      ...this.views.map((view) => this.panelOf(view)),
      this.toolbar.node,
      this.timeline.node,
      this.legend,
    );
    const side = element(
      "section",
      { class: "side", "aria-label": this.say("explanation") },
      this.card.node,
      this.reason.node,
      this.editor.node,
    );
    root.className = "page";
    root.replaceChildren(header, element("main", {}, stage, side));
    this.update(false);
  }

  makeTabs() {
    const tabs = this.views.map((view, index) =>
      element(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${view}`,
          "aria-controls": `panel-${view}`,
          click: () => this.showView(view),
          keydown: (event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (step) tabs.at((index + step) % tabs.length).focus();
            if (step) this.showView(this.views.at((index + step) % tabs.length));
          },
        },
        this.say(view),
      ),
    );
    this.tabs = tabs;
    return element(
      "div",
      { class: "tabs", role: "tablist", "aria-label": this.say("views"), hidden: tabs.length < 2 },
      ...tabs,
    );
  }

  /** Return the panel of a view, which is made when it is first needed; a figure outlives a change of language. */
  panelOf(view) {
    if (!this.figures.has(view))
      this.figures.set(view, {
        panel: element("div", { class: "figure", role: "tabpanel", id: `panel-${view}` }),
        figure: null,
      });
    const { panel } = this.figures.get(view);
    panel.setAttribute("aria-labelledby", `tab-${view}`);
    return panel;
  }

  /** Return how the figure is read; entries on its lines and circles belong to the textbook figures. */
  makeLegend() {
    const entry = (key, picture, ofTextbook = false) =>
      element(
        "li",
        { class: key, hidden: ofTextbook && this.view === "process" },
        picture && sample(picture),
        this.say(key),
      );
    return element(
      "ul",
      { class: "legend", "aria-label": this.say("legend") },
      entry("positive", "positive"),
      entry("negative", "negative"),
      entry("flowsOn", "forward"),
      entry("flowsBack", "backward"),
      entry("now", "update"),
      entry("level", "level", true),
      entry("above", null, true),
      entry("below", null, true),
    );
  }

  /** Return the choice between steps by neuron and by layer. */
  makeStepChoice() {
    if (this.steps.layer.length === this.steps.neuron.length) return null;
    const options = ["neuron", "layer"].map((by) =>
      element(
        "option",
        { value: by, selected: by === this.stepsBy },
        this.say(by === "neuron" ? "byNeuron" : "byLayer"),
      ),
    );
    const select = element(
      "select",
      { "aria-label": this.say("stepsBy"), change: () => this.chooseSteps(select.value) },
      ...options,
    );
    return select;
  }

  /** Go by neuron or by layer from now on, at a step that computes the same. */
  chooseSteps(by) {
    const { step } = this;
    this.stepsBy = by;
    const same = step === null ? -1 : this.shownSteps.findIndex((other) => other.known.includes(step.known[0]));
    this.player.setCount(this.shownSteps.length + 1, same + 1);
    this.build();
  }

  /** Show another kind of figure. */
  showView(view) {
    this.view = view;
    const legend = this.makeLegend();
    this.legend.replaceWith(legend);
    this.legend = legend;
    this.update(false);
  }

  /** Select a neuron or a connection, or nothing. */
  select(part) {
    this.selected = part;
    this.update(false);
  }

  /** Change a number that is dragged in the figure; what one drag did is undone at once. */
  drag({ key, value, isFinal }) {
    this.model.setValue(key, value, this.dragged === key);
    this.dragged = isFinal ? null : key;
  }

  /** Return a phrase with names in MathML as pieces to append to an element. */
  sayMarkup([key, ...markup]) {
    return sayAll(this.language, key, ...markup.map(mathElement));
  }

  /** Return a phrase with names in MathML as text alone. */
  plain([key, ...markup]) {
    return this.say(key, ...markup.map((name) => mathElement(name).textContent));
  }

  /** Show the present state in all parts. */
  update(isStep) {
    for (const tab of this.tabs) {
      const isShown = tab.id === `tab-${this.view}`;
      tab.setAttribute("aria-selected", isShown);
      tab.tabIndex = isShown ? 0 : -1;
    }
    for (const [view, { panel }] of this.figures) panel.hidden = view !== this.view;
    this.figure.show({
      known: this.known,
      lit: new Set(this.step?.lit),
      selected: this.selected,
      phase: this.step?.phase ?? null,
      isStep,
    });
    for (const part of [this.toolbar, this.timeline, this.card, this.reason, this.editor]) part.update();
    this.writeAddress();
  }

  /** The figure of the view that is shown. */
  get figure() {
    const entry = this.figures.get(this.view);
    if (entry.figure === null) {
      entry.figure = new Figure(entry.panel, this.data.figures[this.view], this.model);
      entry.figure.addEventListener("select", ({ detail }) => this.select(detail));
      entry.figure.addEventListener("edit", ({ detail }) => this.drag(detail));
    }
    return entry.figure;
  }

  /** Keep the address of the page up to date, so that it can be sent to others. */
  writeAddress() {
    const { language, player, selected, view, stepsBy } = this;
    const theme = this.isDark ? "dark" : "light";
    const address = writeState({ language, theme, step: player.step, view, steps: stepsBy, selected });
    if (address === this.address || player.isPlaying) return;
    this.address = address;
    try {
      history.replaceState(null, "", address);
    } catch {
      // a frame without rights has no address of its own, and browsers limit how often it changes
    }
  }
}

/** Return the keys of all values that are given and not computed. */
function givenKeys(data) {
  return data.nodes.flatMap(([size], node) => {
    if (!isGiven(data, String(node))) return [];
    return size === 1
      ? [`value:${node}`, `value:${node}.0`]
      : Array.from({ length: size }, (_, index) => `value:${node}.${index}`);
  });
}
