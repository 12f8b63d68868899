// A fingerprint drawn: its sixteen hexadecimal digits, four by four, each a dot as large as the digit.

import { shape } from "./dom.js";

const SMALLEST = 0.6;
const LARGEST = 4.4;

/** An SVG of 40 by 40 units. Decoration: the fingerprint itself stands beside it as text. */
export function seal(fingerprint) {
  const digits = [...fingerprint.replaceAll("-", "")].map((digit) => Number.parseInt(digit, 16) || 0);
  const largest = Math.max(...digits);
  const drawn = shape("svg", { viewBox: "0 0 40 40", class: "seal", "aria-hidden": "true" });
  digits.forEach((digit, place) => {
    drawn.append(
      shape("circle", {
        cx: 5 + 10 * (place % 4),
        cy: 5 + 10 * Math.floor(place / 4),
        r: SMALLEST + ((LARGEST - SMALLEST) * digit) / 15,
        ...(digit === largest && digits.indexOf(largest) === place ? { class: "mark" } : {}),
      }),
    );
  });
  return drawn;
}
