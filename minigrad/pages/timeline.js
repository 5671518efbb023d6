/** The line of all steps of a page. */

import { element } from "./dom.js";
import { say } from "./texts.js";

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
