// Passkeys: shows the forms that need them and fills them in with what the device says. Nothing else is done by script.

const toBytes = (text) => {
  const letters = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
};
const toText = (buffer) => {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const acts = {
  create: (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: toBytes(one.id) })),
      },
    }),
  get: (options) => navigator.credentials.get({ publicKey: { ...options, challenge: toBytes(options.challenge) } }),
};
const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

/** Return the options of a form, or nothing if the person has to log in once more, and the browser goes there. */
async function fetchOptions(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.redirected) {
    location.assign(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return answer.json();
}

/** Return what the device says, as text. */
function spelled({ id, rawId, type, response }) {
  const said = parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]);
  return JSON.stringify({ id, rawId: toText(rawId), type, response: Object.fromEntries(said) });
}

async function send(form) {
  const options = await fetchOptions(form);
  if (!options) return;
  form.elements.answer.value = spelled(await acts[form.dataset.passkey](options));
  form.submit();
}

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const trouble = form.querySelector("[data-trouble]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trouble.hidden = true;
    send(form).catch(() => {
      trouble.hidden = false;
    });
  });
  form.hidden = false;
}
