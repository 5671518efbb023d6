import assert from "node:assert/strict";
import { test } from "node:test";

import { obeyKey, Player } from "../../minigrad/pages/player.js";

/** A clock whose time passes when the test says so. */
class Clock {
  now = 0;
  waiting = new Map();
  #next = 1;

  setTimeout(callback, delay) {
    this.waiting.set(this.#next, { callback, at: this.now + delay });
    return this.#next++;
  }

  clearTimeout(id) {
    this.waiting.delete(id);
  }

  pass(time) {
    const end = this.now + time;
    for (;;) {
      const due = [...this.waiting].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { callback, at }] = due;
      this.waiting.delete(id);
      this.now = at;
      callback();
    }
    this.now = end;
  }
}

function makePlayer(count = 5) {
  const clock = new Clock();
  const seen = [];
  const player = new Player(count, ({ step }, isStep) => seen.push([step, isStep]), { stepTime: 1000, clock });
  return { player, clock, seen };
}

test("steps stay within the first and the last", () => {
  const { player, seen } = makePlayer(3);
  player.goBack();
  player.goOn();
  player.goOn();
  player.goOn();
  player.goToStart();
  player.goToEnd();
  player.goTo(1);
  assert.deepEqual(
    seen.map(([step]) => step),
    [0, 1, 2, 2, 0, 2, 1],
  );
});

test("only a single step forward is a step", () => {
  const { player, seen } = makePlayer();
  player.goOn();
  player.goBack();
  player.goTo(3);
  player.goTo(4);
  assert.deepEqual(seen, [
    [1, true],
    [0, false],
    [3, false],
    [4, true],
  ]);
});

test("playing goes on at its speed and stops at the end", () => {
  const { player, clock } = makePlayer(4);
  player.play();
  assert.equal(player.step, 1);
  assert.ok(player.isPlaying);
  clock.pass(999);
  assert.equal(player.step, 1);
  clock.pass(1);
  assert.equal(player.step, 2);
  player.setSpeed(2);
  clock.pass(500);
  assert.equal(player.step, 3);
  assert.ok(!player.isPlaying);
  assert.equal(clock.waiting.size, 0);
});

test("playing at the end begins at the start", () => {
  const { player, clock } = makePlayer(3);
  player.goToEnd();
  player.play();
  assert.equal(player.step, 0);
  clock.pass(2000);
  assert.equal(player.step, 2);
});

test("a step by hand and a pause stop playing", () => {
  for (const stop of [
    (player) => player.goBack(),
    (player) => player.pause(),
    (player) => player.toggle(),
    (player) => player.setCount(9, 1),
  ]) {
    const { player, clock } = makePlayer();
    player.toggle();
    stop(player);
    const { step } = player;
    clock.pass(10_000);
    assert.equal(player.step, step);
    assert.ok(!player.isPlaying);
  }
});

test("with other steps the position stays within them", () => {
  const { player } = makePlayer(9);
  player.goToEnd();
  player.setCount(4, 8);
  assert.equal(player.step, 3);
});

function press(player, key, focused = "body", other = {}) {
  const event = {
    key,
    prevented: false,
    preventDefault: () => (event.prevented = true),
    target: elementLike(focused),
    ...other,
  };
  return obeyKey(player, event) && event.prevented;
}

/** An element that knows only what it matches. */
function elementLike(selector) {
  return { closest: (list) => (list.split(", ").includes(selector) ? {} : null) };
}

test("keys go through the steps", () => {
  const { player } = makePlayer();
  const seen = ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home", "x"].map((key) => [
    press(player, key),
    player.step,
  ]);
  assert.deepEqual(seen, [
    [true, 1],
    [true, 2],
    [true, 1],
    [true, 4],
    [true, 0],
    [false, 0],
  ]);
  assert.ok(press(player, " ") && player.isPlaying);
});

test("keys that an element needs are left to it", () => {
  const { player } = makePlayer();
  for (const focused of ["input", "select", "textarea"]) {
    for (const key of ["ArrowRight", "ArrowLeft", " ", "Home", "End"]) assert.ok(!press(player, key, focused));
  }
  assert.ok(!press(player, " ", "button"));
  assert.ok(!press(player, " ", "[role=button]"));
  assert.ok(!press(player, "ArrowRight", "[role=tablist]"));
  assert.ok(!press(player, "ArrowRight", "body", { ctrlKey: true }));
  assert.ok(press(player, "ArrowRight", "button"));
  assert.equal(player.step, 1);
});
