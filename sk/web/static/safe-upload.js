// Uploads into the safe by tus (https://tus.io): two files at a time, each with how far it is. Where the network breaks
// off it goes on by itself, and after the page was left once the same file is chosen again. Without this script the
// browser sends the form itself.

const AT_ONCE = 2;
const LONGEST_PAUSE = 30;
const MEGABYTE = 1_000_000;
const QUARTER = 25;
const PLACE = "/safe/tus";
const BYTES = "application/offset+octet-stream";
const AGAIN = [0, 408, 409];
/* No answer, one that came too slowly, and one that goes on at another place. */

const form = document.querySelector("form[data-safe-upload]");
const { files: field, csrf, folder } = form.elements;
const words = form.dataset;
const lines = form.querySelector("[data-uploads]");
const said = form.querySelector("[data-said]");
const waiting = [];
let batch = [];
let workers = 0;

const filled = (text, facts) => text.replaceAll(/\{(\w+)\}/g, (_, name) => facts[name]);
const counted = (count, one, many) => (count ? filled(count === 1 ? one : many, { count }) : "");
const megabytes = (bytes) =>
  (bytes / MEGABYTE).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (text) => btoa(String.fromCharCode(...utf8(text)));
const isOver = ({ became }) => Boolean(became);

/** Add a line for a file that is to be uploaded. */
function add(file) {
  const line = form.querySelector("[data-upload]").content.cloneNode(true).firstElementChild;
  const [bar, state, button] = ["progress", "[data-state]", "button"].map((part) => line.querySelector(part));
  const upload = { file, line, bar, state, button, offset: 0, sent: 0, tries: 0, became: "" };
  line.querySelector("bdi").textContent = file.name;
  for (const named of [bar, button]) named.ariaLabel = filled(named.ariaLabel, file);
  state.textContent = words.waits;
  button.addEventListener("click", () => abort(upload));
  lines.append(line);
  return upload;
}

/** Say how far one file is. Who does not see it hears each quarter of all of them. */
function show(upload, sent) {
  const percentOf = (some, all) => Math.floor((some / all) * 100);
  const sum = (number) => batch.reduce((total, one) => total + number(one), 0);
  const { bar, state, file } = Object.assign(upload, { sent });
  bar.value = percentOf(sent, file.size);
  state.textContent = filled(words.sent, { percent: bar.value, sent: megabytes(sent), all: megabytes(file.size) });
  const percent = percentOf(sum((one) => one.sent), sum((one) => one.file.size));
  const heard = filled(words.heard, { percent: percent - (percent % QUARTER) });
  if (said.textContent !== heard) said.textContent = heard;
}

/** Take away what breaks an upload off. Whoever was about to press it finds themselves at the field. */
function hideButton({ button }) {
  if (document.activeElement === button) field.focus();
  button.hidden = true;
}

/** Say what has become of a file: it is kept, refused or aborted. */
function end(upload, became, text) {
  upload.became = became;
  upload.state.textContent = text;
  upload.bar.parentElement.hidden = true;
  hideButton(upload);
  if (became !== "refused") sessionStorage.removeItem(upload.key); // whoever logs in again may go on with it
}

function abort(upload) {
  end(upload, "aborted", words.aborted);
  if (upload.address) upload.request.abort();
  upload.wake?.();
}

/** Send a request, and return it once it is over; where nobody has answered its status is 0. */
function ask(upload, method, address, headers = {}, bytes = null) {
  const request = new XMLHttpRequest();
  request.open(method, address);
  const all = { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf.value, ...headers };
  for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
  if (bytes) {
    request.upload.addEventListener("progress", ({ loaded }) => show(upload, upload.offset + loaded));
    request.upload.addEventListener("load", () => {
      upload.state.textContent = words.arrived;
      hideButton(upload); // what has arrived takes effect
    });
  }
  upload.request = request;
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(request));
    request.send(bytes);
  });
}

/** Find out where an upload goes on, or begin it; return the answer. */
async function find(upload) {
  if (upload.address) {
    const known = await ask(upload, "HEAD", upload.address);
    if (known.status !== 200) return known;
    const offset = Number(known.getResponseHeader("Upload-Offset"));
    if (offset > upload.offset) upload.tries = 0;
    upload.offset = offset;
    return known;
  }
  const metadata = `filename ${base64(upload.file.name)},folder ${base64(folder.value)}`;
  const headers = { "Upload-Length": upload.file.size, "Upload-Metadata": metadata };
  const begun = await ask(upload, "POST", PLACE, headers);
  if (begun.status !== 201) return begun;
  upload.address = new URL(begun.getResponseHeader("Location"), location).pathname;
  upload.offset = 0;
  sessionStorage.setItem(upload.key, upload.address);
  return begun;
}

