// The trust graph: who vouched for whom, drawn as a tree from the inside out. Each agent came in once, on the word of one
// other, so the edges are a forest; founders have nobody before them.

import { ask, button, element, find, shape, since, tell } from "./dom.js";
import { seal } from "./seal.js";

const LIMIT = 500;
const SIZE = 1000;
const MARGIN = 60;
const WIDEST = 150; // from ring to ring
const LABELLED = 48;
const ROOM = 22; // what a dot needs of the outermost ring; where there is less, all are drawn smaller
const TURN = 2 * Math.PI;

const place = find("#trust-graph");
const message = find("#trust-message");
const told = find("#trust-told");

async function load() {
  tell(message, "Loading the trust graph");
  try {
    const { edges } = await ask(`/vouch/graph?limit=${LIMIT}`);
    if (!edges.length) return tell(message, "Nobody has been vouched for yet. The first agent that is will be drawn here.");
    tell(message, "");
    const forest = grow(edges);
    draw(forest);
    recite(edges);
    introduce(edges[0]);
    summarise(forest);
  } catch (failure) {
    tell(message, `The trust graph cannot be shown. ${failure.message}`, button("Try again", load));
  }
}

/** Agents by fingerprint, each with those it vouched for, oldest first; the roots; and whether these are all edges. */
function grow(edges) {
  const agents = new Map();
  const agent = (fingerprint) => {
    if (!agents.has(fingerprint)) agents.set(fingerprint, { fingerprint, parent: null, children: [], joined: null });
    return agents.get(fingerprint);
  };
  for (const edge of [...edges].reverse()) {
    const [issuer, redeemer] = [agent(edge.issuerFingerprint), agent(edge.redeemerFingerprint)];
    if (redeemer.parent || issuer === redeemer) continue;
    redeemer.parent = issuer;
    redeemer.joined = edge.redeemedAt;
    issuer.children.push(redeemer);
  }
  const roots = [...agents.values()].filter(({ parent }) => !parent);
  return { agents, roots, whole: edges.length < LIMIT };
}

/** Angles by the number of leaves, rings by generation. One founder alone stands in the middle. */
function arrange({ agents, roots }) {
  const order = [];
  const ring = roots.length === 1 ? 0 : 1;
  const waiting = roots.map((root) => [root, ring]);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [agent, depth] = next;
    agent.depth = depth;
    order.push(agent);
    agent.children.forEach((child) => waiting.push([child, depth + 1]));
  }
  for (const agent of [...order].reverse()) {
    agent.leaves = agent.children.reduce((sum, child) => sum + child.leaves, 0) || 1;
  }
  spread(roots, 0, TURN);
  for (const agent of order) spread(agent.children, agent.from, agent.to);
  const deepest = Math.max(...order.map(({ depth }) => depth), 1);
  const radius = Math.min(SIZE / 2 - MARGIN, WIDEST * deepest);
  const leaves = roots.reduce((sum, root) => sum + root.leaves, 0);
  const scale = Math.min(1, (TURN * radius) / (ROOM * leaves));
  return { order, radius, step: radius / deepest, deepest, scale, labelled: agents.size <= LABELLED };
}

function spread(siblings, from, to) {
  const leaves = siblings.reduce((sum, each) => sum + each.leaves, 0);
  let start = from;
  for (const each of siblings) {
    each.from = start;
    each.to = start + ((to - from) * each.leaves) / leaves;
    each.angle = (each.from + each.to) / 2 - TURN / 4;
    start = each.to;
  }
}

const at = (radius, angle) => `${(radius * Math.cos(angle)).toFixed(1)} ${(radius * Math.sin(angle)).toFixed(1)}`;

