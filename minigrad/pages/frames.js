/** The parameters at every frame of a training, from the code that Python wrote: pages/replay.py says what it is. */

const STEPS = 32766;
const NOT_FINITE = new Map([
  [32767, Infinity],
  [-32767, -Infinity],
  [-32768, NaN],
]);

/** `count` frames of `size` numbers, each a whole number of steps of the scale that it has in all frames. */
export class Frames {
  constructor({ count, size, scales, codes }) {
    this.count = count;
    this.size = size;
    this.scales = new Float64Array(bytesOf(scales).buffer);
    this.codes = decodeDifferences(bytesOf(codes), count, size);
  }

  /** Write the numbers of a frame into an array, from the positions of `places` on where there are any. */
  read(frame, array, places = null) {
    const { codes, scales, size } = this;
    for (let index = 0, start = frame * size; index < size; index += 1) {
      array[places === null ? index : places[index]] = decoded(codes[start + index], scales[index]);
    }
  }

  /** Return one of the numbers in all frames. */
  history(index) {
    return Array.from({ length: this.count }, (_, frame) =>
      decoded(this.codes[frame * this.size + index], this.scales[index]),
    );
  }
}

function decoded(code, scale) {
  return NOT_FINITE.has(code) ? NOT_FINITE.get(code) : (code / STEPS) * scale;
}

/** Return the codes of all frames: in base 128, the lowest bits first, each the difference from the frame before. */
export function decodeDifferences(bytes, count, size) {
  const codes = new Int16Array(count * size);
  let at = 0;
  for (let index = 0; index < codes.length; index += 1) {
    let number = 0;
    let shift = 0;
    while (bytes[at] > 127) {
      number |= (bytes[at] & 127) << shift;
      shift += 7;
      at += 1;
    }
    number |= bytes[at] << shift;
    at += 1;
    const difference = number & 1 ? -(number + 1) / 2 : number / 2;
    codes[index] = (index < size ? 0 : codes[index - size]) + difference;
  }
  return codes;
}

/** Return the bytes of a text in base 64. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
