// Behaviour of forms: dependent fields, confirmation, wizard, tags.
"use strict";

// --- Fields that depend on others: data-shows="field=value", "field=one|two" ---------------------
function valuesOf(form, name) {
  return [...form.elements]
    .filter((element) => element.name === name)
    .filter((element) => !["checkbox", "radio"].includes(element.type) || element.checked)
    .map((element) => element.value);
}
function refreshShown() {
  for (const part of document.querySelectorAll("[data-shows]")) {
    const form = part.closest("form");
    const [name, wanted] = part.dataset.shows.split("=");
    const isShown = valuesOf(form, name).some((value) => wanted.split("|").includes(value));
    part.hidden = !isShown;
    if (part.tagName === "FIELDSET") part.disabled = !isShown; // what is hidden is not sent
  }
}

// --- Passwords in plain sight, for who asks ---------------------------------------------------------
on("change", "[data-show-passwords]", (box) => {
  for (const field of box.form.querySelectorAll("[autocomplete$=-password]")) {
    field.type = box.checked ? "text" : "password";
  }
});

// --- One box for all: data-check-all="its name" around them ---------------------------------------
on("change", "[data-check-all] [type=checkbox]", (box) => {
  const group = box.closest("[data-check-all]");
  const boxes = [...group.querySelectorAll("[type=checkbox]")];
  const all = boxes.find((one) => one.name === group.dataset.checkAll);
  const others = boxes.filter((one) => one !== all);
  if (box === all) for (const one of others) one.checked = all.checked;
  else all.checked = others.every((one) => one.checked);
});

// --- Confirmation by typing a word ----------------------------------------------------------------
function refreshConfirmation() {
  for (const field of document.querySelectorAll("[data-confirm-word]")) {
    const button = field.form.querySelector("[data-confirm-button]");
    if (button) button.disabled = field.value !== field.dataset.confirmWord;
  }
}

// --- Wizard: the steps of one form, one at a time ---------------------------------------------------
class Wizard {
  constructor(form) {
    this.form = form;
    this.steps = [...form.querySelectorAll("[data-step]")];
    this.items = [...document.querySelectorAll(".wizard-steps > li")];
    const refused = this.steps.findIndex((step) =>
      step.querySelector(".has-errors, [aria-invalid=true], .alert-error"),
    );
    this.reached = refused >= 0 ? this.steps.length - 1 : 0;
    this.show(Math.max(0, refused));
  }
  show(number) {
    this.at = number;
    this.reached = Math.max(this.reached, number);
    this.steps.forEach((step, index) => (step.hidden = index !== number));
    this.items.forEach((item, index) => {
      item.toggleAttribute("data-visited", index <= this.reached && index !== number);
      if (index === number) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
    const isLast = number === this.steps.length - 1;
    for (const one of this.form.querySelectorAll("[data-step-previous]")) one.hidden = number === 0;
    for (const one of this.form.querySelectorAll("[data-step-next]")) one.hidden = isLast;
    const submits = ".form-actions button:not([type=button]):not([data-step-next]):not([data-step-previous])";
    for (const one of this.form.querySelectorAll(submits)) one.hidden = !isLast;
    if (isLast) this.review();
  }
  go(number) {
    if (number > this.at && !this.isValid()) return;
    this.show(number);
    document.getElementById("content").scrollIntoView();
    const heading = this.steps[number].querySelector("h1, h2, legend");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }
  isValid() {
    const fields = [...this.steps[this.at].querySelectorAll("input, select, textarea")];
    return fields.every((field) => field.reportValidity());
  }
  review() {
    for (const place of this.form.querySelectorAll("[data-review]")) {
      const fields = [...this.form.elements].filter(
        (field) => field.name === place.dataset.review && field.type !== "hidden" && !field.disabled,
      );
      place.textContent = fields.map(shownValue).filter(Boolean).join(", ") || "–";
    }
  }
}
function shownValue(field) {
  if (field.tagName === "SELECT") {
    return [...field.selectedOptions].filter((one) => one.value).map((one) => one.text).join(", ");
  }
  if (["checkbox", "radio"].includes(field.type)) {
    if (!field.checked) return "";
    const title = field.labels[0]?.querySelector(".tile-title") || field.labels[0];
    return field.classList.contains("select-row")
      ? field.getAttribute("aria-label") || field.value
      : (title?.textContent || field.value).trim();
  }
  return field.type === "password" ? "•".repeat(field.value.length) : field.value.trim();
}
const wizards = new WeakMap();
function startWizards() {
  for (const step of document.querySelectorAll("[data-step='1']")) {
    const form = step.closest("form");
    if (!wizards.has(form)) wizards.set(form, new Wizard(form));
  }
}
on("click", "[data-step-next]", (button, event) => {
  event.preventDefault();
  const wizard = wizards.get(button.closest("form"));
  wizard.go(wizard.at + 1);
});
on("click", "[data-step-previous]", (button, event) => {
  event.preventDefault();
  const wizard = wizards.get(button.closest("form"));
  wizard.go(wizard.at - 1);
});
on("click", ".wizard-steps > li[data-visited]", (item) => {
  const wizard = wizards.get(document.querySelector("[data-step]").closest("form"));
  wizard.go(wizard.items.indexOf(item));
});
on("keydown", "form input", (field, event) => {
  // Enter in a step means Next, not "create it all".
  const wizard = wizards.get(field.form);
  if (event.key !== "Enter" || !wizard || wizard.at === wizard.steps.length - 1) return;
  event.preventDefault();
  if (field.type !== "search") wizard.go(wizard.at + 1);
});

// --- Tag editor -------------------------------------------------------------------------------------
function refreshTags(editor) {
  const count = editor.querySelectorAll(".tag-rows .tag-row").length;
  editor.querySelector("[data-tag-add]").disabled = count >= Number(editor.dataset.tagLimit);
}
on("click", "[data-tag-add]", (button) => {
  const editor = button.closest("[data-tag-editor]");
  let number = 0;
  while (editor.querySelector(`.tag-rows [name="${editor.dataset.tagEditor}-key-${number}"]`)) number += 1;
  const row = editor.querySelector("template").content.cloneNode(true);
  for (const input of row.querySelectorAll("input")) {
    input.name = input.name.replace("NUMBER", number);
  }
  editor.querySelector(".tag-rows").append(row);
  editor.querySelector(".tag-rows .tag-row:last-child input").focus();
  refreshTags(editor);
});
on("click", "[data-tag-remove]", (button) => {
  const editor = button.closest("[data-tag-editor]");
  button.closest(".tag-row").remove();
  editor.querySelector("[data-tag-add]").focus();
  refreshTags(editor);
});

// --- Start, and again for what HTMX brings ----------------------------------------------------------
function refresh() {
  refreshShown();
  refreshConfirmation();
}
function start() {
  startWizards();
  refresh();
}
document.addEventListener("change", refresh);
document.addEventListener("input", refreshConfirmation);
document.addEventListener("htmx:afterSettle", start);
window.addEventListener("pageshow", start);
