/* The style page of the demonstration: a line of the upload list in each of its states, made by the
   portal's own code (upload-line.js) from the words and the row of the form above. */
import { Line, durationFr, sizeFr } from "./upload-line.js";

const NAME = "maquette-complete.rvt";
const SIZE = 4_812_000_000;
const DONE = 0.62;
const SPEED = 11_400_000; // octets a second
// What the server said of a file; the words of the others are the page's.
const REASON = "« installateur.zip » contient un programme : il n’est pas accepté.";

const box = document.querySelector("[data-uploads]");
const words = box.querySelector("[data-part=words]").content;
const rows = document.querySelector("[data-specimens]");

// As much of a list (uploads.js) as a line asks for: nothing leaves, nothing is removed.
const list = {
  part: (name) => (name === "rows" ? rows : box.querySelector(`[data-part=${name}]`)),
  say(key, line) {
    const blanks = {
      done: () => sizeFr(line.offset),
      total: () => sizeFr(line.size),
      speed: () => sizeFr(line.transfer.speed),
      left: () => durationFr(line.left),
    };
    const text = words.querySelector(`data[value=${key}]`).textContent;
    return text.replace(/\{(\w+)\}/g, (_all, name) => blanks[name]?.() ?? line[name]);
  },
  changed() {},
  choose() {},
  remove() {},
};

function specimen(state, { speed = SPEED, reason = "" } = {}) {
  const line = new Line(list, { name: NAME, size: SIZE });
  line.offset = state === "queued" ? 0 : Math.round(SIZE * DONE);
  line.transfer = { speed, pause() {}, queue() {} };
  line.become(state, reason);
}

specimen("queued");
specimen("sending", { speed: 0 });
for (const state of ["sending", "paused", "lost", "away", "busy", "signed-out"]) specimen(state);
for (const state of ["interrupted", "unreadable", "checking", "available"]) specimen(state);
specimen("refused", { reason: REASON });

// What declare.js writes of a draft, from the sentences of its place.
for (const frame of document.querySelectorAll("[data-draft-specimen]")) {
  const place = frame.querySelector("[data-draft-state]");
  const text = place.querySelector("[data-draft-text]");
  const state = frame.dataset.draftSpecimen;
  place.dataset.state = state === "kept" || state === "others" ? "kept" : "lost";
  if (state === "others") text.textContent += `. ${place.dataset.others}`;
  if (state === "lost" || state === "ended") text.textContent = place.dataset[state];
}
// What following.js writes when the portal does not answer.
for (const place of document.querySelectorAll("[data-live-specimen] [data-live=lost]")) {
  place.textContent = place.dataset.text;
}
