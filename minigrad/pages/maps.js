/** Pictures of numbers: what a neuron computes over the plane of two inputs, and weights as the pixels of an image. */

/** How many points a map is computed at, across and down. */
export const MAP_POINTS = 36;

/** Return `count` numbers, evenly spaced from one end of a range to the other. */
export function evenlySpaced([low, high], count) {
  return Array.from({ length: count }, (_, index) => low + (index / (count - 1)) * (high - low));
}

/** Return the range of some numbers with a margin on both sides. */
export function rangeOf(numbers, margin = 0.12) {
  const known = numbers.filter(Number.isFinite);
  let low = known.reduce((least, number) => Math.min(least, number), Infinity);
  let high = known.reduce((most, number) => Math.max(most, number), -Infinity);
  if (low > high) return [-1, 1];
  if (low === high) [low, high] = [low - 1, high + 1];
  return [low - margin * (high - low), high + margin * (high - low)];
}

/** Return the largest distance of some numbers from a middle; 1 where all of them lie there. */
export function reachOf(numbers, middle) {
  let reach = 0;
  for (const number of numbers) {
    const distance = Math.abs(number - middle);
    if (Number.isFinite(distance) && distance > reach) reach = distance;
  }
  return reach || 1;
}

/** Return the distance from zero that only few of some numbers exceed; 1 where all of them are zero. */
export function usualReach(numbers) {
  const sizes = numbers
    .map(Math.abs)
    .filter(Number.isFinite)
    .sort((first, second) => first - second);
  return sizes[Math.floor(0.98 * (sizes.length - 1))] || 1;
}

/**
 * A canvas with the map of a field of `points` by `points` numbers, the first row at the bottom.
 *
 * Above the middle it is of the positive color, below of the negative one and hatched, between the two runs a line; what
 * is not finite is hatched in ink.
 */
export class FieldMap {
  constructor(canvas, points, density) {
    const { width, height } = canvas;
    Object.assign(this, { canvas, points, density });
    this.context = canvas.getContext("2d");
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.numbers = new Float64Array(width * height); // a network that diverges has numbers beyond 32 bits
    this.across = gridPositions(width, points);
    this.down = gridPositions(height, points).reverse();
  }

  /** Show a field; from the distance `reach` from the middle on colors are full. */
  show(field, { middle, reach, shades }) {
    const { numbers, pixels } = this;
    const { width, height } = this.canvas;
    this.interpolate(field, middle);
    const period = Math.round(6 * this.density);
    const thickness = Math.max(1, Math.round(1.2 * this.density));
    const scale = 255 / reach;
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        const number = numbers[at];
        const level = Math.abs(number) * scale;
        const isAbove = number > 0;
        if (!(level < Infinity)) pixels[at] = (x + y) % period < thickness ? shades.paper : shades.ink;
        else if (x >= thickness && numbers[at - thickness] > 0 !== isAbove) pixels[at] = shades.ink;
        else if (y >= thickness && numbers[at - thickness * width] > 0 !== isAbove) pixels[at] = shades.ink;
        else if (number === 0) pixels[at] = shades.paper;
        else {
          const colors = isAbove ? shades.positive : (x + y) % period < thickness ? shades.stripe : shades.negative;
          pixels[at] = colors[level < 255 ? level | 0 : 255];
        }
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /** Compute the distance from the middle at each pixel from the four points around it. */
  interpolate(field, middle) {
    const { across, down, numbers, points } = this;
    const line = new Float64Array(points);
    let at = 0;
    for (const [row, up] of down) {
      const start = row * points;
      for (let index = 0; index < points; index += 1) {
        const lower = field[start + index];
        line[index] = up === 0 ? lower : lower + up * (field[start + points + index] - lower);
      }
      for (const [column, right] of across) {
        const left = line[column];
        numbers[at] = (right === 0 ? left : left + right * (line[column + 1] - left)) - middle;
        at += 1;
      }
    }
  }
}

/** Return for each pixel the grid point before it and how far it is on the way to the next. */
function gridPositions(pixels, points) {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = ((pixel + 0.5) / pixels) * (points - 1);
    const before = Math.floor(place);
    return [before, place - before];
  });
}

