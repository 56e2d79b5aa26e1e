/* The queue keeps itself up to date, is driven by the keyboard, and says of a company on demand what
   an engineer must know. Works without: a reload shows the same, links and buttons do the rest. */
"use strict";

(() => {
  const SECOND = 1000;
  const NEWS_STAYS = 12 * SECOND;
  const CARD_STAYS_TRUE = 60 * SECOND;
  const HOVERED = 300;
  const TOO_SOON = 1.5 * SECOND;

  const file = () => document.getElementById("file");
  const rows = () => [...file().querySelectorAll("tbody > tr")];
  const boxes = () => [...file().querySelectorAll("[name=ticket]")];
  const reference = (row) => row.querySelector("[name=ticket]").value;
  const part = (name) => document.querySelector(`[data-queue=${name}]`);
  const said = (number, one, many) => (number === 1 ? one : many.replace("%s", number));
  // An answer for a part of a page: a session that has ended gives 401, never a sign-in page.
  const fetched = (address) => fetch(address, { headers: { "HX-Request": "true" } });

  // --- Preferences of this browser ---------------------------------------------------------------

  const isOn = (name) => localStorage.getItem(`file-${name}`) !== "non";
  const tie = (name) => {
    const box = part(name);
    box.checked = isOn(name);
    box.addEventListener("change", () => {
      localStorage.setItem(`file-${name}`, box.checked ? "oui" : "non");
      plan();
    });
  };

  // --- Selection -----------------------------------------------------------------------------------

  const count = () => {
    const all = boxes();
    const chosen = all.filter((box) => box.checked).length;
    const words = file().querySelector("[data-count]");
    if (!words) return;
    words.textContent = chosen ? said(chosen, words.dataset.one, words.dataset.many) : "";
    const button = words.parentElement.querySelector("button");
    if (button) button.hidden = !chosen;
    const whole = file().querySelector("[data-all]");
    whole.hidden = false;
    whole.checked = chosen === all.length;
    whole.indeterminate = chosen > 0 && chosen < all.length;
  };

  document.addEventListener("change", ({ target }) => {
    if (!target.closest("#file")) return;
    if (target.matches("[data-all]")) for (const box of boxes()) box.checked = target.checked;
    count();
  });

  // --- Up to date: what did not change stays the very same element, so that focus, selection and
  // scrolling need not be put back -------------------------------------------------------------------

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    const isLines = old.nodeName === "TBODY" && fresh.nodeName === "TBODY";
    const alike = old.nodeName === fresh.nodeName && old.childNodes.length === fresh.childNodes.length;
    if (old.nodeType !== Node.ELEMENT_NODE || !(alike || isLines)) {
      old.replaceWith(fresh);
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (isLines) {
      morphRows(old, fresh);
      return;
    }
    const news = [...fresh.childNodes];
    [...old.childNodes].forEach((child, place) => morph(child, news[place]));
  };
  // Lines are known by their incident, wherever they stand.
  const morphRows = (old, fresh) => {
    const known = new Map([...old.rows].map((row) => [reference(row), row]));
    const wanted = [...fresh.rows].map((row) => {
      const present = known.get(reference(row));
      if (!present) return row;
      known.delete(reference(row));
      const cells = [...row.cells];
      if (present.className !== row.className) present.className = row.className;
      [...present.cells].forEach((cell, place) => morph(cell, cells[place]));
      return present;
    });
    for (const row of known.values()) row.remove();
    wanted.forEach((row, place) => {
      if (old.rows[place] !== row) old.insertBefore(row, old.rows[place] ?? null);
    });
  };

  let hush = 0;
  const announce = (words) => {
    const news = part("news");
    news.textContent = words;
    clearTimeout(hush);
    hush = setTimeout(() => news.replaceChildren(), NEWS_STAYS);
  };
  const renew = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("file");
    const before = new Set(boxes().map((box) => box.value));
    const focused = document.activeElement;
    morph(file(), fresh);
    count();
    if (focused !== document.body && !focused.isConnected) {
      // Its line has gone: the next one comes under the keys, and nobody has read it yet.
      stand(lastPlace);
      movedAt = Date.now();
    }
    const after = boxes().map((box) => box.value);
    const { newOne, newMany, goneOne, goneMany, changed } = part("news").dataset;
    const added = after.filter((number) => !before.has(number)).length;
    const gone = before.size + added - after.length;
    const facts = [
      added && said(added, newOne, newMany),
      gone && said(gone, goneOne, goneMany),
    ].filter(Boolean);
    if (facts.length) announce(changed.replace("%s", facts.join(", ")));
  };

  let stopped = false;
  let plan = () => {};
  const ask = async () => {
    if (!isOn("auto")) return;
    const { from, version } = file().dataset;
    let answer = null;
    try {
      answer = await fetched(`${from}&v=${version}`);
      if (answer.status === 200) renew(await answer.text());
    } catch {
      answer = null;
    }
    stopped = answer !== null && [401, 403, 404].includes(answer.status);
    part("ended").hidden = !stopped;
    part("lost").hidden = stopped || Boolean(answer?.ok);
    plan();
  };

  // --- Keys ------------------------------------------------------------------------------------------

  // Where one was last: the line may be gone when the next key comes.
  let lastPlace = -1;
  let movedAt = 0;
  const current = () => document.activeElement.closest("#file tbody > tr");
  const stand = (place) => {
    const all = rows();
    const row = all[Math.max(0, Math.min(place, all.length - 1))];
    row?.querySelector("th a").focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const place = current() ? rows().indexOf(current()) : lastPlace;
    stand(place < 0 ? 0 : place + by);
  };
  // One key, one incident: a key held down takes no more, nor one meant for the line that has gone.
  const take = (event) => {
    if (event.repeat || Date.now() - movedAt < TOO_SOON) return;
    const button = current()?.querySelector("button[form=prendre]");
    if (button) button.click();
    else if (current()) announce(part("news").dataset.taken);
  };
  const ACTS = {
    j: () => step(1),
    k: () => step(-1),
    o: () => current()?.querySelector("th a").click(),
    x: () => current()?.querySelector("[name=ticket]").click(),
    p: take,
    a: () => document.querySelector("[data-key=a]")?.click(),
    "?": () => part("keys").showModal(),
  };
  const ARROWS = { ArrowDown: ACTS.j, ArrowUp: ACTS.k };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideCard();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target } = event;
    if (target.closest("dialog, textarea, select, [contenteditable], input:not([type=checkbox])")) return;
    // Arrows are the page's own until one stands on a line.
    const act = ARROWS[event.key] && target.closest("#file tbody") ? ARROWS[event.key] : isOn("touches") && ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
  document.addEventListener("focusin", ({ target }) => {
    const row = target.closest("#file tbody > tr");
    if (row) lastPlace = rows().indexOf(row);
  });
  // After « Prendre en charge » the page comes anew: one is back on the same line, or on the next.
  document.addEventListener("submit", ({ target, submitter }) => {
    if (target.id !== "prendre") return;
    const row = submitter.closest("tr");
    sessionStorage.setItem("file-ligne", JSON.stringify([reference(row), rows().indexOf(row)]));
  });
  const comeBack = () => {
    const kept = JSON.parse(sessionStorage.getItem("file-ligne"));
    sessionStorage.removeItem("file-ligne");
    if (!kept) return;
    const place = rows().findIndex((row) => reference(row) === kept[0]);
    stand(place < 0 ? kept[1] : place);
  };

  // --- A company, hovered over or focused -----------------------------------------------------------

  const cards = new Map();
  let asked = null;
  let wait = 0;
  const cardOf = async (address) => {
    const known = cards.get(address);
    if (known && Date.now() - known.at < CARD_STAYS_TRUE) return known.html;
    const answer = await fetched(address);
    if (!answer.ok) return "";
    const html = await answer.text();
    cards.set(address, { html, at: Date.now() });
    return html;
  };
  const hideCard = () => {
    clearTimeout(wait);
    asked?.removeAttribute("aria-describedby");
    asked = null;
    if (part("card").matches(":popover-open")) part("card").hidePopover();
  };
  const showCard = async (link) => {
    clearTimeout(wait);
    if (asked === link) return;
    hideCard();
    asked = link;
    const html = await cardOf(link.href).catch(() => "");
    if (!html || asked !== link) return;
    const card = part("card");
    card.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    card.showPopover();
    link.setAttribute("aria-describedby", card.id);
    place();
  };
  // Below its link, or above when there is no room; it follows when the page is scrolled.
  const place = () => {
    const card = part("card");
    if (!asked || !card.matches(":popover-open")) return;
    const box = asked.getBoundingClientRect();
    const below = box.bottom + card.offsetHeight + 8 < innerHeight;
    card.style.left = `${Math.max(8, Math.min(box.left, innerWidth - card.offsetWidth - 8))}px`;
    card.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - card.offsetHeight - 4)}px`;
  };
  const companyOf = (target) => target.closest?.("#file tbody td:nth-child(4) > a");
  const soon = (act) => {
    clearTimeout(wait);
    wait = setTimeout(act, HOVERED);
  };
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "mouse") return;
    const link = companyOf(target);
    if (link) soon(() => showCard(link));
    else if (target.closest?.("[data-queue=card]")) clearTimeout(wait);
    else if (asked && asked !== document.activeElement) soon(hideCard);
  });
  document.addEventListener("focusin", ({ target }) => {
    const link = companyOf(target);
    if (link) showCard(link);
    else if (asked) hideCard();
  });
  document.addEventListener("scroll", place, { passive: true, capture: true });

  // ---------------------------------------------------------------------------------------------------

  document.addEventListener("DOMContentLoaded", () => {
    if (!file()) return;
    tie("auto");
    tie("touches");
    part("bar").hidden = false;
    part("open").addEventListener("click", () => part("keys").showModal());
    plan = keepUpToDate(ask, { isOff: () => stopped || !isOn("auto") });
    count();
    comeBack();
    plan();
  });
})();
