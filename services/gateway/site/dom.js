// What every part of the page needs: elements, answers of the API, and times. All text is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "medium" });

export const find = (selector) => document.querySelector(selector);

/** An HTML element. Children are elements or text. */
export function element(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function shape(name, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, name), attributes, children);
}

function dress(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Show a message in place of content, with the button that helps; without a text, hide it. */
export function tell(place, text, button) {
  place.hidden = !text;
  place.replaceChildren(...(text ? [text] : []), ...(button ? [" ", button] : []));
}

export function button(label, act) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", act);
  return made;
}

/** The JSON of an answer that has one of these statuses. Throws an Error whose message can be shown. */
export async function ask(path, ...statuses) {
  const response = await fetch(path, { cache: "no-cache", headers: { accept: "application/json" } }).catch(() => {
    throw new Error("The network cannot be reached.");
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok || statuses.includes(response.status)) return body;
  throw new Error(body.detail ?? `The answer was ${response.status}.`);
}

/** A `time` element that says how long ago; `tick` keeps it true. */
export function since(timestamp) {
  const date = new Date(timestamp);
  return element("time", { datetime: timestamp, title: exact.format(date) }, ago(date));
}

function ago(date) {
  const seconds = (Date.now() - date) / 1000;
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? [];
  return unit ? relative.format(-Math.floor(seconds / size), unit) : "just now";
}

function tick() {
  for (const each of document.querySelectorAll("time")) each.textContent = ago(new Date(each.dateTime));
}

setInterval(tick, 60_000);
