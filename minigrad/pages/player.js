/** Which step of a page is shown, and going through the steps by oneself or at a speed. */

/** The milliseconds that a step is shown at the speed 1. */
const STEP_TIME = 1500;

/**
 * A position among `count` steps that goes on in time while it plays.
 *
 * `onChange(player, isStep)` is called after every change; `isStep` is true where one step forward was made, which is
 * what may be animated. `clock` has `setTimeout` and `clearTimeout`.
 */
export class Player {
  #timer = null;

  constructor(count, onChange = () => {}, { stepTime = STEP_TIME, clock = globalThis } = {}) {
    this.count = count;
    this.step = 0;
    this.speed = 1;
    this.stepTime = stepTime;
    this.onChange = onChange;
    this.clock = clock;
  }

  get last() {
    return this.count - 1;
  }

  get isPlaying() {
    return this.#timer !== null;
  }

  /** Show a step, and stop playing. */
  goTo(step) {
    this.#stop();
    this.#show(step, step === this.step + 1);
  }

  goOn() {
    this.goTo(this.step + 1);
  }

  goBack() {
    this.goTo(this.step - 1);
  }

  goToStart() {
    this.goTo(0);
  }

  goToEnd() {
    this.goTo(this.last);
  }

  /** Go on step by step, from the start where the end is shown. */
  play() {
    if (this.isPlaying) return;
    this.#schedule();
    this.#show(this.step === this.last ? 0 : this.step + 1, this.step < this.last);
  }

  pause() {
    this.#stop();
    this.onChange(this, false);
  }

  /** Play, or pause. */
  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  setSpeed(speed) {
    this.speed = speed;
    if (this.isPlaying) {
      this.#stop();
      this.#schedule();
    }
    this.onChange(this, false);
  }

  /** Go through other steps from now on. */
  setCount(count, step) {
    this.#stop();
    this.count = count;
    this.#show(step, false);
  }

  #show(step, isStep) {
    this.step = Math.max(0, Math.min(this.last, step));
    if (this.step === this.last) this.#stop();
    this.onChange(this, isStep);
  }

  #schedule() {
    this.#timer = this.clock.setTimeout(() => {
      this.#schedule();
      this.#show(this.step + 1, true);
    }, this.stepTime / this.speed);
  }

  #stop() {
    if (this.#timer !== null) this.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

const ACTIONS = {
  ArrowRight: (player) => player.goOn(),
  ArrowLeft: (player) => player.goBack(),
  Home: (player) => player.goToStart(),
  End: (player) => player.goToEnd(),
  " ": (player) => player.toggle(),
};

/** Obey a key, unless the element that has the focus needs it; return whether the player did. */
export function obeyKey(player, event) {
  const action = ACTIONS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey || needsKey(event.target, event.key)) return false;
  action(player);
  event.preventDefault();
  return true;
}

function needsKey(target, key) {
  if (!target?.closest) return false;
  if (target.closest("input, select, textarea")) return true;
  return key === " "
    ? target.closest("button, summary, [role=button]") !== null
    : target.closest("[role=tablist]") !== null;
}
