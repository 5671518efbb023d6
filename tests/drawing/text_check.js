// Looks at every SVG of the page and leaves a report as JSON in an element <pre>: texts outside the picture, over each
// other, crossed by a line, or hidden by a later shape. A line under a plate, that is a filled shape between it and the
// text, crosses nothing.
"use strict";

const SLACK = 1.0; // pixels by which boxes may overlap
const STEP = 3.0; // between the points of a line that are looked at; less than the height of any text

function transformed(point, matrix) {
  return {x: matrix.a * point.x + matrix.c * point.y + matrix.e, y: matrix.b * point.x + matrix.d * point.y + matrix.f};
}

// The box of the ink of each piece of a text, in the coordinates of the text.
function boxesOf(text) {
  const pieces = text.children.length ? [...text.children] : [text];
  return pieces.filter(piece => piece.textContent.trim()).map(piece => {
    const em = parseFloat(getComputedStyle(piece).fontSize), count = piece.getNumberOfChars();
    const start = piece.getStartPositionOfChar(0), end = piece.getEndPositionOfChar(count - 1);
    return {left: start.x, right: end.x, top: start.y - 0.7 * em, bottom: start.y + 0.18 * em, em};
  });
}

function corners(box) {
  return [[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]].map(([x, y]) => ({x, y}));
}

function middleLine(box) {
  return [0.1, 0.3, 0.5, 0.7, 0.9].map(part => ({x: box.left + part * (box.right - box.left), y: (box.top + box.bottom) / 2}));
}

function contains(box, point, slack) {
  return point.x > box.left + slack && point.x < box.right - slack && point.y > box.top + slack && point.y < box.bottom - slack;
}

function bounds(points) {
  const xs = points.map(point => point.x), ys = points.map(point => point.y);
  return {left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
}

function apart(one, other) {
  return one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
}

function examine(svg) {
  const view = svg.viewBox.baseVal;
  const page = {left: 0, top: 0, right: view.width, bottom: view.height};
  const order = new Map([...svg.querySelectorAll("*")].map((element, position) => [element, position]));
  const fromScreen = svg.getScreenCTM().inverse();
  const matrixOf = element => fromScreen.multiply(element.getScreenCTM());
  const texts = [...svg.querySelectorAll("text")].flatMap(element => boxesOf(element).map(box => {
    const matrix = matrixOf(element);
    const around = bounds(corners(box).map(point => transformed(point, matrix)));
    return {element, box, matrix, inverse: matrix.inverse(), around, words: element.textContent.trim(), order: order.get(element)};
  }));
  const shapes = [...svg.querySelectorAll("path,rect,circle,line,polygon,polyline")].map(element => {
    const style = getComputedStyle(element), matrix = matrixOf(element), cell = element.getBBox();
    const box = {left: cell.x, top: cell.y, right: cell.x + cell.width, bottom: cell.y + cell.height};
    return {
      element, matrix, inverse: matrix.inverse(), order: order.get(element), isFilled: style.fill !== "none",
      isDrawn: style.stroke !== "none", around: bounds(corners(box).map(point => transformed(point, matrix))),
    };
  });
  const fills = shapes.filter(shape => shape.isFilled);
  const covers = (fill, point) => contains(fill.around, point, 0) && fill.element.isPointInFill(transformed(point, fill.inverse));
  const report = {texts: texts.length, smallest: Math.min(...texts.map(text => parseFloat(getComputedStyle(text.element).fontSize))), outside: [], overlapping: [], crossed: [], hidden: []};

  for (const text of texts) {
    text.plates = fills.filter(fill => fill.order < text.order && !apart(fill.around, text.around));
    if (corners(text.around).some(point => !contains(page, point, -SLACK))) report.outside.push(text.words);
    const middle = middleLine(text.box).map(point => transformed(point, text.matrix));
    const above = fills.filter(fill => fill.order > text.order && !apart(fill.around, text.around));
    if (middle.some(point => above.some(fill => covers(fill, point)))) report.hidden.push(text.words);
  }
  texts.forEach((one, position) => texts.slice(position + 1).forEach(other => {
    const isIndex = one.element === other.element && one.box.em !== other.box.em; // it stands close to its letter
    if (isIndex || apart(one.around, other.around)) return;
    const inverse = one.matrix.inverse().multiply(other.matrix);
    const points = [...corners(other.box), ...middleLine(other.box)].map(point => transformed(point, inverse));
    const back = inverse.inverse(), own = [...corners(one.box), ...middleLine(one.box)].map(point => transformed(point, back));
    const meet = points.some(point => contains(one.box, point, SLACK)) || own.some(point => contains(other.box, point, SLACK));
    if (meet) report.overlapping.push([one.words, other.words]);
  }));
  for (const line of shapes.filter(shape => shape.isDrawn)) {
    const near = texts.filter(text => !apart(text.around, {
      left: line.around.left - 1, right: line.around.right + 1, top: line.around.top - 1, bottom: line.around.bottom + 1,
    }));
    if (!near.length) continue;
    const length = line.element.getTotalLength(), crossed = new Set();
    for (let at = 0; at <= length; at += STEP) {
      const point = transformed(line.element.getPointAtLength(at), line.matrix);
      for (const text of near) {
        if (crossed.has(text) || !contains(text.box, transformed(point, text.inverse), SLACK)) continue;
        if (!text.plates.some(plate => plate.order > line.order && covers(plate, point))) crossed.add(text);
      }
    }
    report.crossed.push(...[...crossed].map(text => text.words));
  }
  return report;
}

const reports = Object.fromEntries([...document.querySelectorAll("div[id]")].map(div => [div.id, examine(div.querySelector("svg"))]));
document.body.innerHTML = "";
document.body.append(Object.assign(document.createElement("pre"), {textContent: JSON.stringify(reports)}));
