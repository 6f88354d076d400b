// Forms that a passkey fills in. Without this file, or where the browser has no passkeys, they stay hidden and the page offers the rest.

const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withIds = (list) => list?.map((one) => ({ ...one, id: decode(one.id) }));

// The browser wants bytes where JSON has text.
const read = (options) => ({
  ...options,
  challenge: decode(options.challenge),
  ...(options.user && { user: { ...options.user, id: decode(options.user.id) } }),
  ...(options.excludeCredentials && { excludeCredentials: withIds(options.excludeCredentials) }),
  ...(options.allowCredentials && { allowCredentials: withIds(options.allowCredentials) }),
});

// By hand, because some password managers give a credential whose own `toJSON` throws.
const write = (credential) => {
  const response = { clientDataJSON: encode(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = encode(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const run = async (form) => {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  // The sign-in is too old for this: the page that asks for another one leads back here.
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) throw new Error(`The offer was refused: ${answer.status}`);
  const offer = await answer.json();
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: read(offer.publicKey) });
  form.elements.namedItem("state").value = offer.state;
  form.elements.namedItem("credential").value = write(credential);
  form.submit();
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.closest("[data-passkeys]").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (form.hasAttribute("aria-busy")) return;
    const errors = [...form.querySelectorAll("[data-error]")];
    for (const error of errors) error.hidden = true;
    form.setAttribute("aria-busy", "true");
    try {
      await run(form);
    } catch (error) {
      form.removeAttribute("aria-busy");
      const name = error.name === "InvalidStateError" ? "known" : "failed";
      for (const one of errors) one.hidden = one.dataset.error !== name;
    }
  });
}
