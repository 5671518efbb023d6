/** What all pages have: a heading, a language and a theme that the reader can switch. */

import { element } from "./dom.js";
import { readersLanguage, say } from "./texts.js";

/** A page in an element; `build` of each kind of page makes its parts anew. */
export class PageShell {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.language = data.language === "auto" ? readersLanguage() : data.language;
    this.theme = data.theme;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
  }

  get isDark() {
    return this.theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : this.theme === "dark";
  }

  /** Return a phrase in the language of the page. */
  say(key, ...values) {
    return say(this.language, key, ...values);
  }

  /** Return the heading with the two buttons, and set the language and the theme of the document. */
  makeHeader(heading) {
    document.title = heading;
    document.documentElement.lang = this.say("htmlLanguage");
    document.documentElement.dataset.theme = this.isDark ? "dark" : "light";
    const other = this.language === "en" ? "zh" : "en";
    const language = element(
      "button",
      { type: "button", lang: say(other, "htmlLanguage"), click: () => this.change({ language: other }) },
      this.say("otherLanguage"),
    );
    const theme = element(
      "button",
      { type: "button", click: () => this.change({ theme: this.isDark ? "light" : "dark" }) },
      this.say(this.isDark ? "light" : "dark"),
    );
    return element("header", {}, element("h1", {}, heading), element("div", { class: "tools" }, language, theme));
  }

  /** Change the language or the theme; the button keeps the focus. */
  change(state) {
    const index = [...this.root.querySelectorAll(".tools button")].indexOf(document.activeElement);
    Object.assign(this, state);
    this.build();
    this.root.querySelectorAll(".tools button")[index]?.focus();
  }
}