/** Send what is missing of a file; return the last answer, which is a success once all of it is there. */
async function goOn(upload) {
  const found = await find(upload);
  if (found.status >= 300 || !found.status || isOver(upload) || upload.offset === upload.file.size) return found;
  show(upload, upload.offset);
  const headers = { "Content-Type": BYTES, "Upload-Offset": upload.offset };
  return ask(upload, "PATCH", upload.address, headers, upload.file.slice(upload.offset));
}

/** Bring a file into the safe, however often it breaks off. */
async function bring(upload) {
  upload.key = await keyOf(upload.file);
  if (!batch.some((one) => one !== upload && one.key === upload.key && !isOver(one)))
    upload.address = sessionStorage.getItem(upload.key);
  while (!isOver(upload)) {
    const answer = await goOn(upload);
    const { status } = answer;
    if (isOver(upload)) break;
    if (status >= 200 && status < 300) end(upload, "kept", words.done);
    else if (status === 404 && upload.address) upload.address = null; // its day is over: it begins anew
    else if (!AGAIN.includes(status) && status < 500) refuse(upload, reasonOf(answer));
    else if (!(await isReadable(upload.file))) refuse(upload, words.unreadable);
    else await pause(upload);
  }
  if (upload.became === "aborted" && upload.address) await ask(upload, "DELETE", upload.address);
}

/** Return by what a file is known again after the page was left, without its name. */
async function keyOf({ name, size, lastModified }) {
  const known = utf8([folder.value, name, size, lastModified].join("/"));
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", known))));
}

const isReadable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

function refuse(upload, why) {
  end(upload, "refused", why);
  upload.state.className = "refused";
  said.textContent = `${upload.file.name}: ${why}`;
}

/** Return in words why something was refused. An answer to HEAD says no more than that it was. */
function reasonOf(answer) {
  const isProblem = answer.getResponseHeader("Content-Type")?.startsWith("application/problem+json");
  const silent = answer.status === 403 ? "not-logged-in" : "";
  const type = isProblem && answer.responseText ? JSON.parse(answer.responseText).type : silent;
  return form.getAttribute(`data-why-${type.split("/").pop()}`) ?? words.noReason;
}

/** Wait, each time longer, until it is worth another try: also until there is a network again. */
function pause(upload) {
  upload.state.textContent = words.again;
  upload.button.hidden = false;
  const seconds = Math.min(LONGEST_PAUSE, 2 ** upload.tries);
  upload.tries += 1;
  return new Promise((resolve) => {
    upload.wake = resolve;
    setTimeout(resolve, seconds * 1000);
    addEventListener("online", resolve, { once: true });
  });
}

/** Show the documents as they are now. A list in which the focus is stays until it is elsewhere. */
async function renewList() {
  const answer = await fetch(words.place).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = document.querySelector("[data-safe-list]");
  const renew = () => shown.matches(":focus-within") || shown.replaceWith(page.querySelector("[data-safe-list]"));
  renew();
  shown.addEventListener("focusout", () => requestAnimationFrame(renew));
}

async function work() {
  workers += 1;
  while (waiting.length) {
    const upload = waiting.shift();
    await bring(upload).catch(() => refuse(upload, words.noReason));
  }
  workers -= 1;
  if (workers) return;
  const count = (became) => batch.filter((one) => one.became === became).length;
  const kept = counted(count("kept"), words.keptOne, words.keptMany);
  const refused = counted(count("refused"), words.refusedOne, words.refusedMany);
  said.textContent = `${kept} ${refused}`.trim() || words.aborted;
  for (const one of batch) if (one.became !== "refused") one.line.remove();
  lines.hidden = !lines.children.length;
  if (kept) await renewList();
}

function begin(files) {
  if (!workers) {
    lines.replaceChildren();
    batch = [];
  }
  const added = files.map(add);
  batch.push(...added);
  waiting.push(...added);
  lines.hidden = false;
  for (let worker = workers; worker < AT_ONCE; worker += 1) work();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  begin([...field.files]);
  field.value = "";
});
window.addEventListener("beforeunload", (event) => {
  if (workers) event.preventDefault();
});
