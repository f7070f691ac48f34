// The upload page: choosing, starting, progress, cancelling, retrying.
"use strict";

const DRAW_EVERY = 200; // milliseconds

class UploadPage extends UploadStatus {
  constructor(root) {
    super(root);
    this.form = this.find("data-upload-form");
    this.listen();
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
}

const uploadRoot = document.querySelector("[data-upload]");
if (uploadRoot) new UploadPage(uploadRoot);
