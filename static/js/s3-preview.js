// The beginning of a text object, read from the API's origin and shown as text: never as a page.
"use strict";

const PREVIEW_BYTES = 256 * 1024;
const PREVIEW_ROWS = 500;

async function beginningOf(url) {
  const answer = await fetch(url, { headers: { Range: `bytes=0-${PREVIEW_BYTES - 1}` }, credentials: "omit" });
  if (answer.status === 416) return { text: "", isCut: false }; // an empty object has no range
  if (!answer.ok) throw new Error(String(answer.status));
  const whole = Number((answer.headers.get("Content-Range") || "").split("/")[1] || 0);
  const bytes = await answer.arrayBuffer();
  return { text: new TextDecoder().decode(bytes), isCut: whole > bytes.byteLength };
}

function textBlock(text) {
  const block = document.createElement("pre");
  block.className = "code preview-text";
  block.textContent = text;
  return block;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // cut off, or no JSON
  }
}

// RFC 4180, and whichever of comma, semicolon and tab the first line has most of.
function cellsOf(text) {
  const first = text.split("\n", 1)[0];
  const separator = [",", ";", "\t"].sort((a, b) => first.split(b).length - first.split(a).length)[0];
  const rows = [[""]];
  let isQuoted = false;
  for (let at = 0; at < text.length && rows.length <= PREVIEW_ROWS; at += 1) {
    const letter = text[at];
    const row = rows[rows.length - 1];
    if (isQuoted && letter === '"' && text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
    else if (letter === '"' && (isQuoted || row[row.length - 1] === "")) isQuoted = !isQuoted;
    else if (isQuoted) row[row.length - 1] += letter;
    else if (letter === separator) row.push("");
    else if (letter === "\n") rows.push([""]);
    else if (letter !== "\r") row[row.length - 1] += letter;
  }
  return rows.filter((row) => row.length > 1 || row[0]);
}

function tableOf(rows) {
  const frame = document.createElement("div");
  frame.className = "preview-rows";
  const table = document.createElement("table");
  table.className = "table table-embedded";
  rows.forEach((cells, index) => {
    const part = index ? table.tBodies[0] || table.createTBody() : table.createTHead();
    const line = part.insertRow();
    for (const cell of cells) {
      const place = document.createElement(index ? "td" : "th");
      place.textContent = cell;
      line.append(place);
    }
  });
  frame.append(table);
  return frame;
}

async function showPreview(place) {
  if (place.dataset.started) return;
  place.dataset.started = "yes";
  const { preview, url, failed, cut } = place.dataset;
  const note = document.createElement("p");
  note.className = "secondary";
  try {
    const { text, isCut } = await beginningOf(url);
    place.replaceChildren(preview === "csv" ? tableOf(cellsOf(text)) : textBlock(preview === "json" ? pretty(text) : text));
    if (isCut) place.append(Object.assign(note, { textContent: cut }));
  } catch (error) {
    place.replaceChildren(Object.assign(note, { textContent: `${failed} ${error.message}` }));
  }
}

function showPreviews() {
  for (const place of document.querySelectorAll("[data-preview]")) showPreview(place);
}
document.addEventListener("htmx:afterSettle", showPreviews);
showPreviews();
