/* « Appel »: arrows and Enter choose a caller, Ctrl+Enter sends the call. Works without. */
"use strict";

(() => {
  const field = document.getElementById("id_words");
  if (!field) return;

  const links = () => [...document.querySelectorAll("#appelants [data-caller]")];
  // The list is of the words in the field, not of those typed before them.
  const isFresh = () => document.getElementById("appelants").dataset.words === field.value;

  const fromField = (event) => {
    const found = links();
    if (!found.length) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      found[0].focus();
    } else if (event.key === "Enter" && isFresh()) {
      // One answer is opened; among several, one chooses.
      event.preventDefault();
      if (found.length === 1) found[0].click();
      else found[0].focus();
    }
  };

  const fromLink = (event, link) => {
    const found = links();
    const at = found.indexOf(link);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      (found[Math.min(to, found.length - 1)] ?? field).focus();
    } else if (event.key === "Escape") {
      field.focus();
      field.select();
    } else if ((event.key.length === 1 && event.key !== " ") || event.key === "Backspace") {
      // Typing goes on in the field, whatever holds the focus.
      if (!event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[data-caller]");
    if (event.target === field) fromField(event);
    else if (link) fromLink(event, link);
  });
})();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-keys]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
