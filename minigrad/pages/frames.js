/** The parameters at every frame of a training, from the code that Python wrote: pages/replay.py says what it is. */

const STEPS = 32766;
const NOT_FINITE = new Map([
  [32767, Infinity],
  [-32767, -Infinity],
  [-32768, NaN],
]);

/** `count` frames of `size` numbers, which `number(frame, index)` of each kind of frames returns. */
export class Frames {
  /** Write the numbers of a frame into an array, from the positions of `places` on where there are any. */
  read(frame, array, places = null) {
    for (let index = 0; index < this.size; index += 1)
      array[places === null ? index : places[index]] = this.number(frame, index);
  }

  /** Return one of the numbers in all frames. */
  history(index) {
    return Array.from({ length: this.count }, (_, frame) => this.number(frame, index));
  }
}

/** Frames whose numbers are whole numbers of steps of the scale that each has in all frames. */
export class CodedFrames extends Frames {
  constructor({ count, size, scales, bends, codes }) {
    super();
    this.count = count;
    this.size = size;
    this.scales = new Float64Array(bytesOf(scales).buffer);
    this.bends = new Float32Array(bytesOf(bends).buffer);
    this.codes = decodeDifferences(bytesOf(codes), count, size);
  }

  /** Return one of the numbers in a frame. */
  number(frame, index) {
    const code = this.codes[frame * this.size + index];
    if (NOT_FINITE.has(code)) return NOT_FINITE.get(code);
    const [share, bend] = [code / STEPS, this.bends[index]];
    return (bend > 0 ? Math.sinh(bend * share) / Math.sinh(bend) : share) * this.scales[index];
  }
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
