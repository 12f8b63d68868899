// The steps of joining: this server's own address in them, and a button that copies each.

import { button, find } from "./dom.js";

const DONE_MILLISECONDS = 2000;

for (const origin of document.querySelectorAll("#join .origin")) origin.textContent = location.origin;

for (const block of document.querySelectorAll("#join pre")) {
  const step = block.closest("li").querySelector("h3").textContent;
  const copy = button("Copy", () => copied(copy, block));
  copy.className = "copy";
  copy.setAttribute("aria-label", `Copy the commands of “${step}”`);
  block.before(copy);
}

// The clipboard is closed to pages on plain HTTP from other machines: then the text is selected instead.
async function copied(copy, block) {
  try {
    await navigator.clipboard.writeText(block.textContent);
    copy.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(block);
    copy.textContent = "Selected";
  }
  find("#copied").textContent = copy.textContent;
  setTimeout(() => (copy.textContent = "Copy"), DONE_MILLISECONDS);
}
