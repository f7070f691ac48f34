// S3's objects: copying addresses, downloading several, browsing for a destination, previews.
"use strict";

function chosenRows() {
  return [...document.querySelectorAll(".select-row:checked")].filter((row) => row.dataset.uri);
}
on("click", "[data-copy-rows]", async (button) => {
  await copyText(chosenRows().map((row) => row.dataset[button.dataset.copyRows]).join("\n"));
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
});

// --- Several downloads, one after the other: browsers drop those that begin at once ---------------
const BETWEEN_DOWNLOADS = 800;
on("click", "[data-download-rows]", async (button, event) => {
  const files = chosenRows().filter((row) => !("folder" in row.dataset));
  if (files.length < 2) return; // the form does it
  event.preventDefault();
  for (const file of files) {
    const link = document.createElement("a");
    link.href = button.dataset.downloadRows + file.dataset.query;
    link.click();
    await new Promise((resume) => setTimeout(resume, BETWEEN_DOWNLOADS));
  }
});

// --- Browse S3: the path chosen in the modal goes into the field ------------------------------------
on("click", "[data-choose-path]", (button) => {
  const field = document.querySelector("[name=destination]");
  field.value = button.dataset.choosePath;
  button.closest("dialog").close();
  field.focus();
});

// --- A form that was sent is not sent again ---------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});
