// Console Home: widgets are moved by dragging their handle, or with Space and the arrow keys.
"use strict";

let carried = null; // the widget in the air
let before = []; // the order to come back to

function widgetsOf(board) {
  return [...board.querySelectorAll("[data-widget]")];
}
function pickUp(widget) {
  carried = widget;
  before = widgetsOf(widget.parentElement);
  widget.classList.add("carried");
  widget.querySelector("[data-handle]").setAttribute("aria-pressed", "true");
}
function putDown(isKept) {
  const board = carried.parentElement;
  const handle = carried.querySelector("[data-handle]");
  carried.classList.remove("carried");
  handle.setAttribute("aria-pressed", "false");
  carried = null;
  if (!isKept) {
    board.append(...before);
    handle.focus();
    return;
  }
  const order = widgetsOf(board).map((widget) => widget.dataset.widget).join(",");
  const values = { action: "order", order };
  htmx.ajax("POST", board.dataset.board, { source: board, target: "#board", swap: "outerHTML", values });
}

on("dragstart", "[data-handle]", (handle, event) => {
  const widget = handle.closest("[data-widget]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(widget, 16, 16);
  pickUp(widget);
});
on("dragover", "[data-widget]", (widget, event) => {
  if (!carried) return;
  event.preventDefault();
  if (widget === carried) return;
  const all = widgetsOf(widget.parentElement);
  if (all.indexOf(carried) < all.indexOf(widget)) widget.after(carried);
  else widget.before(carried);
});
on("drop", "[data-board]", (board, event) => {
  event.preventDefault();
  if (carried) putDown(true);
});
on("dragend", "[data-handle]", () => {
  if (carried) putDown(false);
});

on("keydown", "[data-handle]", (handle, event) => {
  const widget = handle.closest("[data-widget]");
  const isCarried = carried === widget;
  if (event.key === " " || (event.key === "Enter" && isCarried)) {
    event.preventDefault();
    if (isCarried) putDown(true);
    else pickUp(widget);
  } else if (isCarried && event.key === "Escape") {
    putDown(false);
  } else if (isCarried && event.key.startsWith("Arrow")) {
    event.preventDefault();
    const isBack = ["ArrowUp", "ArrowLeft"].includes(event.key);
    const neighbour = isBack ? widget.previousElementSibling : widget.nextElementSibling;
    if (isBack) neighbour?.before(widget);
    else neighbour?.after(widget);
    handle.focus();
  }
});
on("focusout", "[data-handle]", (handle, event) => {
  if (carried && event.relatedTarget && !carried.contains(event.relatedTarget)) putDown(false);
});
