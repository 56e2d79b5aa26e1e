/* The submit of a form waits for its files (uploads.js): it says so, goes by itself once they are
   there, and leaves none behind unless told to. */
import { MOVING } from "./upload-line.js";

const DOUBLE_CLICK = 700; // milliseconds

export class Sending {
  #held = null; // the submit that waits: its button, and what keeps its sentence up to date
  #isAsking = false;
  #mayGo = false;

  /** `list` is the Uploads of the form. */
  constructor(list) {
    Object.assign(this, { list, form: list.form, bar: list.part("hold") });
    this.ended = this.form.querySelector("[data-session-ended]");
    this.bar.querySelector("[data-part=anyway]").addEventListener("click", (event) => this.#leave(event));
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
    if (!this.#held) return;
    if (this.ended) this.ended.hidden = !this.list.isSignedOut;
    if (this.saysEnded) return this.#tell("");
    if (this.list.unfinished.length || this.list.reading) return this.#tell(this.#reckoning());
    const { submitter } = this.#held;
    this.#release();
    this.#go(submitter);
  }

  /** Whether the form itself says, beside its button, that the session ended. */
  get saysEnded() {
    return Boolean(this.#held && this.ended && !this.ended.hidden);
  }

  /** A file will not come: whoever wanted it in the form decides again. */
  refused() {
    if (this.#held) this.#release(this.list.words.hold_refused);
  }

  #release(text = "") {
    clearInterval(this.#held?.clock);
    this.#held = null;
    this.#tell(text);
  }

  #tell(text) {
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
    for (const line of this.list.unfinished) this.list.take(line);
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
