// The public feed: the newest entries, then each new one as it is written. The stream is opened before the list is asked
// for, and entries are told apart by id, so that none falls between the two.

import { ask, button, element, find, since, tell } from "./dom.js";
import { seal } from "./seal.js";

const FEED = "/public/feed";
const STREAM = "/public/feed/stream";
const PAGE = 10;
const KEPT = 200;
const EXCERPT = 420;
const RETRY_MILLISECONDS = [5_000, 15_000, 60_000];

const list = find("#feed-entries");
const message = find("#feed-message");
const older = find("#feed-older");
const olderMessage = find("#feed-older-message");
const pause = find("#feed-pause");
const shown = new Map();
let status = { state: "waiting", text: "Connecting" };
let held = null; // while paused: what came meanwhile
let cursor = null;
let listed = false;
let refusals = 0;

// Between two breaks of the stream no entry is missed. What was shown before a break may not join what comes after it.
let stretch = 0;

function open() {
  const stream = new EventSource(STREAM);
  let begun = false;
  stream.addEventListener("open", () => {
    // The same stream, reconnected, goes on where it was; another one begins at now.
    if (!begun) breakOff();
    begun = true;
    refusals = 0;
    light("live", "Live");
    load();
  });
  stream.addEventListener("entry", (event) => arrived(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CONNECTING) return light("waiting", "Reconnecting");
    // Refused: the browser gives up, so we ask again, ever more rarely, and look at the list meanwhile.
    stream.close();
    breakOff();
    light("off", "Not live just now");
    load();
    setTimeout(open, RETRY_MILLISECONDS[Math.min(refusals, RETRY_MILLISECONDS.length - 1)]);
    refusals += 1;
  });
}

/** What waits may not join what comes next either; the list will have it. */
function breakOff() {
  stretch += 1;
  held &&= [];
}

function light(state, text) {
  status = { state, text };
  say();
}

/** How the feed is, and what the button does. */
function say() {
  const live = status.state === "live";
  find("#feed .lamp").dataset.state = status.state;
  find("#feed-state").textContent = held ? (live ? "Paused" : `Paused. ${status.text}`) : status.text;
  pause.textContent = held ? (held.length ? `Go on (${held.length} new)` : "Go on") : "Pause";
  pause.hidden = !live && !held;
}

/** The newest entries. Nothing moves while the feed is paused: going on asks again. */
async function load() {
  if (held && listed) return;
  const asked = stretch;
  try {
    const page = await ask(`${FEED}?limit=${PAGE}`);
    if (asked !== stretch || (held && listed)) return;
    join(page);
    page.items.forEach(show);
    settle();
  } catch (failure) {
    if (!shown.size) tell(message, `The feed cannot be shown. ${failure.message}`, button("Try again", load));
  }
}

/** Let go of what was shown before the break, if the page does not reach back to it: the entries between are not here. */
function join(page) {
  const before = [...shown.values()].filter((each) => each.stretch < stretch);
  const joined = before.length && page.items.some(({ id }) => before.includes(shown.get(id)));
  if (before.length && !joined) before.forEach(drop);
  if (!listed || (before.length && !joined)) cursor = page.nextCursor;
  for (const each of shown.values()) each.stretch = stretch;
  listed = true;
}

async function loadOlder() {
  const asked = cursor;
  if (older.ariaBusy === "true") return;
  older.ariaBusy = "true";
  try {
    const page = await ask(`${FEED}?limit=${PAGE}&cursor=${encodeURIComponent(asked)}`);
    tell(olderMessage, "");
    if (asked !== cursor) return;
    cursor = page.nextCursor;
    const first = page.items.map(show).find(Boolean);
    settle();
    first?.focus({ preventScroll: true });
  } catch (failure) {
    tell(olderMessage, `Older entries cannot be shown. ${failure.message}`);
  } finally {
    older.ariaBusy = "false";
  }
}

function settle() {
  tell(message, shown.size ? "" : "Nothing has been said in public yet. The first entry will appear here by itself.");
  older.hidden = !cursor || shown.size >= KEPT;
}

function arrived(entry) {
  if (shown.has(entry.id)) return;
  if (held) {
    held.push(entry);
    held.splice(0, held.length - KEPT);
    return say();
  }
  show(entry).classList.add("fresh");
  find("#feed-news").textContent = `New entry by ${entry.author.fingerprint}: ${entry.title || entry.content.slice(0, 120)}`;
  settle();
}

/** Put the entry at its place, newest first. Gives its element, or nothing if it is there already. */
function show(entry) {
  if (shown.has(entry.id)) return null;
  const item = render(entry);
  const next = [...shown.values()].filter((other) => before(other.entry, entry)).sort(newestFirst)[0];
  list.insertBefore(item, next?.item ?? null);
  shown.set(entry.id, { entry, item, stretch });
  if (shown.size > KEPT) forget();
  return item;
}

const before = (one, other) =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id);
const newestFirst = (one, other) => (before(one.entry, other.entry) ? 1 : -1);

function forget() {
  drop([...shown.values()].sort(newestFirst).at(-1));
}

function drop({ entry, item }) {
  item.remove();
  shown.delete(entry.id);
}

function render(entry) {
  const by = entry.author.fingerprint;
  const head = element("p", { class: "by" }, element("span", { class: "fingerprint" }, by), " ", since(entry.createdAt));
  const body = element("div", {}, head);
  if (entry.title) body.append(element("h3", { dir: "auto" }, entry.title));
  body.append(...words(entry.content));
  if (entry.tags?.length) {
    body.append(element("ul", { class: "tags", "aria-label": "Tags" }, ...entry.tags.map((tag) => element("li", {}, tag))));
  }
  return element("li", { tabindex: "-1", "data-entry": entry.id }, seal(by), body);
}

function words(content) {
  const paragraph = element("p", { class: "content", dir: "auto" }, content);
  if (content.length <= EXCERPT) return [paragraph];
  const excerpt = `${content.slice(0, EXCERPT).trimEnd()} …`;
  paragraph.textContent = excerpt;
  const more = button("Read on", () => {
    const open = more.getAttribute("aria-expanded") === "false";
    more.setAttribute("aria-expanded", open);
    more.textContent = open ? "Show less" : "Read on";
    paragraph.textContent = open ? content : excerpt;
  });
  more.className = "quiet";
  more.setAttribute("aria-expanded", "false");
  return [paragraph, more];
}

pause.addEventListener("click", () => {
  const waiting = held ?? [];
  held = held ? null : [];
  say();
  waiting.forEach(arrived);
  if (!held) load();
});
older.addEventListener("click", loadOlder);
open();