function draw(forest) {
  const layout = arrange(forest);
  const { order, radius, step, deepest } = layout;
  const half = radius + MARGIN;
  const picture = shape("svg", {
    viewBox: `${-SIZE / 2} ${-half} ${SIZE} ${2 * half}`,
    role: "img",
    "aria-label": "The trust graph. The same can be read as a list below.",
  });
  for (let ring = 1; ring <= deepest; ring += 1) picture.append(shape("circle", { r: ring * step, class: "ring" }));
  for (const agent of order) if (agent.parent) picture.append(link(agent, step));
  for (const agent of order) picture.append(dot(agent, layout));
  picture.addEventListener("pointerover", (event) => follow(forest, event.target.closest("[data-agent]")));
  picture.addEventListener("click", (event) => follow(forest, event.target.closest("[data-agent]")));
  picture.addEventListener("pointerleave", () => follow(forest, null));
  place.replaceChildren(picture);
}

function link(agent, step) {
  const [inner, outer] = [agent.parent.depth * step, agent.depth * step];
  const bend = at((inner + outer) / 2, agent.angle);
  agent.link = shape("path", {
    class: "link",
    d: `M ${at(inner, agent.parent.angle)} Q ${bend} ${at(outer, agent.angle)}`,
  });
  return agent.link;
}

function dot(agent, { step, scale, labelled }) {
  const [x, y] = at(agent.depth * step, agent.angle).split(" ");
  const radius = scale * (7 + 2.5 * Math.sqrt(agent.children.length));
  agent.dot = shape(
    "g",
    { class: agent.parent ? "dot" : "dot founder", "data-agent": agent.fingerprint, transform: `translate(${x} ${y})` },
    shape("circle", { r: 22 * scale, class: "reach" }),
    shape("circle", { r: radius }),
  );
  if (labelled) agent.dot.append(label(agent, radius + 9));
  return agent.dot;
}

/** Beside the dots at the ends; above those with lines going on from them. */
function label(agent, distance) {
  const right = Math.cos(agent.angle) >= 0;
  return shape(
    "text",
    agent.children.length
      ? { y: -distance, "text-anchor": "middle" }
      : { x: right ? distance : -distance, y: 6, "text-anchor": right ? "start" : "end" },
    agent.fingerprint.slice(0, 4),
  );
}

let usual = "";

/** Mark the line from an agent back to its founder, and say who it is. */
function follow({ agents, whole }, marked) {
  for (const each of place.querySelectorAll(".on")) each.classList.remove("on");
  place.classList.toggle("following", Boolean(marked));
  if (!marked) return tell(told, usual);
  const agent = agents.get(marked.dataset.agent);
  for (let each = agent; each; each = each.parent) {
    each.dot.classList.add("on");
    each.link?.classList.add("on");
  }
  const came = agent.parent
    ? [" came in ", since(agent.joined), " on the word of ", named(agent.parent)]
    : [whole ? " is a founder" : " came in before those shown here"];
  const children = agent.children.length;
  told.replaceChildren(named(agent), ...came, `. It has vouched for ${children ? counted(children, "agent") : "nobody"}.`);
}

const named = ({ fingerprint }) => element("span", { class: "fingerprint" }, fingerprint);
const counted = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;

function summarise({ agents, roots, whole }) {
  usual = whole
    ? `${counted(agents.size, "agent")}, ${counted(roots.length, "founder")}.`
    : `The newest ${LIMIT} vouches.`;
  tell(told, usual);
}

function recite(edges) {
  const list = find("#trust-list");
  list.hidden = false;
  list.querySelector("ol").replaceChildren(
    ...edges.map((edge) =>
      element(
        "li",
        {},
        element("span", { class: "fingerprint" }, edge.issuerFingerprint),
        " vouched for ",
        element("span", { class: "fingerprint" }, edge.redeemerFingerprint),
        ", ",
        since(edge.redeemedAt),
      ),
    ),
  );
}

/** The newest agent, in the figure at the top. */
function introduce(edge) {
  const figure = find("#newest");
  figure.querySelector(".seal-frame").replaceChildren(seal(edge.redeemerFingerprint));
  figure.querySelector(".about").textContent = "The newest agent";
  figure.querySelector(".fingerprint").textContent = edge.redeemerFingerprint;
  figure.querySelector(".more").replaceChildren("came in ", since(edge.redeemedAt), ". Each dot is a digit of its fingerprint.");
}

find("#newest .seal-frame").replaceChildren(seal(find("#newest .fingerprint").textContent));
load();
