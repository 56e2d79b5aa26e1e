/* The submit of a form waits for its files (uploads.js): it says so, goes by itself once they are
   there, and leaves none behind unless told to. */
import { MOVING } from "./upload-line.js";

const NBSP = "\u00a0";
const DOUBLE_CLICK = 700; // milliseconds

export class Sending {
  #held = null; // the submit that waits: its button, and what keeps its sentence up to date
  #asksRefused = false; // whether it is asked about files that will not come
  #isAsking = false;
  #mayGo = false;

  /** `list` is the Uploads of the form. */
  constructor(list) {
    Object.assign(this, { list, form: list.form, bar: list.part("hold") });
    this.ended = this.form.querySelector("[data-session-ended]");
    for (const name of ["anyway", "anyway-refused"]) {
      this.bar.querySelector(`[data-part=${name}]`).addEventListener("click", (event) => this.#leave(event));
    }
    this.bar.querySelector("[data-part=unhold]").addEventListener("click", () => this.#release());
  }

  submitted(event) {
    if (this.#mayGo || !(this.list.lines.length || this.list.reading)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#isAsking) return;
    if (this.#held) {
      this.#pointOut();
      return this.list.resume();
    }
    const { submitter, timeStamp: since } = event;
    const clock = setInterval(() => this.changed(), 1000);
    this.#held = { submitter, since, clock };
    // Below the button that was pressed: what the pointer is on does not move.
    (submitter?.closest(".acts") ?? submitter)?.after(this.bar);
    this.changed();
    if (this.#held) this.#pointOut();
  }

  #pointOut() {
    (this.saysEnded ? this.ended : this.bar).focus();
  }

  /** Some file has another state, or is there no more. */
  changed() {
    const { isSignedOut } = this.list;
    if (this.#held && this.ended) this.ended.hidden = !isSignedOut;
    // Said once: beside the button if it was pressed, else beside the files.
    this.list.part("signed-out").hidden = !isSignedOut || this.saysEnded;
    if (!this.#held) return;
    if (this.saysEnded) return this.#tell("");
    if (this.list.refused.length) return this.#askRefused();
    // Taken out by hand: whoever did so may still want to choose another.
    if (this.#asksRefused) return this.#release();
    if (this.list.unfinished.length || this.list.reading) return this.#tell(this.#reckoning());
    const { submitter } = this.#held;
    this.#release();
    this.#go(submitter);
  }

  /** Whether the form itself says, beside its button, that the session ended. */
  get saysEnded() {
    return Boolean(this.#held && this.ended && !this.ended.hidden);
  }

  /** A file will not come: whoever wanted it in the form decides. */
  #askRefused() {
    const { list } = this;
    const { length: count, 0: first } = list.refused;
    const names = list.refused.map(({ name }) => `«${NBSP}${name}${NBSP}»`).join(", ");
    this.#asksRefused = true;
    // Most reasons name their file.
    const one = first.reason.includes(first.name) ? "hold_refused" : "hold_refused_one";
    const key = count > 1 ? "hold_refused_many" : one;
    this.#tell(list.say(key, { count, names, name: first.name, reason: first.reason }));
  }

  #release() {
    clearInterval(this.#held?.clock);
    this.#held = null;
    this.#asksRefused = false;
    this.#tell("");
  }

  #tell(text) {
    this.bar.classList.toggle("alert-warning", this.#asksRefused);
    this.bar.classList.toggle("alert-info", !this.#asksRefused);
    for (const name of ["anyway", "anyway-refused"]) {
      const isRefused = name === "anyway-refused";
      this.bar.querySelector(`[data-part=${name}]`).hidden = isRefused !== this.#asksRefused;
    }
    this.bar.querySelector("[data-part=hold-says]").textContent = text;
    this.bar.querySelector("[data-part=hold-acts]").hidden = !this.#held;
    this.bar.hidden = !text;
  }

  /** « 2 fichiers sont encore en cours d’envoi (reste 3 min). » */
  #reckoning() {
    const { list } = this;
    const count = list.unfinished.length + list.reading;
    const moving = list.unfinished.filter((line) => MOVING.has(line.state));
    const many = count > 1 ? "many" : "one";
    if (!moving.length && !list.reading) return list.say(`hold_stuck_${many}`, { count });
    const speed = moving.reduce((sum, line) => sum + line.transfer.speed, 0);
    const size = moving.reduce((sum, line) => sum + line.size - line.offset, 0);
    const rest = speed ? list.say("hold_left", { left: size / speed }) : "";
    const stuck = moving.length + list.reading < count ? list.words.hold_stuck_too : "";
    return list.say(`hold_${many}`, { count, rest }) + stuck;
  }

  /** Send the form without the files that are not there. The second half of a double click on the
      submit is no such wish. */
  #leave({ timeStamp }) {
    if (timeStamp - this.#held.since < DOUBLE_CLICK) return;
    const { list } = this;
    for (const line of this.#asksRefused ? list.refused : list.unfinished) list.take(line);
    this.#asksRefused = false;
    this.changed();
  }

  // Once the session is known to go on: a form sent in vain would leave the page.
  async #go(submitter) {
    this.#isAsking = true;
    const { ended } = this;
    if (ended) ended.hidden = await this.list.renew().catch(() => true);
    // Not within the submit that was held back: a form ignores a second one until it is over.
    await new Promise((resolve) => setTimeout(resolve));
    this.#isAsking = false;
    if (ended && !ended.hidden) return ended.focus();
    this.list.forgetDraft();
    this.#mayGo = true;
    this.form.requestSubmit(submitter);
    this.#mayGo = false;
  }
}