/** Fill a canvas with weights as pixels, of the full color from a reach on; the square of a negative one is smaller. */
export function drawPixels(canvas, weights, columns, { reach, colors }) {
  const size = canvas.width / columns;
  const context = canvas.getContext("2d");
  context.fillStyle = cssOf(colors.paper);
  context.fillRect(0, 0, canvas.width, canvas.height);
  weights.forEach((weight, index) => {
    const x = (index % columns) * size;
    const y = Math.floor(index / columns) * size;
    const share = Math.min(1, Math.abs(weight) / reach);
    context.fillStyle = Number.isFinite(weight)
      ? cssOf(mixed(colors.paper, weight < 0 ? colors.negative : colors.positive, share))
      : cssOf(colors.ink);
    const inset = weight < 0 ? Math.max(size > 3 ? 1 : 0, Math.round(size / 9)) : 0;
    context.fillRect(
      Math.floor(x) + inset,
      Math.floor(y) + inset,
      Math.ceil(size) - 2 * inset,
      Math.ceil(size) - 2 * inset,
    );
    if (Number.isNaN(weight) && size > 5) {
      context.strokeStyle = cssOf(colors.paper);
      context.strokeRect(x + 1.5, y + 1.5, size - 3, size - 3);
    }
  });
}

/** Draw samples over a map: a disc for a target of at least the middle, a square for one below; one has a ring. */
export function drawPoints(canvas, points, { middle, reach, colors, density, chosen }) {
  const context = canvas.getContext("2d");
  const radius = (points.length > 80 ? 3.6 : 5.5) * density;
  points.forEach(({ x, y, target }, index) => {
    const [left, top] = [x * canvas.width, (1 - y) * canvas.height];
    const share = Math.min(1, 0.4 + (0.6 * Math.abs(target - middle)) / reach);
    context.beginPath();
    if (target >= middle) context.arc(left, top, radius, 0, 2 * Math.PI);
    else context.rect(left - radius * 0.9, top - radius * 0.9, radius * 1.8, radius * 1.8);
    context.fillStyle = cssOf(
      target >= middle ? mixed(colors.paper, colors.positive, share) : mixed(colors.paper, colors.negative, share),
    );
    context.fill();
    context.lineWidth = 1.6 * density;
    context.strokeStyle = cssOf(colors.paper);
    context.stroke();
    if (index !== chosen) return;
    for (const [color, width] of [
      [colors.paper, 5],
      [colors.ink, 2.2],
    ]) {
      context.beginPath();
      context.arc(left, top, radius + 4.5 * density, 0, 2 * Math.PI);
      context.lineWidth = width * density;
      context.strokeStyle = cssOf(color);
      context.stroke();
    }
  });
}

/** Return the colors that the page has now as triples of red, green and blue, by their roles, and `shades` for fields. */
export function pageColors(root) {
  const probe = root.appendChild(document.createElement("span"));
  const color = (role) => {
    probe.style.color = `var(--${role})`;
    return getComputedStyle(probe)
      .color.match(/[\d.]+/g)
      .slice(0, 3)
      .map(Number);
  };
  const colors = Object.fromEntries(["paper", "ink", "positive", "negative"].map((role) => [role, color(role)]));
  probe.remove();
  return { ...colors, shades: shadesOf(colors) };
}

function mixed(from, to, share) {
  return from.map((part, index) => Math.round(part + share * (to[index] - part)));
}

function cssOf([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** Return the colors of 256 levels of both signs, as the bytes of a canvas have them. */
function shadesOf({ paper, ink, positive, negative }) {
  const shades = (color, least, most) =>
    Uint32Array.from({ length: 256 }, (_, level) => bytes(mixed(paper, color, least + (most - least) * (level / 255))));
  return {
    paper: bytes(paper),
    ink: bytes(ink),
    positive: shades(positive, 0.08, 0.66),
    negative: shades(negative, 0.08, 0.66),
    stripe: shades(negative, 0.02, 0.4),
  };
}

function bytes([red, green, blue]) {
  return (255 << 24) | (blue << 16) | (green << 8) | red; // canvases are little-endian wherever browsers run
}
