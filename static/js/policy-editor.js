// The policy editor: the text waits while a block changes it, and what was open stays open.
"use strict";

const editorOf = (element) => element?.closest?.("[data-policy-editor]");
const isCommand = (event) => editorOf(event.detail.elt) && !event.detail.elt.matches("textarea.code-editor");

for (const [type, waits] of [["beforeRequest", true], ["afterRequest", false]]) {
  document.addEventListener(`htmx:${type}`, (event) => {
    if (!isCommand(event)) return;
    const text = document.querySelector("[data-policy-editor] textarea.code-editor");
    if (text) text.readOnly = waits;
  });
}

let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const editor = editorOf(event.detail.target);
  if (!editor) return;
  const keepers = [...editor.querySelectorAll("[data-keep-scroll]")];
  kept = {
    details: new Map([...editor.querySelectorAll("details[id]")].map((one) => [one.id, one.open])),
    scrolls: new Map(keepers.map((one) => [one.id, one.scrollTop])),
  };
});
document.addEventListener("htmx:afterSwap", () => {
  if (!kept) return;
  for (const [id, isOpen] of kept.details) {
    const details = document.getElementById(id);
    if (details) details.open = isOpen;
  }
  for (const [id, top] of kept.scrolls) document.getElementById(id)?.scrollTo(0, top);
  kept = null;
});

// Enter in a small group of fields presses the group's own button.
on(
  "keydown",
  "[data-policy-editor] input",
  (input, event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // HTMX parses what stands in <noscript>, which is not meant.
    const own = "button[name=command]:not(noscript *)";
    const button = input.closest("[data-enter]")?.querySelector(own);
    if (button) button.click();
    else input.dispatchEvent(new Event("change", { bubbles: true }));
  },
  true,
);
