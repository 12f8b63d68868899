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
const pause = find("#feed-pause");
const shown = new Map();
let held = null;
let cursor = null;
let refusals = 0;

function open() {
  const stream = new EventSource(STREAM);
  stream.addEventListener("open", () => {
    refusals = 0;
    light("live", "Live");
    if (!held) load();
  });
  stream.addEventListener("entry", (event) => arrived(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CONNECTING) return light("waiting", "Reconnecting");
    // Refused: the browser gives up, so we ask again, ever more rarely.
    stream.close();
    light("off", "Not live just now");
    if (refusals === 0) load();
    setTimeout(open, RETRY_MILLISECONDS[Math.min(refusals, RETRY_MILLISECONDS.length - 1)]);
    refusals += 1;
  });
}

function light(state, text) {
  find("#feed .lamp").dataset.state = state;
  find("#feed-state").textContent = held ? "Paused" : text;
  pause.hidden = state !== "live" && !held;
}

async function load() {
  try {
    const page = await ask(`${FEED}?limit=${PAGE}`);
    if (shown.size && !page.items.some(({ id }) => shown.has(id))) clear();
    if (!shown.size) cursor = page.nextCursor;
    page.items.forEach(show);
    settle();
  } catch (failure) {
    if (!shown.size) tell(message, `The feed cannot be shown. ${failure.message}`, button("Try again", load));
  }
}

async function loadOlder() {
  older.disabled = true;
  try {
    const page = await ask(`${FEED}?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`);
    cursor = page.nextCursor;
    const first = page.items.map(show).find(Boolean);
    first?.focus({ preventScroll: true });
    settle();
  } catch (failure) {
    tell(message, `Older entries cannot be shown. ${failure.message}`);
  }
  older.disabled = false;
}

function settle() {
  tell(message, shown.size ? "" : "Nothing has been said in public yet. The first entry will appear here by itself.");
  older.hidden = !cursor || shown.size >= KEPT;
}

function clear() {
  shown.clear();
  list.replaceChildren();
}

function arrived(entry) {
  if (held) {
    held.push(entry);
    held.splice(0, held.length - KEPT);
    pause.textContent = `Go on (${held.length} new)`;
    return;
  }
  const item = show(entry);
  if (!item) return;
  item.classList.add("fresh");
  find("#feed-news").textContent = `New entry by ${entry.author.fingerprint}: ${entry.title || entry.content.slice(0, 120)}`;
  settle();
}

/** Put the entry at its place, newest first. Gives its element, or nothing if it is there already. */
function show(entry) {
  if (shown.has(entry.id)) return null;
  const item = render(entry);
  const next = [...shown.values()].filter((other) => before(other.entry, entry)).sort(newestFirst)[0];
  list.insertBefore(item, next?.item ?? null);
  shown.set(entry.id, { entry, item });
  if (shown.size > KEPT) forget();
  return item;
}

const before = (one, other) =>
  one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id);
const newestFirst = (one, other) => (before(one.entry, other.entry) ? 1 : -1);

function forget() {
  const oldest = [...shown.values()].sort(newestFirst).at(-1);
  oldest.item.remove();
  shown.delete(oldest.entry.id);
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
  pause.setAttribute("aria-pressed", Boolean(held));
  pause.textContent = held ? "Go on" : "Pause";
  find("#feed-state").textContent = held ? "Paused" : "Live";
  waiting.forEach(arrived);
  if (!held) load();
});
older.addEventListener("click", loadOlder);
open();
