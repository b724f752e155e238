// Uploads: says how much of a form with files has been sent, and breaks off. What the form is answered with is shown as
// the browser would have shown it. Without this script the browser sends the form itself.

const MEGABYTE = 1_000_000;
const QUARTER = 25;

const filled = (words, facts) => words.replaceAll(/\{(\w+)\}/g, (_, name) => facts[name]);
const part = (form, name) => form.querySelector(`[data-upload-${name}]`);
const megabytes = (bytes) =>
  (bytes / MEGABYTE).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

/** Return what is wrong with the files of a form, in the words of the server, or nothing. */
function wrongWith(form) {
  for (const { files, dataset } of form.querySelectorAll("input[type=file]")) {
    if (files.length > dataset.filesMax) return dataset.tooMany;
    const large = [...files].find((file) => file.size > dataset.bytesMax);
    if (large) return filled(dataset.tooLarge, { name: large.name });
  }
  return "";
}

/** Say above the button why nothing has happened; the form stays as it was. */
function tell(form, words) {
  const alert = part(form, "trouble");
  alert.querySelector("p").textContent = words;
  alert.hidden = false;
  alert.focus();
}

/** Show how far it is. Who does not see it hears each quarter. */
function show(form, { loaded, total }) {
  const percent = Math.floor((loaded / total) * 100);
  const facts = { percent, sent: megabytes(loaded), all: megabytes(total) };
  form.querySelector("progress").value = percent;
  part(form, "sent").textContent = filled(part(form, "sent").dataset.words, facts);
  const heard = filled(part(form, "heard").dataset.words, { percent: percent - (percent % QUARTER) });
  if (part(form, "heard").textContent !== heard) part(form, "heard").textContent = heard;
}

/** Let the form be changed and sent, or not. The button keeps the focus and does nothing meanwhile. */
function setBusy(form, busy) {
  form.ariaBusy = String(busy);
  part(form, "progress").hidden = !busy;
  part(form, "abort").hidden = !busy;
  for (const field of form.elements) field.readOnly = busy;
}

/** Go where the server leads, or show its page in place of this one, as the browser would have done. */
function follow(form, { responseURL, responseText }) {
  if (responseURL !== form.action.split("#")[0]) {
    location.assign(responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(responseText, "text/html");
  document.title = answer.title;
  document.body = answer.body;
  scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector("[autofocus]")?.focus()); // the browser itself does so only once
  begin();
}

function send(form, submitter) {
  const request = new XMLHttpRequest();
  const trouble = part(form, "trouble");
  const abort = part(form, "abort");
  const stop = (words) => {
    setBusy(form, false);
    tell(form, words);
  };
  for (const event of ["loadstart", "progress"]) request.upload.addEventListener(event, (how) => show(form, how));
  request.upload.addEventListener("load", () => {
    part(form, "sent").textContent = part(form, "heard").textContent = part(form, "sent").dataset.arrived;
    if (document.activeElement === abort) submitter?.focus();
    abort.hidden = true; // what has arrived takes effect
  });
  request.addEventListener("load", () =>
    request.status < 500 ? follow(form, request) : stop(trouble.dataset.failed),
  );
  request.addEventListener("error", () => stop(trouble.dataset.failed));
  request.addEventListener("abort", () => stop(trouble.dataset.aborted));
  abort.onclick = () => request.abort();
  trouble.hidden = true;
  setBusy(form, true);
  request.open("POST", form.action);
  request.send(new FormData(form, submitter));
}

function begin() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.ariaBusy === "true") return;
      const wrong = wrongWith(form);
      if (wrong) tell(form, wrong);
      else send(form, event.submitter);
    });
    window.addEventListener("pagehide", () => setBusy(form, false)); // whoever comes back finds it as it was
  }
}

begin();
