/** Elements of HTML and SVG, made without markup, so that no text becomes part of the page's code. */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Return an element with attributes and children.
 *
 * Attributes that are false, null or undefined are left out, true ones are empty, functions listen to the event of their
 * name. Children are nodes or texts; false, null and undefined are left out.
 */
export function element(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** Return an element of an SVG picture with attributes and children. */
export function svgElement(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

/** Return the path of a line through some points, [x, y] each, with gaps where y is no finite number. */
export function linePath(points) {
  let path = "";
  let isOpen = false;
  for (const [x, y] of points) {
    if (Number.isFinite(y)) path += `${isOpen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isOpen = Number.isFinite(y);
  }
  return path;
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== false && child !== null && child !== undefined));
  return node;
}

/** Let the keyboard reach the elements of a class within a node that scroll; return what looks anew after a change. */
export function keepReachable(node, className) {
  let isWaiting = false;
  const look = () => {
    isWaiting = false;
    for (const part of node.getElementsByClassName(className)) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
      else part.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(look).observe(node);
  return () => {
    if (isWaiting) return; // to look at once would lay out the page a second time in a frame
    isWaiting = true;
    requestAnimationFrame(look);
  };
}

/** Return a `math` element of MathML markup that Python wrote. */
export function mathElement(markup) {
  const template = document.createElement("template");
  template.innerHTML = `<math display="inline" displaystyle="true">${markup}</math>`;
  return template.content.firstChild;
}
