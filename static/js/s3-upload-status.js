// The status of an upload: each file, the whole, rate and time left. Draws only what changed.
"use strict";

const RATE_OVER = 8000; // milliseconds that the rate is measured over

class UploadStatus {
  constructor(root) {
    this.root = root;
    this.files = new ChosenFiles(root);
    this.rows = new Map();
    this.samples = [];
    this.isRunning = false;
    this.changed = new Set();
  }
  find(name) {
    return this.root.querySelector(`[${name}]`);
  }

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
