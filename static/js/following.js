/* The page of an incident keeps itself up to date, without a reload and without touching what is
   being typed. The server says what changed since the version that the page shows; it answers
   nothing (204) most of the time. Works without: a reload shows the same. */
"use strict";

(() => {
  const SECOND = 1000;
  const NEWS_STAYS = 12 * SECOND;

  const watch = () => document.getElementById("suivi");
  const note = (name) => document.querySelector(`[data-live=${name}]`);
  let ended = false;
  let stopped = false;
  let plan = () => {};

  // After a session that ended nothing is known for sure: without a version, the answer holds all
  // that a page needs, the token of its forms included.
  const ask = () => {
    const source = watch();
    // Colleagues read who writes: the desk's page says where that is seen.
    const writes = [...document.querySelectorAll(source.dataset.writing || "none")].some((form) =>
      [...form.querySelectorAll("textarea")].some((field) => field.value.trim()),
    );
    const address = source.dataset.from + (ended ? "" : source.dataset.version) + (writes ? "&ecrit=1" : "");
    htmx.ajax("GET", address, { source, target: source, swap: "outerHTML" });
    plan();
  };

  // --- What is in use is never replaced ---------------------------------------------------------

  const typedIn = (place) =>
    [...place.querySelectorAll("textarea, input:not([type=hidden]), select")].some((field) =>
      field.tagName === "SELECT" ? field.selectedIndex > 0 : field.value !== field.defaultValue,
    );
  const inUse = (place) =>
    place.contains(document.activeElement) ||
    typedIn(place) ||
    [...place.querySelectorAll("details[open]")].some((fold) => fold.querySelector("form"));

  // A form that stays while the incident has moved on says so, with the way to the present page.
  const tell = (place) => {
    if (place.querySelector("[data-changed]")) return;
    place.firstElementChild.prepend(note("changed").content.cloneNode(true));
  };

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target } = event.detail;
    if (!target.matches("[data-guarded]") || !inUse(target)) return;
    event.detail.shouldSwap = false;
    tell(target);
  });

  // --- What is written stays where it is on the screen -----------------------------------------

  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== watch()) return;
    const field = document.activeElement?.closest("textarea, input, select");
    kept = field ? { field, top: field.getBoundingClientRect().top } : null;
  });
  // Browsers that anchor the scrolling have done so by the second frame: nothing is left to do.
  const settle = () => {
    const before = kept;
    kept = null;
    if (!before) return;
    const put = () => {
      if (!before.field.isConnected) return;
      const moved = before.field.getBoundingClientRect().top - before.top;
      if (moved) window.scrollBy({ top: moved, behavior: "instant" });
    };
    requestAnimationFrame(() => requestAnimationFrame(put));
  };

  // --- What is said of the news ------------------------------------------------------------------

  const title = document.title;
  let hush = 0;
  const announce = () => {
    const said = document.getElementById("annonce");
    if (!said?.textContent) return;
    if (document.hidden) document.title = `● ${title}`;
    clearTimeout(hush);
    hush = setTimeout(() => said.replaceChildren(), NEWS_STAYS);
  };

  // Forms take the token of the present session: signing in again gave another one.
  const renewTokens = (root) => {
    const token = root.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!token) return;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    // Any other part of the page that was refused tells it as well.
    if (event.detail.xhr.status === 401) ended = true;
    // The element that asked has been replaced by the answer: the event itself comes from above it.
    if (event.detail.requestConfig.elt.id !== "suivi") return;
    const { status, responseText } = event.detail.xhr;
    if (status === 200 || status === 204) {
      note("lost").textContent = "";
      if (ended) {
        ended = false;
        note("ended").hidden = true;
        if (status === 200) renewTokens(new DOMParser().parseFromString(responseText, "text/html"));
      }
    } else if (status === 401) {
      ended = true;
      note("ended").hidden = false;
    } else if (status === 403 || status === 404) {
      stopped = true;
      plan();
      note("gone").hidden = false;
    } else {
      note("lost").textContent = note("lost").dataset.text;
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "suivi") return;
    settle();
    announce();
    if (!("news" in event.detail.elt.dataset)) return;
    // Ledgers that are open tell of the same instant as the clocks above them.
    for (const fold of document.querySelectorAll("details.ledger-fold[open]")) htmx.trigger(fold, "ouvrir");
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (!watch()) return;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) document.title = title;
    });
    plan = keepUpToDate(ask, { isSlow: () => ended, isOff: () => stopped });
    plan();
  });
})();
