/** The buttons and the keys that go through the steps of a page. */

import { element } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { obeyKey } from "./player.js";
import { say } from "./texts.js";

const SPEEDS = [0.5, 1, 2, 4];

/** Return the buttons of a player and what else a page has beside them, and `update` for it. */
export function makeToolbar(player, language, beside = null) {
  const button = (name, action, kind) => iconButton(name, say(language, name), action, kind);
  const start = button("start", () => player.goToStart());
  const back = button("back", () => player.goBack());
  const play = button("play", () => player.toggle(), "icon main");
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
