// Signatures of requests to S3, asked for in batches, and what can go wrong.
"use strict";

const MAX_SIGNED = 100;
const SIGN_WITHIN = 15; // milliseconds that requests for signatures wait for each other
const WORTH_RETRYING = new Set(["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted", "Network"]);

class S3Error extends Error {
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
  get isTransient() {
    return WORTH_RETRYING.has(this.code) || this.status >= 500;
  }
}
class SessionEnded extends Error {}
class Cancelled extends Error {}

// --- Signatures: asked for in batches -------------------------------------------------------------
class Signatures {
  constructor(address, settings) {
    this.address = address;
    this.settings = settings;
    this.waiting = [];
  }
  ask(request) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.waiting.length === 1) setTimeout(() => this.send(), SIGN_WITHIN);
      if (this.waiting.length === MAX_SIGNED) this.send();
    });
  }
  async send() {
    const batch = this.waiting.splice(0, MAX_SIGNED);
    if (!batch.length) return;
    try {
      const signed = await this.post({ requests: batch.map((one) => one.request), settings: this.settings });
      batch.forEach((one, index) => one.resolve(signed[index]));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }
  async post(body, isSecond = false) {
    const answer = await fetch(this.address, {
      method: "POST",
      redirect: "manual", // to the sign-in page
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new S3Error("Network", "");
    });
    if (answer.type === "opaqueredirect") throw new SessionEnded();
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (answer.status === 403 && !isJson && !isSecond && (await renewToken())) return this.post(body, true);
    if (!isJson) throw answer.status === 403 ? new SessionEnded() : new S3Error("InternalError", "", answer.status);
    const found = await answer.json();
    if (!answer.ok) throw new S3Error("InvalidRequest", found.error, answer.status);
    return found.signed;
  }
}

function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}
// Signing in again in another tab changes the token: this page is read once more for it.
async function renewToken() {
  const answer = await fetch(location.href, { redirect: "manual" });
  if (!answer.ok) throw new SessionEnded();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const headers = page.body.getAttribute("hx-headers");
  if (!headers) return false;
  document.body.setAttribute("hx-headers", headers);
  return true;
}

// --- S3's XML ---------------------------------------------------------------------------------------
function textOf(xml, name) {
  return new DOMParser().parseFromString(xml, "application/xml").querySelector(name)?.textContent || "";
}
function errorOf(request) {
  const code = textOf(request.responseText, "Code") || `HTTP ${request.status}`;
  return new S3Error(code, textOf(request.responseText, "Message"), request.status);
}
