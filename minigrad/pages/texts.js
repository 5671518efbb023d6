/** The phrases that all pages have, in English and Chinese, and how they are filled in: {0}, {1}, … stand for values. */

const LANGUAGES = ["en", "zh"];

const ENGLISH = {
  htmlLanguage: "en",
  otherLanguage: "中文",
  light: "Light",
  dark: "Dark",
  network: "The network",
  player: "Player",
  start: "Back to the start",
  back: "One step back",
  play: "Play",
  pause: "Pause",
  on: "One step on",
  speed: "Speed",
  keys: "← → step · space play · Home End",
  positive: "w > 0",
  negative: "w < 0; width: |w|",
};

const CHINESE = {
  htmlLanguage: "zh-CN",
  otherLanguage: "English",
  light: "浅色",
  dark: "深色",
  network: "网络",
  player: "播放",
  start: "回到开头",
  back: "后退一步",
  play: "播放",
  pause: "暂停",
  on: "前进一步",
  speed: "速度",
  keys: "← → 单步 · 空格 播放 · Home End",
  positive: "w > 0",
  negative: "w < 0；粗细：|w|",
};

/** The phrases of each language, by the same keys. */
export const TEXTS = { en: ENGLISH, zh: CHINESE };

/** Add the phrases of a kind of page, by language. */
export function addTexts(texts) {
  for (const [language, phrases] of Object.entries(texts)) Object.assign(TEXTS[language], phrases);
}

/** Return a phrase with values, which are texts, filled in. */
export function say(language, key, ...values) {
  return sayAll(language, key, ...values).join("");
}

/** Return a phrase as pieces to append to an element; values are texts or elements. */
export function sayAll(language, key, ...values) {
  const phrase = TEXTS[language][key];
  if (phrase === undefined) throw new Error(`no phrase ${key}`);
  return phrase.split(/\{(\d)\}/).map((piece, index) => (index % 2 ? values[Number(piece)] : piece));
}

/** Return the language of the reader, as far as the pages speak it. */
export function readersLanguage(languages = navigator.languages) {
  const known = languages
    .map((language) => language.slice(0, 2).toLowerCase())
    .find((language) => LANGUAGES.includes(language));
  return known ?? "en";
}
