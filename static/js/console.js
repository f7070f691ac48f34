// The shell's behaviour. Listeners are delegated, so that fragments need no set-up; without this
// file every control is still a link or a form.
"use strict";

const narrow = matchMedia("(max-width: 688px)");

function on(type, selector, handle, capture = false) {
  const listen = (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) handle(found, event);
  };
  document.addEventListener(type, listen, capture);
}

// --- Menus: one open at a time, closed by Esc and by a click elsewhere; arrows move ------------
function closeMenus(but) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== but) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest("details[data-menu][open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const list = menu || event.target.closest("[data-search]");
  if (list && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) move(list, event);
});

function move(list, event) {
  if (event.target.matches("select, [type=radio]")) return;
  const isText = event.target.matches("input");
  if (isText && ["Home", "End"].includes(event.key)) return;
  const items = [...list.querySelectorAll("summary, [data-search-input], .menu-panel :is(a, button)")];
  const shown = items.filter((item) => item.offsetParent);
  const at = shown.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
  shown[Math.max(0, Math.min(to, shown.length - 1))]?.focus();
  event.preventDefault();
}

// --- Search: Alt+S (Option+S) from anywhere; Esc leaves -----------------------------------------
const searchInput = document.querySelector("[data-search-input]");
if (navigator.platform.startsWith("Mac")) {
  for (const hint of document.querySelectorAll("[data-search-hint]")) hint.textContent = "[Option+S]";
}
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyS" && searchInput) {
    event.preventDefault();
    closeMenus();
    searchInput.focus();
    searchInput.select();
  }
});
on("keydown", "[data-search]", (search, event) => {
  if (event.key === "Escape") document.activeElement.blur();
});

// --- Side navigation and help panel -------------------------------------------------------------
on("click", "[data-nav-toggle]", (button, event) => {
  const body = document.body;
  const state = narrow.matches ? "drawer" : "nav";
  const isOpen = body.dataset[state] === "open";
  body.dataset[state] = isOpen ? "closed" : "open";
  button.setAttribute("aria-expanded", String(!isOpen));
  if (narrow.matches) event.preventDefault(); // a phone's drawer is not worth remembering
});
document.addEventListener("submit", (event) => {
  // htmx has sent the form by now; the next click means the opposite.
  const wanted = event.target.querySelector("input[name=nav_open]");
  if (wanted) wanted.value = wanted.value === "on" ? "off" : "on";
});
on("click", "[data-help]", (link, event) => {
  event.preventDefault();
  const target = document.getElementById(link.hash.slice(1));
  const panel = document.getElementById("help-panel");
  const isPanel = target === panel || !target;
  const isOpen = document.body.dataset.help === "open";
  document.body.dataset.help = isOpen && isPanel ? "closed" : "open";
  (isPanel ? panel : target).scrollIntoView({ block: "nearest" });
});
on("click", "[data-help-close]", (link, event) => {
  event.preventDefault();
  history.replaceState(null, "", location.pathname + location.search);
  document.body.dataset.help = "closed";
});

// --- Modals: what lands in #modal-root opens, and the focus comes back --------------------------
const modalRoot = document.getElementById("modal-root");
let opener = null;
function openModal() {
  const dialog = modalRoot.querySelector("dialog");
  if (!dialog || dialog.matches(":modal")) return;
  dialog.removeAttribute("open");
  dialog.showModal();
}
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === modalRoot) opener = event.detail.elt;
});
document.addEventListener("htmx:afterSettle", openModal);
document.addEventListener(
  "close",
  (event) => {
    if (!modalRoot.contains(event.target)) return;
    modalRoot.replaceChildren();
    opener?.focus();
  },
  true,
);
on("click", "dialog [data-close]", (button, event) => {
  const dialog = button.closest("dialog");
  if (!dialog.matches(":modal")) return;
  event.preventDefault();
  dialog.close();
});
if (modalRoot) openModal();

// --- Flashes, copying, secrets, downloads -------------------------------------------------------
on("click", "[data-dismiss]", (button) => {
  const flash = button.closest(".flash");
  const more = flash.closest("details");
  flash.remove();
  if (more && !more.querySelector(".flash")) more.remove();
});

async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea"); // a lab without TLS has no clipboard object
  field.value = text;
  (document.querySelector("dialog:modal") || document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
on("click", "[data-copy]", async (button) => {
  await copyText(button.dataset.copy);
  button.classList.add("copied");
  button.focus();
  setTimeout(() => button.classList.remove("copied"), 1500);
});

on("click", "[data-reveal]", (button) => {
  const isShown = button.closest(".secret").classList.toggle("revealed");
  const label = button.textContent;
  button.textContent = button.dataset.hideLabel;
  button.dataset.hideLabel = label;
  button.setAttribute("aria-expanded", String(isShown));
});

on("click", "[data-csv]", (button) => {
  const cells = button.querySelector("template").content;
  const line = (tag) =>
    [...cells.querySelectorAll(tag)].map((cell) => `"${cell.textContent.replaceAll('"', '""')}"`).join(",");
  const file = new Blob([`\ufeff${line("th")}\r\n${line("td")}\r\n`], { type: "text/csv" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = button.dataset.csv;
  link.click();
  URL.revokeObjectURL(link.href);
});

on("change", "form[data-submit-on-change]", (form) => form.requestSubmit());

// --- The session's end, and requests that fail --------------------------------------------------
const seconds = Number(document.body.dataset.expires || 0);
const end = Date.now() + seconds * 1000;
function checkSession() {
  const dialog = document.querySelector("dialog[data-session-expired]");
  if (seconds && dialog && Date.now() >= end && !dialog.open) dialog.showModal();
}
if (seconds) setTimeout(checkSession, Math.min(seconds * 1000, 2 ** 31 - 1));
document.addEventListener("visibilitychange", checkSession); // a laptop that slept

function showFailure() {
  const message = document.querySelector("template[data-failure]");
  document.getElementById("flashbar")?.prepend(message.content.cloneNode(true));
}
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || xhr.status === 422 || xhr.getResponseHeader("HX-Retarget")) return;
  event.detail.shouldSwap = false;
  showFailure();
});
document.addEventListener("htmx:sendError", showFailure);
