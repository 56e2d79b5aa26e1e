/* What every page gains from JavaScript. Each page works without it. */
"use strict";

// An open menu closes on Escape, on a click elsewhere, and when focus leaves it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// A form that came back with faults: the summary is read first (but a specimen of one).
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("[data-errors]:not([data-specimen] *)")?.focus();
});

// <form data-once>: a second submit while the first is under way is ignored. The server
// recognises it too (form token); this only spares the wait.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
});
// Back to a page that the browser kept: its forms can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
    }
  }
});

// A fold whose content is fetched each time it opens (hx-trigger="ouvrir"): it never tells of an
// earlier instant than the page around it. Until then it holds a link to the same content.
document.addEventListener(
  "toggle",
  ({ target: fold }) => {
    if (fold.open && fold.matches?.("details[data-fetch]")) htmx.trigger(fold, "ouvrir");
  },
  true,
);
// Opened before the scripts were there: nobody heard it.
window.addEventListener("load", () => {
  for (const fold of document.querySelectorAll("details[data-fetch][open]")) htmx.trigger(fold, "ouvrir");
});

// The pace of a page that keeps itself up to date: it asks often while somebody is there, seldom when
// nobody has touched it for long or `isSlow`, and at once when one comes back to it. Gives the function
// that plans the next time, which `ask` calls; nothing is planned while `isOff`.
function keepUpToDate(ask, { isSlow = () => false, isOff = () => false }) {
  const SECOND = 1000;
  const OFTEN = 15 * SECOND;
  const SELDOM = 60 * SECOND;
  const HIDDEN = 120 * SECOND;
  const LEFT_ALONE = 20 * 60 * SECOND;
  let touched = Date.now();
  let timer = 0;
  const pause = () => {
    if (document.hidden) return HIDDEN;
    return isSlow() || Date.now() - touched > LEFT_ALONE ? SELDOM : OFTEN;
  };
  const plan = () => {
    clearTimeout(timer);
    if (!isOff()) timer = setTimeout(ask, pause());
  };
  for (const name of ["pointerdown", "keydown"]) {
    document.addEventListener(name, () => { touched = Date.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return plan();
    touched = Date.now();
    ask();
  });
  return plan;
}

// A fragment that is refused because the session has ended is never put in the page. A form that
// may hold a text says so (data-live=ended); elsewhere the page is asked for whole: the sign-in
// comes, and leads back.
document.addEventListener("htmx:afterRequest", ({ detail: { xhr, requestConfig } }) => {
  const { elt } = requestConfig;
  const notice = document.querySelector("[data-live=ended]");
  if (xhr.status === 401 && notice) notice.hidden = false;
  else if (xhr.status === 401 && !elt.closest("[data-quiet]")) window.location.assign(elt.href || window.location.href);
  else if (xhr.status < 300 && notice && elt.closest("form.declare")) notice.hidden = true;
});

// htmx: a refused fragment (4xx, 5xx) reloads the page, which says why. What asks by
// itself, from time to time, never does: somebody may be typing (static/js/following.js).
document.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) window.location.reload();
});
