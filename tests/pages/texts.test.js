import assert from "node:assert/strict";
import { test } from "node:test";

import { EXPLORE_TEXTS } from "../../minigrad/pages/explore_texts.js";
import { REPLAY_TEXTS } from "../../minigrad/pages/replay_texts.js";
import { addTexts, readersLanguage, say, sayAll, TEXTS } from "../../minigrad/pages/texts.js";

const slotsOf = (phrase) => [...phrase.matchAll(/\{(\d)\}/g)].map(([, number]) => number).toSorted();

test("both languages have the same phrases with the same slots", () => {
  for (const { en, zh } of [TEXTS, EXPLORE_TEXTS, REPLAY_TEXTS]) {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    for (const key of Object.keys(en)) {
      assert.deepEqual(slotsOf(zh[key]), slotsOf(en[key]), key);
      assert.ok(en[key].trim() && zh[key].trim(), key);
    }
  }
  for (const texts of [EXPLORE_TEXTS, REPLAY_TEXTS])
    for (const key of Object.keys(texts.en)) assert.ok(!(key in TEXTS.en), key);
});

test("phrases are filled in", () => {
  addTexts(EXPLORE_TEXTS);
  assert.equal(say("en", "stepOf", "Forward", "3", "22"), "Forward · step 3 of 22");
  const name = { name: "an element" };
  assert.deepEqual(sayAll("en", "title delta", name), ["δ of neuron ", name, ""]);
  assert.equal(say("en", "change", "{0} $&"), "Change {0} $&");
  assert.throws(() => say("en", "no such phrase"), /no such phrase/);
});

test("the language is the first of the reader's that the pages speak", () => {
  assert.equal(readersLanguage(["de-DE", "zh-Hans-CN", "en"]), "zh");
  assert.equal(readersLanguage(["en-US", "zh"]), "en");
  assert.equal(readersLanguage(["fr"]), "en");
  assert.equal(readersLanguage([]), "en");
});
