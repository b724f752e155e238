// The page of an import that goes on: asks every few seconds, while somebody looks at it, how far it is. Once it is
// over, or the session is, that page is left. To be asked keeps no session alive.

const EVERY = 3_000;

const place = document.querySelector("[data-import]");

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(place.dataset.import, { redirect: "manual" }).catch(() => null); // without a network, later
  if (answer?.type === "opaqueredirect") location.assign(place.dataset.over);
  else if (answer?.status === 200) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelector("[data-import]").childNodes);
  }
}

setInterval(ask, EVERY);
