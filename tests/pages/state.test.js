import assert from "node:assert/strict";
import { test } from "node:test";

import { readState, writeState } from "../../minigrad/pages/state.js";

test("a fragment is read in any order", () => {
  assert.deepEqual(readState("#en,light,18,edge:3:7"), {
    language: "en",
    theme: "light",
    step: 18,
    selected: "edge:3:7",
  });
  assert.deepEqual(readState("#node%3A3.2,dark,process,zh,layer"), {
    selected: "node:3.2",
    theme: "dark",
    view: "process",
    language: "zh",
    steps: "layer",
  });
});

test("what no page knows is left out", () => {
  for (const fragment of [
    "",
    "#",
    "#nothing",
    "#edge:a:b",
    "#-1",
    "#1e9",
    "#99999999",
    "#%",
    "#node:<b>",
    "#edge:1:2:3",
  ]) {
    assert.deepEqual(readState(fragment), {}, fragment);
  }
});

test("what is written is read again", () => {
  for (const state of [
    { language: "zh", theme: "dark", step: 0, view: "numbers", steps: "neuron", selected: null },
    { language: "en", theme: "light", step: 12, view: "textbook", steps: "layer", selected: "node:12.3" },
  ]) {
    const { selected, ...others } = state;
    assert.deepEqual(readState(writeState(state)), selected === null ? others : state);
  }
});
