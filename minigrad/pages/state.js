/** What a page shows as the fragment of its address, so that a link opens it there: #en,light,18,numbers,edge:3:7 */

const LISTED = {
  language: ["en", "zh"],
  theme: ["light", "dark"],
  view: ["textbook", "numbers", "process"],
  steps: ["neuron", "layer"],
};

/** Return what a fragment says; what it says nothing of, or what no page knows, is left out. */
export function readState(fragment) {
  const state = {};
  for (const word of decodeFragment(fragment).split(",")) {
    const name = Object.keys(LISTED).find((key) => LISTED[key].includes(word));
    if (name) state[name] = word;
    else if (/^\d{1,6}$/.test(word)) state.step = Number(word);
    else if (/^(node|edge):[\d.]+(:[\d.]+)?$/.test(word)) state.selected = word;
  }
  return state;
}

/** Return the fragment for a state. */
export function writeState({ language, theme, step, view, steps, selected }) {
  return `#${[language, theme, step, view, steps, selected].filter((word) => word !== null && word !== undefined).join(",")}`;
}

function decodeFragment(fragment) {
  try {
    return decodeURIComponent(fragment.replace(/^#/, ""));
  } catch {
    return "";
  }
}
