/* One file in the list of a form (uploads.js): what its line says, and its buttons. */
import { Transfer } from "./tus.js";

const NBSP = "\u00a0";
// On their way without anybody's help, and those that wait for somebody.
export const MOVING = new Set(["queued", "sending", "lost", "away", "busy", "signed-out"]);
export const STUCK = new Set(["paused", "interrupted", "unreadable"]);

/** « 1,4 Mo »: units of a thousand, as the server writes them (foundation.wording). */
export function sizeFr(octets) {
  if (octets < 1000) return `${Math.round(octets)}${NBSP}octet${octets < 2 ? "" : "s"}`;
  let amount = octets;
  let unit;
  for (unit of ["Ko", "Mo", "Go"]) {
    amount /= 1000;
    if (amount < 999.5) break;
  }
  const number = amount.toFixed(amount < 99.95 ? 1 : 0).replace(/\.0$/, "");
  return number.replace(".", ",") + NBSP + unit;
}

/** « 45 s », « 2 min 30 s », « 24 min », « 1 h 05 »: no finer than anybody can foresee. */
export function durationFr(seconds) {
  if (seconds < 57.5) return `${Math.max(5, Math.round(seconds / 5) * 5)}${NBSP}s`;
  if (seconds < 595) {
    const tens = Math.round(seconds / 10) * 10;
    const rest = tens % 60 ? `${NBSP}${tens % 60}${NBSP}s` : "";
    return `${Math.floor(tens / 60)}${NBSP}min${rest}`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${NBSP}min`;
  return `${Math.floor(minutes / 60)}${NBSP}h${NBSP}${String(minutes % 60).padStart(2, "0")}`;
}

export class Line {
  state = "";
  reason = "";
  offset = 0;
  address = ""; // of its upload on the server, once it has one
  fingerprint = "";
  transfer = null;
  #later = 0;

  /** `list` is the Uploads that holds it. */
  constructor(list, { name, size }) {
    Object.assign(this, { list, name, size });
    this.row = list.part("row").content.firstElementChild.cloneNode(true);
    for (const place of this.row.querySelectorAll("[data-name]")) place.textContent = name;
    this.part("bar").setAttribute("aria-label", list.say("bar", this));
    this.part("pause").addEventListener("click", () => this.#toggle());
    this.part("again").addEventListener("click", () => list.choose());
    this.part("remove").addEventListener("click", () => list.remove(this));
    list.part("rows").append(this.row);
  }

  get percent() {
    return this.size ? Math.floor((this.offset / this.size) * 100) : 0;
  }

  get left() {
    const speed = this.transfer?.speed;
    return speed ? (this.size - this.offset) / speed : NaN;
  }

  part(name) {
    return this.row.querySelector(`[data-part=${name}]`);
  }

  /** The same file, as far as anybody can tell without reading it through. */
  is({ name, size }, fingerprint) {
    const isAlike = !fingerprint || !this.fingerprint || this.fingerprint === fingerprint;
    return this.name === name && this.size === size && isAlike;
  }

  /** Send this file, from where the server is with it. */
  send(file, fingerprint) {
    const { list, address, offset } = this;
    this.fingerprint = fingerprint;
    this.transfer = new Transfer({
      file,
      fingerprint,
      address,
      offset: address ? offset : 0,
      endpoint: list.endpoint,
      session: list,
      changed: (transfer) => this.#follow(transfer),
    });
    this.become("queued");
  }

  /** Give it up: the server forgets it too. */
  discard() {
    this.transfer?.stop();
    if (this.address) this.list.discard(this.address);
  }

  become(state, reason = "") {
    const isNews = state !== this.state;
    Object.assign(this, { state, reason });
    this.render();
    if (isNews) this.list.changed(this);
  }

  /** What the server shows of it. */
  take(shown) {
    const { state, offset, fingerprint } = shown.dataset;
    Object.assign(this, { offset: Number(offset), fingerprint });
    this.address = this.list.addressOf(shown);
    const name = shown.querySelector("[data-part=name]");
    if (state !== this.state) this.part("name").replaceChildren(...name.childNodes);
    const reason = shown.querySelector("[data-part=reason]")?.textContent ?? "";
    this.become(state === "arriving" ? "interrupted" : state, reason);
  }

  render() {
    clearTimeout(this.#later);
    this.#later = 0;
    const { row, state } = this;
    const isUnderWay = (MOVING.has(state) || STUCK.has(state)) && state !== "unreadable";
    row.dataset.state = state;
    this.part("bar").hidden = !isUnderWay;
    this.part("bar").value = this.percent;
    this.part("pause").hidden = !isUnderWay || !this.transfer;
    this.part("pause-word").hidden = state === "paused";
    this.part("resume-word").hidden = state !== "paused";
    this.part("again").hidden = state !== "interrupted" && state !== "unreadable";
    this.part("says").textContent = this.#sentence();
  }

  #sentence() {
    if (this.state !== "sending") return this.reason || this.list.say(this.state, this);
    return this.list.say(Number.isNaN(this.left) ? "starting" : "sending", this);
  }

  #follow({ state, reason, offset, address }) {
    Object.assign(this, { offset, address });
    if (state === this.state) this.#later ||= setTimeout(() => this.render(), 300);
    else if (state === "arrived") this.become("checking");
    else if (state === "refused") this.become(state, reason || this.list.say("failed", this));
    else this.become(state, reason);
  }

  #toggle() {
    if (this.state === "paused") this.transfer.queue();
    else this.transfer.pause();
  }
}
