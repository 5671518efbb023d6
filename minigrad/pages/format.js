/** Numbers as the pictures print them: four significant digits, U+2212 for minus, and 1.234×10⁻⁵. */

const DIGITS = 4;
/** The exponent of ten of the smallest numbers that are written without a power of ten, as in 0.0001234. */
const LEAST_FIXED = -4;
/** Whole numbers below it are written with all their digits where they were given. */
const MOST_WHOLE = 10_000_000;
/** What ends in a five and zeros, behind the digits that are written. */
const TIE = /5000000e/;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Return a number that was computed, always with four significant digits: 0.07000, −0.9300; null as "—". */
export function formatNumber(number) {
  return specialText(number) ?? signOf(number) + decimalText(...roundedDigits(Math.abs(number)));
}

/** Return a number that was given, such as a weight, with as few digits as it needs: 0.8, −0.5; else rounded. */
export function formatGiven(number) {
  const special = specialText(number);
  if (special !== null) return special;
  const magnitude = Math.abs(number);
  if (Number.isInteger(number) && magnitude < MOST_WHOLE) return signOf(number) + magnitude.toFixed(0);
  let [digits, exponent] = roundedDigits(magnitude);
  const rounded = Number(`${digits}e${exponent - DIGITS + 1}`);
  const isExact = Math.abs(rounded - magnitude) <= 1e-12 * Math.max(rounded, magnitude);
  if (isExact) digits = digits.replace(/0+$/, "");
  return signOf(number) + decimalText(digits, exponent);
}

/** Return what is written for an unknown number, for zero and for what is not finite; null for any other number. */
function specialText(number) {
  if (number === null || number === undefined) return "—";
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  return number === 0 ? "0" : null;
}

function signOf(number) {
  return number < 0 ? "−" : "";
}

/** Return the four significant digits of a number above 0 and its exponent of ten; a tie goes to the even digit. */
function roundedDigits(magnitude) {
  const [digits, exponent] = splitExponent(magnitude.toExponential(DIGITS - 1));
  if (!TIE.test(magnitude.toExponential(DIGITS + 6))) return [digits, exponent]; // all digits of all numbers take long
  // oxlint-disable-next-line number-arg-out-of-range -- it may be up to 100 since ES2018
  const [exact, exactExponent] = splitExponent(magnitude.toExponential(50));
  const truncated = exact.slice(0, DIGITS);
  const isTie = /^50*$/.test(exact.slice(DIGITS));
  return isTie && Number(truncated[DIGITS - 1]) % 2 === 0 ? [truncated, exactExponent] : [digits, exponent];
}

function splitExponent(text) {
  const end = text.indexOf("e");
  return [text[0] + text.slice(2, end), Number(text.slice(end + 1))];
}

/** Return digits with the point where it belongs, times a power of ten where the number is very large or small. */
function decimalText(digits, exponent) {
  if (exponent < LEAST_FIXED || exponent >= DIGITS) {
    return `${withPoint(digits, 1)}×10${raised(exponent)}`;
  }
  return exponent < 0 ? `0.${"0".repeat(-exponent - 1)}${digits}` : withPoint(digits.padEnd(exponent + 1, "0"), exponent + 1);
}

function withPoint(digits, position) {
  return digits.length > position ? `${digits.slice(0, position)}.${digits.slice(position)}` : digits;
}

function raised(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]);
  return (exponent < 0 ? "⁻" : "") + digits.join("");
}
