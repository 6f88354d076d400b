// Keeps the page as the person's phone has it: when something changed, what shows it is fetched anew. Without it a reload does.

const part = () => document.querySelector("[data-live]");

/** Whoever is typing is not interrupted; the page catches up when they leave the field. */
const isTyping = () => part()?.contains(document.activeElement) && document.activeElement.value?.length > 0;

let isBehind = false;

async function catchUp() {
  isBehind = isTyping();
  if (isBehind) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  const focused = document.activeElement?.id;
  if (fresh && !isTyping()) part().replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus();
}

const events = new EventSource("/live");
events.addEventListener("changed", catchUp);
document.addEventListener("focusout", () => setTimeout(() => isBehind && catchUp()));
window.addEventListener("pagehide", () => events.close());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
