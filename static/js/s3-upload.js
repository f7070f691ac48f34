// The upload page: choosing, starting, progress, cancelling, retrying.
"use strict";

const DRAW_EVERY = 200; // milliseconds
const RATE_OVER = 8000; // milliseconds that the rate is measured over

class UploadPage {
  constructor(root) {
    this.root = root;
    this.files = new ChosenFiles(root);
    this.form = root.querySelector("[data-upload-form]");
    this.rows = new Map();
    this.samples = [];
    this.isRunning = false;
    this.changed = new Set();
    this.listen();
  }
  find(name) {
    return this.root.querySelector(`[${name}]`);
  }

  listen() {
    const pick = (button, input, path) => {
      this.find(button).addEventListener("click", () => this.find(input).click());
      this.find(input).addEventListener("change", (event) => {
        this.files.add([...event.target.files].map((file) => ({ file, path: path(file) })));
        event.target.value = ""; // the same file may be chosen again
      });
    };
    pick("data-add-files", "data-pick-files", (file) => file.name);
    pick("data-add-folder", "data-pick-folder", (file) => file.webkitRelativePath || file.name);
    this.find("data-file-search").addEventListener("input", () => this.files.draw());
    this.find("data-files-remove").addEventListener("click", () => this.files.remove(this.ticked()));
    this.root.addEventListener("change", () => {
      this.find("data-files-remove").disabled = !this.ticked().length;
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.mayStart()) this.start(this.files.all);
    });
    this.find("data-upload-cancel").addEventListener("click", () => this.transfer.cancel());
    this.find("data-upload-retry").addEventListener("click", () => this.start(this.unfinished()));
    window.addEventListener("beforeunload", (event) => {
      if (this.isRunning) event.preventDefault();
    });
    this.listenToDrops();
  }

  // The whole page takes drops, so that a near miss does not open the file instead.
  listenToDrops() {
    const zone = this.find("data-drop-zone");
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("dragged");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) zone.classList.remove("dragged");
    });
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      zone.classList.remove("dragged");
      if (!this.isRunning && event.dataTransfer) this.files.add(await filesOf(event.dataTransfer));
    });
  }

  ticked() {
    return [...this.find("data-file-rows").querySelectorAll(".select-row:checked")].map((box) => box.value);
  }
  unfinished() {
    return this.files.all.filter((entry) => entry.status !== "done");
  }

  mayStart() {
    const box = this.form.elements.acknowledge;
    const isPublic = valuesOf(this.form, "acl")[0] === "public-read";
    if (box) {
      box.required = isPublic;
      if (isPublic && !box.checked) box.closest("details").open = true;
    }
    return !this.isRunning && this.form.reportValidity();
  }

  settings() {
    const value = (name) => valuesOf(this.form, name)[0] || "";
    const named = (kind) =>
      [...this.form.elements]
        .filter((field) => field.name.startsWith(`${kind}-key-`) && field.value.trim())
        .map((field) => [field.value, this.form.elements[field.name.replace("-key-", "-value-")].value]);
    const system = {};
    for (const field of this.form.elements) {
      if (field.name.startsWith("system-")) system[field.name.slice("system-".length)] = field.value;
    }
    return {
      acl: value("acl"),
      storage_class: value("storage_class"),
      encryption: value("encryption"),
      kms_key: value("kms_key"),
      checksum: value("checksum"),
      tags: named("tag"),
      metadata: named("meta"),
      system,
    };
  }

  async start(entries) {
    this.isRunning = true;
    this.form.hidden = true;
    this.find("data-upload-status").hidden = false;
    this.find("data-status-alert").hidden = true;
    this.show({ cancel: true, retry: false, close: false });
    this.title(this.root.dataset.tUploading);
    this.drawRows();
    this.find("data-status-title").focus();
    this.samples = [];
    const { sign, partBytes } = this.root.dataset;
    const onChange = (entry) => this.changed.add(entry);
    this.transfer = new Transfer({ address: sign, settings: this.settings(), partBytes: Number(partBytes), onChange });
    const timer = setInterval(() => this.draw(), DRAW_EVERY);
    await this.transfer.run(entries);
    clearInterval(timer);
    this.isRunning = false;
    this.draw();
    this.end();
  }

  end() {
    const left = this.unfinished();
    const { tSucceeded, tPartly, tStopped, tSession } = this.root.dataset;
    const isStopped = left.some((entry) => entry.status === "cancelled");
    this.title(left.length ? (isStopped ? tStopped : tPartly) : tSucceeded);
    this.show({ cancel: false, retry: left.length > 0, close: true });
    if (left.some((entry) => entry.error instanceof SessionEnded)) {
      const place = this.find("data-status-alert");
      place.querySelector("p").textContent = tSession;
      place.hidden = false;
    }
  }

  show(buttons) {
    for (const [name, isShown] of Object.entries(buttons)) this.find(`data-upload-${name}`).hidden = !isShown;
  }
  title(text) {
    this.find("data-status-title").textContent = text;
  }

  // --- Drawing: only what changed ---
  drawRows() {
    // What failed is looked for first.
    const order = { failed: 0, running: 1, cancelled: 2, pending: 3, done: 4 };
    const entries = this.files.all.sort((a, b) => order[a.status] - order[b.status]);
    this.rows.clear();
    for (const entry of entries.slice(0, SHOWN_FILES)) {
      const row = document.createElement("tr");
      row.append(cell(entry.name, "break"), cell(entry.folder || "–", "break"), cell(extensionOf(entry.name)), cell(bytesText(entry.file.size), "cell-nowrap"), cell("", "cell-nowrap"), cell("–"));
      this.rows.set(entry, row);
      this.drawRow(entry);
    }
    this.find("data-status-rows").replaceChildren(...this.rows.values());
    this.find("data-status-count").textContent = `(${entries.length})`;
    showRest(this.find("data-status-more"), this.root.dataset.tMore, entries.length);
    this.drawTotal();
  }
  drawRow(entry) {
    const row = this.rows.get(entry);
    if (!row) return;
    const [statusCell, errorCell] = [...row.cells].slice(4);
    const kinds = { pending: "pending", running: "in-progress", done: "success", failed: "error", cancelled: "stopped" };
    const text = document.createElement("span");
    text.textContent = this.statusText(entry);
    const shown = document.createElement("span");
    shown.className = `status status-${kinds[entry.status]}`;
    shown.append(this.root.querySelector(`[data-status-icon=${entry.status}]`).content.cloneNode(true), text);
    statusCell.replaceChildren(shown);
    errorCell.textContent = this.errorText(entry);
  }
  statusText(entry) {
    const { tPending, tRunning, tDone, tFailed, tCancelled } = this.root.dataset;
    const percent = entry.file.size ? Math.floor((100 * entry.loaded) / entry.file.size) : 0;
    if (entry.status === "running") return `${tRunning} (${Math.min(percent, 100)}%)`;
    return { pending: tPending, done: tDone, failed: tFailed, cancelled: tCancelled }[entry.status];
  }
  errorText({ error }) {
    if (!error || error instanceof Cancelled) return "–";
    if (error instanceof SessionEnded) return this.root.dataset.tSession;
    if (error.code === "Network") return this.root.dataset.tNetwork;
    return [error.code, error.message].filter(Boolean).join(": ");
  }

  draw() {
    for (const entry of this.changed) this.drawRow(entry);
    this.changed.clear();
    this.drawTotal();
  }
  drawTotal() {
    const all = this.files.all;
    const total = this.files.size;
    const loaded = all.reduce((sum, entry) => sum + Math.min(entry.loaded, entry.file.size), 0);
    const done = all.filter((entry) => entry.status === "done");
    const share = total ? loaded / total : done.length / Math.max(1, all.length);
    this.find("data-total-progress").value = share;
    this.find("data-total-percent").textContent = `${Math.floor(share * 100)}%`;
    this.find("data-total-text").textContent = this.isRunning ? this.progressText(loaded, total) : "";
    this.count("data-done-count", done, total);
    this.count("data-failed-count", all.filter((entry) => ["failed", "cancelled"].includes(entry.status)), total);
  }
  count(name, entries, total) {
    const bytes = entries.reduce((sum, entry) => sum + entry.file.size, 0);
    const text = fill(this.root.dataset.tFiles, { count: entries.length, size: bytesText(bytes) });
    const percent = total ? ` (${((100 * bytes) / total).toFixed(2)}%)` : "";
    this.find(name).textContent = text + percent;
  }
  progressText(loaded, total) {
    const now = performance.now();
    this.samples = [...this.samples.filter((sample) => now - sample.at < RATE_OVER), { at: now, loaded }];
    const first = this.samples[0];
    const rate = now > first.at ? Math.max(0, (1000 * (loaded - first.loaded)) / (now - first.at)) : 0;
    const rest = rate ? this.timeText((total - loaded) / rate) : "–";
    const values = { done: bytesText(loaded), total: bytesText(total), rate: bytesText(rate), rest };
    return fill(this.root.dataset.tProgress, values);
  }
  timeText(seconds) {
    const { tSeconds, tMinutes, tHours } = this.root.dataset;
    if (seconds < 90) return fill(tSeconds, { count: Math.ceil(seconds) });
    if (seconds < 5400) return fill(tMinutes, { count: Math.ceil(seconds / 60) });
    return fill(tHours, { count: Math.ceil(seconds / 3600) });
  }
}

const uploadRoot = document.querySelector("[data-upload]");
if (uploadRoot) new UploadPage(uploadRoot);
