// Tells the server which widgets were seen, clicked and hidden. The page works without this file; then nobody is told. What cannot be sent
// waits in the browser, as long as the server would still count it; the server counts each event once, however often it comes.

const feed = document.querySelector("[data-feed]");
const sections = [...document.querySelectorAll("[data-widget-id]")];
const { visitor } = feed.dataset;

// ---- What waits: an entry for each event, so that two windows never overwrite each other's ----

const prefix = "kontor.event.";
const keepMs = 7 * 86_400_000;
const waitingMax = 500;

const storage = (() => {
  try {
    return window.localStorage;
  } catch {
    return {}; // The visitor allows none: what waits ends with the page.
  }
})();

const keys = () => Object.keys(storage).filter((key) => key.startsWith(prefix));

const read = (key) => {
  try {
    return JSON.parse(storage[key]);
  } catch {
    return null;
  }
};

const write = (key, entry) => {
  try {
    storage[key] = JSON.stringify(entry);
  } catch {
    // It is full; the event is lost.
  }
};

// What is held back may still be taken back by the visitor, for as long as the page is there.
const record = (section, kind, held = false) => {
  const key = prefix + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (keys().length >= waitingMax) return key;
  const { widgetId, position } = section.dataset;
  const event = {
    id: key.slice(prefix.length), widgetId, feedId: feed.dataset.feed, kind, at: new Date().toISOString(), position: Number(position),
  };
  write(key, { visitor, held, event });
  if (!held) sendSoon();
  return key;
};

const release = () => {
  for (const key of keys()) {
    const entry = read(key);
    if (entry?.held) write(key, { ...entry, held: false });
  }
};

for (const key of keys()) {
  if (!(Date.parse(read(key)?.event?.at) > Date.now() - keepMs)) delete storage[key];
}

// ---- Sending ----

const batchMax = 100;
const underway = new Set();
let isRefused = false;
let timer;

const sendSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(send, 2000);
};

// The oldest first; keys are in no order. Somebody else's events wait until they are back.
const due = () => keys().map((key) => [key, read(key)])
  .filter(([key, entry]) => entry?.visitor === visitor && !entry.held && !underway.has(key))
  .sort(([, one], [, other]) => Date.parse(one.event.at) - Date.parse(other.event.at)).slice(0, batchMax);

const send = async () => {
  const batch = isRefused ? [] : due();
  if (batch.length === 0) return;
  for (const [key] of batch) underway.add(key);
  try {
    const token = document.querySelector("input[name=__RequestVerificationToken]")?.value;
    const answer = await fetch("/home/events", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", ...(token && { RequestVerificationToken: token }) },
      body: JSON.stringify({ events: batch.map(([, { event }]) => event) }),
    });
    // The next page has a form that is good again.
    isRefused = answer.status === 400 && (await answer.json()).code === "form-expired";
    if (isRefused || ![202, 400, 413, 422].includes(answer.status)) return;
    // Counted, or never to be counted.
    for (const [key] of batch) delete storage[key];
    sendSoon();
  } catch {
    // No connection: it waits for one, for the next event or for the next page.
  } finally {
    for (const [key] of batch) underway.delete(key);
  }
};

window.addEventListener("online", send);

// ---- Seen: half of it, or as much as fills half of the window, for a second ----

const onScreenMs = 1000;
const unseen = new Set(sections);
const running = new Map();

const stop = (section) => {
  clearTimeout(running.get(section));
  running.delete(section);
};

const seen = (section) => {
  unseen.delete(section);
  observer.unobserve(section);
  record(section, "impression");
};

const observer = new IntersectionObserver((entries) => {
  for (const { target, intersectionRatio, intersectionRect, rootBounds } of entries) {
    const isThere = intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? Infinity) / 2;
    if (!isThere || document.hidden) stop(target);
    else if (!running.has(target)) running.set(target, setTimeout(seen, onScreenMs, target));
  }
}, { threshold: Array.from({ length: 21 }, (_, i) => i / 20) });

for (const section of unseen) observer.observe(section);

// ---- Clicked: the first time ----

const clicked = new Set();
const follow = (event) => {
  const section = event.target.closest?.("a[href]")?.closest("[data-widget-id]");
  if (!section || event.button > 1 || clicked.has(section)) return;
  clicked.add(section);
  record(section, "click");
};

document.addEventListener("click", follow);
document.addEventListener("auxclick", follow);

// ---- Hidden, until the page is left or for good ----

for (const section of sections) {
  const button = section.querySelector("[data-hide]");
  const note = section.nextElementSibling;
  if (!button || !note?.matches("[data-hidden-note]")) continue;
  const undo = note.querySelector("button");
  let key;
  button.hidden = false;
  button.addEventListener("click", () => {
    key = record(section, "dismiss", true);
    section.hidden = true;
    note.hidden = false;
    undo.focus();
  });
  undo.addEventListener("click", () => {
    delete storage[key];
    section.hidden = false;
    note.hidden = true;
    button.focus();
  });
}

// ---- Leaving, and coming back ----

const leave = () => {
  for (const section of [...running.keys()]) stop(section);
  release();
  for (const undo of document.querySelectorAll("[data-hidden-note]:not([hidden]) button")) undo.hidden = true;
  send();
};

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return leave();
  // Asking anew tells what is on screen now.
  for (const section of unseen) {
    observer.unobserve(section);
    observer.observe(section);
  }
});
window.addEventListener("pagehide", leave);

release();
send();
