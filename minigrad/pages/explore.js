/** The page that steps through a pass: it starts here. */

import { element } from "./dom.js";

/** Fill an element with the page. */
export function explore(root, data, program) {
  root.append(element("main", {}, data.title));
}
