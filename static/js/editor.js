// The code editor: line numbers, cursor position, Tab, and problems that lead to their line.
"use strict";

function refreshEditor(text) {
  const frame = text.closest("[data-code-editor]");
  const lines = frame.querySelector(".code-editor-lines");
  const count = text.value.split("\n").length;
  if (lines.dataset.count !== String(count)) {
    lines.textContent = Array.from({ length: count }, (_, index) => index + 1).join("\n");
    lines.dataset.count = count;
  }
  lines.scrollTop = text.scrollTop;
  const before = text.value.slice(0, text.selectionStart).split("\n");
  const [line, column] = frame.querySelectorAll("[data-cursor] b");
  line.textContent = before.length;
  column.textContent = before.at(-1).length + 1;
}
for (const type of ["input", "keyup", "click", "scroll"]) {
  on(type, "textarea.code-editor", refreshEditor, true);
}
let leaves = false; // Esc, then Tab, leaves the editor
on("keydown", "textarea.code-editor", (text, event) => {
  if (event.key === "Tab" && !event.shiftKey && !leaves) {
    event.preventDefault();
    text.setRangeText("    ", text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  leaves = event.key === "Escape";
});
on("click", ".code-editor-problems [data-line]", (problem) => {
  const text = problem.closest("[data-code-editor]").querySelector("textarea");
  const lines = text.value.split("\n").slice(0, Number(problem.dataset.line) - 1);
  const at = lines.join("\n").length + (lines.length ? 1 : 0) + Number(problem.dataset.column || 1) - 1;
  text.focus();
  text.setSelectionRange(at, at);
  text.scrollTop = Math.max(0, (lines.length - 3) * 20);
  refreshEditor(text);
});

function refreshEditors() {
  for (const text of document.querySelectorAll("textarea.code-editor")) refreshEditor(text);
}
document.addEventListener("htmx:afterSettle", refreshEditors);
window.addEventListener("pageshow", refreshEditors);
