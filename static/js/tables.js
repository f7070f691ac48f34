// Behaviour of tables: selection, filtering of pickers, search fields, split panel.
"use strict";

// --- Select all, and buttons that need a selection --------------------------------------------------
function countSelected(form) {
  const rows = [...document.querySelectorAll(".select-row:checked")];
  return rows.filter((row) => !form || row.form === form).length; // rows can stand outside: form="…"
}
function refreshSelection() {
  for (const button of document.querySelectorAll("[data-needs-selection]")) {
    const count = countSelected(button.form);
    const wanted = button.dataset.needsSelection;
    button.disabled = wanted.endsWith("+") ? count < parseInt(wanted) : count !== Number(wanted);
  }
  for (const all of document.querySelectorAll(".select-all")) {
    const rows = [...all.closest("table").querySelectorAll("tbody tr:not([hidden]) .select-row")];
    const chosen = rows.filter((row) => row.checked).length;
    all.checked = chosen > 0 && chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  }
}
on("change", ".select-all", (all) => {
  for (const row of all.closest("table").querySelectorAll("tbody tr:not([hidden]) .select-row")) {
    if (!row.disabled) row.checked = all.checked;
  }
});
on("click", "[data-copy-selected]", async (button) => {
  const row = document.querySelector(".select-row:checked");
  if (!row) return;
  await copyText(row.dataset[button.dataset.copySelected]);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
});
on("input", "[data-filter-rows]", (field) => {
  const wanted = field.value.trim().toLowerCase();
  for (const row of field.closest("[data-picker]").querySelectorAll("tbody tr")) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
  }
  refreshSelection();
});

// --- A search field inside what it refreshes keeps what was typed meanwhile ---------------------
let typed = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const field = document.activeElement;
  const isSearch = field.type === "search" && field.form?.matches("[role=search]");
  typed = isSearch && event.detail.target.contains(field) ? { id: field.id, value: field.value } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const field = typed && document.getElementById(typed.id);
  if (!field) return;
  field.value = typed.value;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
});
document.addEventListener("htmx:afterSettle", () => {
  const field = typed && document.getElementById(typed.id);
  typed = null;
  // The answer is already out of date: ask again.
  if (field && field.value !== field.defaultValue) field.form.requestSubmit();
});

// --- Split panel: its height by dragging or by arrow keys, and folded away ------------------------
function resize(panel, height) {
  panel.style.height = `${Math.round(Math.max(80, Math.min(height, innerHeight * 0.7)))}px`;
}
on("pointerdown", "[data-split-handle]", (handle, event) => {
  const panel = handle.closest("[data-split]");
  const bottom = panel.getBoundingClientRect().bottom;
  const drag = (moved) => resize(panel, bottom - moved.clientY);
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", drag);
  handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", drag), { once: true });
});
on("keydown", "[data-split-handle]", (handle, event) => {
  const step = { ArrowUp: 24, ArrowDown: -24 }[event.key];
  if (!step) return;
  event.preventDefault();
  const panel = handle.closest("[data-split]");
  resize(panel, panel.offsetHeight + step);
});
on("click", "[data-split-toggle]", (button) => {
  const isCollapsed = button.closest("[data-split]").classList.toggle("collapsed");
  button.setAttribute("aria-expanded", String(!isCollapsed));
});

document.addEventListener("change", refreshSelection);
document.addEventListener("htmx:afterSettle", refreshSelection);
window.addEventListener("pageshow", refreshSelection);
