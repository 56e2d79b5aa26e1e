/* A declaration while it is typed: kept on the server as a draft, licences of the chosen software,
   suggestions said aloud. Works without. */
"use strict";

(() => {
  const WAIT = 2000; // after the last key
  const AGAIN = 15000; // after a save that failed
  // What a browser still sends while the page goes away (64 kB for all of it).
  const KEEPALIVE_MAX = 60000;

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const place = form.querySelector("[data-draft-state]");
  const said = place.querySelector("[data-draft-said]");
  let timer = 0;
  let typed = 0; // counts what was typed
  let saved = 0; // how much of it the server has
  let saving = false;
  let isSent = false;

  // Eyes read every hour; a screen reader hears changes of state only.
  const show = (state, text) => {
    if (place.dataset.state !== state) said.textContent = text;
    place.dataset.state = state;
    place.querySelector("[data-draft-text]").textContent = text;
    place.hidden = false;
  };
  if (place.querySelector("[data-draft-text]").textContent) {
    place.dataset.state = "kept";
    place.hidden = false;
  }

  const content = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "unsent") fields.append(name, value);
    }
    return fields.toString();
  };

  const later = (delay) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => save(), delay);
  };

  const failed = (sentence, again) => {
    show("lost", sentence);
    if (again) later(AGAIN);
  };

  // Signing in again, here or in another tab, gave this browser another token.
  const renew = async () => {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form[data-draft] [name=csrfmiddlewaretoken]")?.value;
    if (token) form.elements.namedItem("csrfmiddlewaretoken").value = token;
    return Boolean(token);
  };

  const read = async (answer, mark) => {
    if (answer.status === 204) {
      saved = mark;
    } else if (answer.ok) {
      const { version, sentence, others } = await answer.json();
      form.elements.namedItem("draft_version").value = version;
      saved = mark;
      show("kept", others ? `${sentence}. ${place.dataset.others}` : sentence);
    } else if (answer.status === 409) {
      saved = mark;
      failed((await answer.json()).sentence, false);
    } else if (answer.type === "opaqueredirect") {
      failed(place.dataset.ended, true);
    } else if (answer.status === 403 && (await renew().catch(() => false))) {
      later(0);
    } else {
      failed(answer.status === 403 ? place.dataset.ended : place.dataset.lost, true);
    }
  };

  // A page that goes away does not wait for the save under way.
  const save = async (goesAway = false) => {
    window.clearTimeout(timer);
    if (isSent || (saving && !goesAway) || saved === typed) return;
    saving = true;
    const mark = typed;
    const body = content();
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        redirect: "manual",
        keepalive: body.length < KEEPALIVE_MAX,
      });
      await read(answer, mark);
    } catch {
      failed(place.dataset.lost, true);
    } finally {
      saving = false;
    }
    if (typed > mark && place.dataset.state !== "lost") later(WAIT);
  };

  const note = (event) => {
    if (event.target.type === "file") return;
    typed += 1;
    later(place.dataset.state === "lost" ? AGAIN : WAIT);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  // In the bubbling phase: a submit that another script held back is none yet.
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) isSent = true;
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pagehide", () => save(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  // The browser asks before the only copy of a text goes with its page.
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && saved !== typed && place.dataset.state === "lost") event.preventDefault();
  });
  // What incident.js put back from this tab is not on the server yet.
  window.addEventListener("load", () => {
    const text = form.elements.namedItem("title").value + form.elements.namedItem("body").value;
    if (text && form.elements.namedItem("draft_version").value === "0") {
      typed += 1;
      later(WAIT);
    }
  });

  // A fragment that fails must not reload this page (portal.js): nothing here is worth a text.
  document.body.addEventListener("htmx:responseError", (event) => event.stopPropagation());

  // --- what resembles the title ---------------------------------------------------------------

  const heard = form.querySelector("[data-suggestions-said]");
  form.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches("[data-suggestions]")) return;
    const say = event.target.querySelector("[data-say]")?.dataset.say ?? "";
    if (heard.textContent !== say) heard.textContent = say;
  });

  // --- licences of the software that was chosen -----------------------------------------------

  const licence = form.elements.namedItem("licence");
  const product = form.elements.namedItem("product");
  if (licence) {
    const groups = [...licence.querySelectorAll("optgroup")];
    const fit = () => {
      const name = product.selectedOptions[0]?.textContent;
      for (const group of groups) group.hidden = group.disabled = group.label !== name;
      if (licence.selectedOptions[0]?.parentElement.disabled) licence.value = "";
      form.querySelector(".which-licence").hidden = groups.every((group) => group.hidden);
    };
    product.addEventListener("change", fit);
    fit();
  }
})();
