/* A declaration or an answer: what is typed survives a reload or a session that ended meanwhile.
   Kept in this tab only (sessionStorage), gone once the server has it. Works without. */
"use strict";

(() => {
  const NAMES = ["title", "body"];
  const keyOf = (form) => `typed:${form.dataset.keep}`;

  const typedIn = (form) => {
    const typed = {};
    for (const name of NAMES) {
      const field = form.elements.namedItem(name);
      if (field?.value) typed[name] = field.value;
    }
    return typed;
  };

  const keep = (form) => {
    const typed = typedIn(form);
    try {
      if (Object.keys(typed).length) sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
      else sessionStorage.removeItem(keyOf(form));
    } catch {
      // No room or no right to keep anything: the page goes on without.
    }
  };

  const restore = (form) => {
    let typed = {};
    try {
      typed = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "{}");
    } catch {
      return;
    }
    for (const [name, value] of Object.entries(typed)) {
      const field = form.elements.namedItem(name);
      if (field && !field.value) field.value = value;
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    // The server says which form it has taken: its text is no draft any more.
    const taken = document.querySelector("[data-taken]")?.dataset.taken;
    try {
      if (taken) sessionStorage.removeItem(`typed:${taken}`);
    } catch {
      return;
    }
    for (const form of document.querySelectorAll("form[data-keep]")) {
      restore(form);
      form.addEventListener("input", () => keep(form));
    }
  });
})();
