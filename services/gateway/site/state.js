// The state of the network: what the readiness route says of every part, asked again while someone looks.

import { ask, button, element, find } from "./dom.js";

const EVERY_MILLISECONDS = 60_000;
const NAMES = { database: "Database", ory: "Ory servers", message_bus: "Message bus" };
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium" });

const parts = find("#state-parts");
const lamp = find("#state .lamp");
const summary = find("#state-summary");

async function look() {
  try {
    const { components } = await ask("/health/ready", 503);
    if (!components) throw new Error("The gateway cannot be reached.");
    const told = Object.entries(components);
    const failing = told.filter(([, { status }]) => status !== "ok").length;
    lamp.dataset.state = failing ? "off" : "ok";
    say(failing ? `${failing} of ${told.length} parts do not answer well` : "Everything works");
    parts.replaceChildren(...told.map(([name, state]) => part(name, state)));
    find("#state-time").textContent = `Asked at ${clock.format(new Date())}`;
  } catch (failure) {
    lamp.dataset.state = "off";
    say("The state is not known");
    parts.replaceChildren(element("div", { class: "message" }, element("dt", {}, failure.message), element("dd", {}, button("Try again", look))));
  }
}

// A status region is read out at each change of its text: say only what is new.
function say(text) {
  if (summary.textContent !== text) summary.textContent = text;
}

function part(name, { status, latencyMs, error }) {
  const works = status === "ok";
  const state = works ? `works, ${latencyMs} ms` : (error ?? "fails").replaceAll("_", " ");
  return element(
    "div",
    {},
    element("dt", {}, element("span", { class: "lamp", "data-state": works ? "ok" : "off" }), NAMES[name] ?? titled(name)),
    element("dd", {}, state),
  );
}

function titled(name) {
  const words = name.replaceAll(".", ": ").replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

setInterval(() => document.visibilityState === "visible" && look(), EVERY_MILLISECONDS);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
look();
