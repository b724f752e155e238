// The list of a postbox: asks every half minute, while somebody looks at it, whether it is still as it was, and when
// they come back to it. What is new is put in its place; nobody's focus is moved. To be asked keeps no session alive.

const EVERY = 30_000;

const list = document.querySelector("[data-live]");
const news = document.querySelector("[data-news]");
const linesOf = (place) => [...place.querySelectorAll("li[id]")];
const hasFocus = (element) => element.matches(":focus-within");

/** Put the lines of a list in place of those that are others now. A line that has the focus stays until it has not. */
function renewLines(lines, fresh) {
  for (const line of [...lines.children]) {
    const same = fresh.some((one) => one.isEqualNode(line));
    if (!same && !hasFocus(line)) line.remove();
  }
  let next = null;
  for (const line of fresh.reverse()) {
    const kept = document.getElementById(line.id);
    if (!kept) lines.insertBefore(line, next);
    next = kept ?? line;
  }
}

/** Show a newer list, part by part, and say how many of its notices were not there before. */
function show(page) {
  const known = new Set(linesOf(list).map(({ id }) => id));
  const fresh = page.querySelector("[data-live]");
  const count = linesOf(fresh).filter(({ id }) => !known.has(id)).length;
  list.dataset.live = fresh.dataset.live;
  for (const part of [...fresh.children]) {
    const shown = document.getElementById(part.id);
    if (part.matches("ul") && shown.matches("ul")) renewLines(shown, linesOf(part));
    else if (!hasFocus(shown)) shown.replaceWith(part);
  }
  if (count) news.textContent = count === 1 ? news.dataset.one : news.dataset.many.replace("{count}", count);
}

/** Say that the session has ended, which is the end of asking; two answers on their way may both say so. */
function stop() {
  clearInterval(timer);
  document.removeEventListener("visibilitychange", ask);
  news.replaceChildren(document.querySelector("[data-ended]").content.cloneNode(true));
}

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(list.dataset.live, { redirect: "manual" }).catch(() => null); // without a network, later
  if (answer?.type === "opaqueredirect") stop();
  else if (answer?.status === 200) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

const timer = setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);
