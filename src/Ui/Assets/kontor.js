// Pages work without this file; it only makes them kinder.

// Browsers that do not do so by themselves bring the selected entry of a navigation into sight.
if (!CSS.supports("scroll-initial-target: nearest")) {
  for (const entry of document.querySelectorAll(":is(.site-nav, .admin-nav) [aria-current]")) {
    const nav = entry.parentElement;
    if (entry.offsetLeft + entry.offsetWidth > nav.clientWidth) nav.scrollLeft = entry.offsetLeft - nav.clientWidth / 2;
  }
}

// A second press on a button that was pressed is not a second order.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-once")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  form.setAttribute("aria-busy", "true");
});

// Who comes back with the browser's back button finds the form ready again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// What an order costs follows what is chosen; without this, a button works it out. Only parts whose ids say so are replaced, and none
// in which somebody is typing.
let quoted = 0;
document.addEventListener("change", async (event) => {
  const form = event.target.form;
  const address = form?.dataset.quote;
  if (!address || !["country", "shipping", "coupon"].includes(event.target.name)) return;
  const number = ++quoted;
  try {
    const answer = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== quoted) return;
    for (const part of document.querySelectorAll("[id^=quote-]")) {
      const fresh = page.getElementById(part.id);
      if (fresh && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
    }
  } catch {
    // The button still does it.
  }
});
