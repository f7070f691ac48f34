// The files chosen for an upload: dropped, folders with all that is in them, or picked; and their table.
"use strict";

const SHOWN_FILES = 500;

// --- What was dropped: a folder is read to its end, a hundred entries at a time --------------------
async function filesOf(transfer) {
  // The list is gone after the first wait, so all entries are taken at once.
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() || item.getAsFile());
  const found = [];
  for (const entry of entries.filter(Boolean)) {
    if (entry instanceof File) found.push({ file: entry, path: entry.name });
    else await walk(entry, "", found);
  }
  return found;
}
async function walk(entry, folder, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path: folder + file.name });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const one of batch) await walk(one, `${folder}${entry.name}/`, found);
  }
}

// --- Bytes and texts ---------------------------------------------------------------------------------
function bytesText(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, count > 0 ? Math.floor(Math.log(count) / Math.log(1024)) : 0);
  return `${(count / 1024 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}
function extensionOf(name) {
  const at = name.lastIndexOf(".");
  return at > 0 ? name.slice(at + 1).toLowerCase() : "–";
}
function cell(text, className = "") {
  const place = document.createElement("td");
  place.textContent = text;
  place.className = className;
  return place;
}

// --- The list --------------------------------------------------------------------------------------
class ChosenFiles {
  constructor(root) {
    this.root = root;
    this.entries = new Map(); // key → entry: the same path twice is one object
  }
  get all() {
    return [...this.entries.values()];
  }
  get size() {
    return this.all.reduce((sum, entry) => sum + entry.file.size, 0);
  }
  add(found) {
    for (const { file, path } of found) {
      const key = this.root.dataset.prefix + path.normalize("NFC");
      const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
      this.entries.set(key, { file, key, folder, name: file.name, status: "pending", loaded: 0, error: null });
    }
    this.draw();
  }
  remove(keys) {
    for (const key of keys) this.entries.delete(key);
    this.draw();
  }
  draw() {
    const { root } = this;
    const wanted = root.querySelector("[data-file-search]").value.trim().toLowerCase();
    const matching = this.all.filter((entry) => entry.key.toLowerCase().includes(wanted));
    const rows = matching.slice(0, SHOWN_FILES).map((entry) => this.row(entry));
    root.querySelector("[data-file-rows]").replaceChildren(...rows);
    root.querySelector("[data-file-empty]").hidden = this.entries.size > 0;
    root.querySelector("[data-file-count]").textContent = `(${this.entries.size})`;
    root.querySelector("[data-file-size]").textContent = this.entries.size
      ? fill(root.dataset.tFiles, { count: this.entries.size, size: bytesText(this.size) })
      : "";
    showRest(root.querySelector("[data-file-more]"), root.dataset.tMore, matching.length);
    root.querySelector("[data-upload-start]").disabled = !this.entries.size;
    root.querySelector("[data-files-remove]").disabled = true;
    refreshSelection();
  }
  row(entry) {
    const row = document.createElement("tr");
    const choose = document.createElement("td");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", className: "select-row", value: entry.key });
    box.setAttribute("aria-label", entry.key);
    choose.className = "cell-select";
    choose.append(box);
    row.append(choose, cell(entry.name, "break"), cell(entry.folder || "–", "break"), cell(extensionOf(entry.name)), cell(bytesText(entry.file.size), "cell-nowrap"));
    return row;
  }
}

function showRest(place, text, count) {
  place.hidden = count <= SHOWN_FILES;
  place.textContent = fill(text, { count: count - SHOWN_FILES });
}
