// Sends files to S3 by presigned requests: small ones whole, large ones in parts.
"use strict";

const PARALLEL = 4;
const TRIES = 4; // the first, and three more
const BACKOFF = 500; // milliseconds, doubled each time
const MAX_PARTS = 10000;

class Transfer {
  // entries: [{file, key, status, loaded, error}]. onChange: called with each entry that changed.
  constructor({ address, settings, partBytes, onChange }) {
    this.signatures = new Signatures(address, settings);
    this.partBytes = partBytes;
    this.onChange = onChange;
    this.free = PARALLEL;
    this.queue = [];
    this.sending = new Set();
    this.isCancelled = false;
  }

  async run(entries) {
    this.isCancelled = false;
    const waiting = [...entries];
    const work = async () => {
      while (waiting.length && !this.isCancelled) await this.upload(waiting.shift());
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    for (const entry of waiting) this.set(entry, "cancelled");
  }

  cancel() {
    this.isCancelled = true;
    for (const request of this.sending) request.abort();
    for (const wake of this.queue.splice(0)) wake();
  }

  async upload(entry) {
    this.set(entry, "running");
    entry.loaded = 0;
    entry.error = null;
    try {
      await (entry.file.size < this.partBytes ? this.whole(entry) : this.inParts(entry));
      entry.loaded = entry.file.size;
      this.set(entry, "done");
    } catch (error) {
      entry.loaded = 0;
      entry.error = error;
      this.set(entry, error instanceof Cancelled ? "cancelled" : "failed");
    }
  }

  whole(entry) {
    return this.attempt(entry, { op: "put", key: entry.key, type: entry.file.type }, entry.file, (loaded) => {
      entry.loaded = loaded;
    });
  }

  async inParts(entry) {
    const { file, key } = entry;
    const size = Math.max(this.partBytes, Math.ceil(file.size / MAX_PARTS));
    const begun = await this.attempt(entry, { op: "create", key, type: file.type });
    const upload_id = textOf(begun.responseText, "UploadId");
    try {
      const parts = await this.parts(entry, size, upload_id);
      const body = parts.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag></Part>`);
      const ended = await this.attempt(
        entry,
        { op: "complete", key, upload_id },
        `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body.join("")}</CompleteMultipartUpload>`,
      );
      // An error can follow a 200 here.
      if (textOf(ended.responseText, "Code")) throw errorOf(ended);
    } catch (error) {
      this.abort(key, upload_id);
      throw error;
    }
  }

  async parts(entry, size, upload_id) {
    const { file, key } = entry;
    const count = Math.ceil(file.size / size);
    const loaded = new Array(count).fill(0);
    const etags = new Array(count);
    let next = 0;
    let failure = null;
    const work = async () => {
      while (next < count && !failure) {
        const at = next++;
        const piece = file.slice(at * size, (at + 1) * size);
        try {
          const answer = await this.attempt(entry, { op: "part", key, upload_id, part: at + 1 }, piece, (bytes) => {
            loaded[at] = bytes;
            entry.loaded = loaded.reduce((sum, one) => sum + one, 0);
          });
          etags[at] = answer.getResponseHeader("ETag");
        } catch (error) {
          failure = failure || error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, work));
    if (failure) throw failure;
    return etags;
  }

  // What is left of an upload that failed is deleted, as far as that works.
  async abort(key, upload_id) {
    try {
      const signed = await this.signatures.ask({ op: "abort", key, upload_id });
      await fetch(signed.url, { method: signed.method });
    } catch {
      // a lifecycle rule deletes it later
    }
  }

  async attempt(entry, request, body = null, onProgress = null) {
    for (let number = 1; ; number += 1) {
      await this.acquire();
      try {
        if (this.isCancelled) throw new Cancelled();
        const signed = await this.signatures.ask(request);
        return await this.send(entry, signed, body, onProgress);
      } catch (error) {
        if (this.isCancelled) throw new Cancelled();
        if (!(error instanceof S3Error && error.isTransient) || number === TRIES) throw error;
      } finally {
        this.release();
      }
      await new Promise((resume) => setTimeout(resume, BACKOFF * 2 ** (number - 1) * (0.5 + Math.random())));
    }
  }

  send(entry, signed, body, onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const end = () => this.sending.delete(request);
      this.sending.add(request);
      request.open(signed.method, signed.url);
      for (const [name, value] of Object.entries(signed.headers)) request.setRequestHeader(name, value);
      if (onProgress) {
        request.upload.onprogress = (event) => {
          onProgress(event.loaded);
          this.onChange(entry);
        };
      }
      request.onload = () => {
        end();
        if (request.status >= 200 && request.status < 300) resolve(request);
        else reject(errorOf(request));
      };
      request.onerror = () => {
        end();
        reject(new S3Error("Network", ""));
      };
      request.onabort = () => {
        end();
        reject(new Cancelled());
      };
      request.send(body);
    });
  }

  acquire() {
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resume) => this.queue.push(resume));
  }
  release() {
    const next = this.queue.shift();
    if (next) next();
    else this.free = Math.min(PARALLEL, this.free + 1);
  }

  set(entry, status) {
    entry.status = status;
    this.onChange(entry);
  }
}
