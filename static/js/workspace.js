/* An engineer's page of one incident. Each form says which event its page had shown: once newer ones
   stand in the thread, a form in which nothing is typed goes by them. One that is being written keeps
   what it was begun on, so that the server still asks to read what came since. */
"use strict";

document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (elt.id !== "suivi") return;
  for (const field of document.querySelectorAll("input[name=seen]")) {
    const written = [...field.form.querySelectorAll("textarea")].some((text) => text.value.trim());
    if (!written) field.value = elt.dataset.seen;
  }
});

// An answer can be taken back for some seconds: after them the offer goes, unless it is being taken.
// Counted from the moment the page is shown, since this clock may differ from the server's.
document.addEventListener("DOMContentLoaded", () => {
  const offer = document.querySelector("[data-held]");
  if (!offer) return;
  setTimeout(() => { if (!offer.dataset.sent) offer.remove(); }, Number(offer.dataset.seconds) * 1000);
});
