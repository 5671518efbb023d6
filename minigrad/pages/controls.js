/** The buttons that go through the steps of a page, and the line of all of its steps. */

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { obeyKey } from "./player.js";
import { say } from "./texts.js";

const SPEEDS = [0.5, 1, 2, 4];

/** Return the buttons of a player and what else a page has beside them, and `update` for it. */
export function makeToolbar(player, language, beside = null) {
  const button = (name, action, attributes = {}) => {
    const label = say(language, name);
    return element(
      "button",
      { type: "button", class: "icon", title: label, "aria-label": label, click: action, ...attributes },
      icon(name),
    );
  };
  const start = button("start", () => player.goToStart());
  const back = button("back", () => player.goBack());
  const play = button("play", () => player.toggle(), { class: "icon main" });
  const on = button("on", () => player.goOn());
  const options = SPEEDS.map((speed) =>
    element("option", { value: speed, selected: speed === player.speed }, `${speed === 0.5 ? "½" : speed}×`),
  );
  const speed = element("select", { change: () => player.setSpeed(Number(speed.value)) }, ...options);
  const node = element(
    "div",
    { class: "toolbar", role: "group", "aria-label": say(language, "player") },
    start,
    back,
    play,
    on,
    element(
      "div",
      { class: "options" },
      element("label", {}, element("span", {}, say(language, "speed")), speed),
      beside,
    ),
    element("span", { class: "keys" }, say(language, "keys")),
  );
  let shown = "play";
  const update = () => {
    start.disabled = back.disabled = player.step === 0;
    on.disabled = player.step === player.last;
    const name = player.isPlaying ? "pause" : "play";
    if (name === shown) return;
    shown = name;
    play.replaceChildren(icon(name));
    play.title = say(language, name);
    play.setAttribute("aria-label", play.title);
  };
  return { node, update };
}

/**
 * Return a line with a button for each step after the start, under the names of their phases, and `update` for it.
 *
 * `steps` has { phase, label } of each step. The line is one stop for the Tab key; the arrow keys go on from there.
 */
export function makeTimeline(player, steps, language) {
  const node = element("ol", { class: "timeline", "aria-label": say(language, "timeline") });
  const buttons = [null]; // the start has none
  const names = [];
  let ticks;
  steps.forEach(({ phase, label }, index) => {
    if (index === 0 || phase !== steps[index - 1].phase) {
      const name = element("span", { class: "phase" }, say(language, phase));
      ticks = element("span", { class: "ticks" });
      names.push({ name, phase });
      node.append(element("li", { class: phase }, name, ticks));
    }
    const text = `${index + 1} ${label}`;
    const button = element("button", {
      type: "button",
      title: text,
      "aria-label": text,
      click: () => player.goTo(index + 1),
    });
    buttons.push(button);
    ticks.append(button);
    ticks.parentElement.style.flexGrow = ticks.childElementCount + (phase === "loss" ? 1 : 0);
  });
  let current = null;
  const update = () => {
    const before = current;
    current = player.step;
    const hadFocus = before !== null && buttons[before] !== null && document.activeElement === buttons[before];
    buttons.forEach((button, step) => {
      if (button === null) return;
      button.className = step === current ? "current" : step < current ? "done" : "";
      if (step === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      button.tabIndex = step === Math.max(1, current) ? 0 : -1;
    });
    const phase = current > 0 ? steps[current - 1].phase : "";
    for (const entry of names) entry.name.classList.toggle("current", entry.phase === phase);
    if (hadFocus) buttons[Math.max(1, current)].focus();
  };
  return { node, update };
}

/**
 * Let the keys of the whole page go through the steps; Escape calls `leave`.
 *
 * A button or a part of a figure that was clicked with the mouse does not keep the focus, so that space plays.
 */
export function listenToKeys(player, leave) {
  addEventListener("click", ({ detail, target }) => {
    if (detail > 0 && target.closest("button, svg")) document.activeElement.blur();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    else obeyKey(player, event);
  });
}
