/* A declaration or an answer: what is typed survives a reload or a session that ended meanwhile.
   Kept in this tab only (sessionStorage), gone once the server has it. Works without. */
"use strict";

// Files chosen in a form whose session has ended would be lost with the redirect to the sign-in:
// before they are sent, the page is asked whether it is still signed in. If not, everything stays
// in the form, and a link opens the sign-in beside it.
(() => {
  const hasFiles = (form) =>
    [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length);

  const renewed = async (form, ended) => {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (new URL(answer.url).pathname === new URL(ended.querySelector("a").href).pathname) return false;
    // Signing in elsewhere gave this browser another token.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (token) form.elements.namedItem("csrfmiddlewaretoken").value = token;
    return true;
  };

  // In the capture phase: nothing else has marked the form as sent yet.
  document.addEventListener(
    "submit",
    async (event) => {
      const { target: form, submitter } = event;
      const ended = form.querySelector?.("[data-session-ended]");
      if (!ended || !hasFiles(form) || form.dataset.checked) return;
      event.preventDefault();
      if (form.dataset.checking) return;
      form.dataset.checking = "1";
      const goesOn = await renewed(form, ended).catch(() => true);
      delete form.dataset.checking;
      ended.hidden = goesOn;
      if (!goesOn) {
        ended.focus();
        return;
      }
      form.dataset.checked = "1";
      form.requestSubmit(submitter);
      delete form.dataset.checked;
    },
    true,
  );
})();

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
    // Said once: the address is that of the incident again.
    const here = new URL(location.href);
    if (here.searchParams.has("recu")) {
      here.searchParams.delete("recu");
      history.replaceState(history.state, "", here);
    }
    // The address names the form: a reload or « back » finds the same one, its files, its fate.
    const named = document.querySelector("form[data-address]")?.getAttribute("action");
    if (named) history.replaceState(history.state, "", named);
    for (const form of document.querySelectorAll("form[data-keep]")) {
      restore(form);
      form.addEventListener("input", () => keep(form));
    }
  });
})();
