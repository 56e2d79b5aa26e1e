/* The files of a form (templates/files/waiting.html): chosen, dropped or pasted, they leave at once,
   and the form waits for them. Without this script the plain field goes on working. Every word
   comes from the page. Other scripts are told by a « portal:uploads » event on the form:
   detail.busy, whether something is on its way; detail.count, how many files have not arrived. */
import { fingerprint } from "./tus.js";
import { Line, MOVING, STUCK, durationFr, sizeFr } from "./upload-line.js";
import { Sending } from "./upload-sending.js";

const PARALLEL = 2;
const RUNNING = new Set(["sending", "lost", "away", "busy"]);
const LOOKS = [1, 3, 3, 5, 8, 13, 20, 30]; // seconds between two looks at what is being checked
const SIGNED_OUT_LOOK = 15_000;
const DRAFT = "brouillon"; // files.forms.DRAFT

const lists = [];
const isOn = (states) => (line) => states.has(line.state);

// Two at a time, whatever the number of forms.
function startNext() {
  const lines = lists.flatMap((list) => list.lines);
  let free = PARALLEL - lines.filter(isOn(RUNNING)).length;
  for (const line of lines) {
    if (free > 0 && line.state === "queued") {
      free -= 1;
      line.transfer.start();
    }
  }
}

// Only while something is on its way does leaving the page lose anything.
addEventListener("beforeunload", (event) => {
  if (lists.some((list) => list.lines.some(isOn(MOVING)))) event.preventDefault();
});

// « capture-2026-11-24-10-12.png »: what is pasted from the screen, or taken by a telephone, is
// « image.png » every time.
function named(file, what, taken) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date();
  const parts = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes()];
  const at = parts.map((number) => String(number).padStart(2, "0")).join("-");
  const stem = `${what}-${now.getFullYear()}-${at}`;
  const ending = file.name.slice("image".length);
  let name = stem + ending;
  for (let number = 2; taken(name); number++) name = `${stem}-${number}${ending}`;
  return new File([file], name, { type: file.type });
}

class Uploads {
  lines = [];
  given = new Set();
  reading = 0; // files chosen that have no line yet
  #added = Promise.resolve();
  #looks = 0;
  #looking = 0;

  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.input = box.querySelector("input[type=file]");
    this.endpoint = box.dataset.endpoint;
    const words = this.part("words").content.querySelectorAll("data");
    this.words = Object.fromEntries([...words].map((word) => [word.value, word.textContent]));
    this.sending = new Sending(this);
    this.#listen();
    for (const shown of box.querySelectorAll("li[data-file]")) this.#show(shown);
    this.part("server")?.remove();
    box.classList.add("is-live");
    this.#recall();
  }

  // What the page came with is no news.
  get isLive() {
    return this.box.classList.contains("is-live");
  }

  part(name) {
    return this.box.querySelector(`[data-part=${name}]`);
  }

  /** A sentence of the page, its {blanks} filled in from a line or from other facts. */
  say(key, facts) {
    const blanks = {
      done: () => sizeFr(facts.offset),
      total: () => sizeFr(facts.size),
      speed: () => sizeFr(facts.transfer.speed),
      left: () => durationFr(facts.left),
    };
    return this.words[key].replace(/\{(\w+)\}/g, (_all, name) => blanks[name]?.() ?? facts[name]);
  }

  #listen() {
    const { form, input } = this;
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      this.#addNamed(files, "photo");
    });
    this.part("camera").addEventListener("click", () => {
      const { accept } = input;
      Object.assign(input, { accept: "image/*", capture: "environment" }).click();
      input.accept = accept;
      input.removeAttribute("capture");
    });
    form.addEventListener("paste", (event) => this.#paste(event));
    form.addEventListener("drop", (event) => this.#drop(event));
    form.addEventListener("dragover", (event) => {
      this.#over(event.dataTransfer.types.includes("Files"));
    });
    form.addEventListener("dragleave", (event) => {
      if (!form.contains(event.relatedTarget)) this.#over(false);
    });
    addEventListener("focus", () => this.resume());
  }

  /* Choosing ---------------------------------------------------------------------------------- */

  choose() {
    this.input.click();
  }

  #over(isOver) {
    this.part("drop").classList.toggle("is-over", isOver);
  }

  #drop({ dataTransfer }) {
    this.#over(false);
    const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
    const folders = [...dataTransfer.items].filter(isFolder).map((item) => item.getAsFile()?.name);
    this.#add([...dataTransfer.files], folders);
  }

  // A copy from a text processor or a spreadsheet brings its own picture: the text is wanted.
  #paste(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || (types.includes("text/plain") && types.includes("text/html"))) return;
    event.preventDefault();
    this.#addNamed(files, "capture");
  }

  #addNamed(files, what) {
    // A line comes a moment after its file: two pastes in a row must not share a name.
    const isTaken = (name) => this.given.has(name) || this.lines.some((line) => line.name === name);
    const add = (file) => {
      const renamed = named(file, what, isTaken);
      this.given.add(renamed.name);
      return renamed;
    };
    this.#add([...files].map(add));
  }

  // One after the other, so that the same file twice is seen to be one.
  #add(files, folders = []) {
    this.part("note").hidden = true;
    for (const file of files) {
      this.reading += 1;
      const add = () => this.#addOne(file, folders.includes(file.name));
      this.#added = this.#added.then(add, add).finally(() => {
        this.reading -= 1;
        this.#follow();
      });
    }
  }

  async #addOne(file, isFolder) {
    let fault = isFolder ? "folder" : this.#fault(file);
    const print = fault ? "" : await fingerprint(file).catch(() => null);
    if (print === null) fault = "unread";
    const twin = this.lines.find((line) => line.is(file, print));
    if (twin && twin.state !== "refused" && !fault) {
      if (STUCK.has(twin.state)) twin.send(file, print);
      else this.#note(this.say("already", file));
      return;
    }
    if (twin?.state === "refused") this.take(twin);
    const count = this.lines.filter((line) => line.state !== "refused").length;
    if (!fault && count >= Number(this.box.dataset.maxCount)) fault = "too_many";
    const line = this.#line(file);
    if (fault) line.become("refused", this.say(fault, file));
    else line.send(file, print);
  }

  /** What is wrong with a file before anything of it is read; "" for nothing. */
  #fault({ name, size }) {
    const dot = name.lastIndexOf(".");
    const ending = dot > 0 ? name.slice(dot).toLowerCase() : "";
    if (!this.input.accept.split(",").includes(ending)) return "wrong_type";
    if (size > Number(this.box.dataset.maxBytes)) return "too_big";
    return size ? "" : "empty";
  }

  /* The list ---------------------------------------------------------------------------------- */

  #line(facts) {
    const line = new Line(this, facts);
    this.lines.push(line);
    return line;
  }

  #show(shown) {
    const { name, size } = shown.dataset;
    this.#line({ name, size: Number(size) }).take(shown);
  }

  /** Take it out: off the list, and off the server. */
  take(line) {
    line.discard();
    line.row.remove();
    this.lines = this.lines.filter((other) => other !== line);
  }

  remove(line) {
    const next = line.row.nextElementSibling ?? line.row.previousElementSibling;
    this.take(line);
    (next?.querySelector("[data-part=remove]") ?? this.input).focus();
    this.#follow();
  }

  /** A line has another state. */
  changed(line) {
    const key = `said_${line.state}`;
    if (key in this.words && this.isLive) this.#announce(this.say(key, line));
    if (line.state === "sending") this.#remember();
    if (line.state === "checking") this.#looks = 0;
    this.#follow();
  }

  #follow() {
    const { unfinished } = this;
    this.#lookLater();
    startNext();
    const detail = { busy: unfinished.some(isOn(MOVING)), count: unfinished.length };
    this.form.dispatchEvent(new CustomEvent("portal:uploads", { bubbles: true, detail }));
    this.sending.changed();
  }

  get unfinished() {
    return this.lines.filter((line) => MOVING.has(line.state) || STUCK.has(line.state));
  }

  get refused() {
    return this.lines.filter((line) => line.state === "refused");
  }

  // Starts, arrivals and refusals are read out; each percent is not.
  #announce(text) {
    const log = this.part("log");
    log.append(Object.assign(document.createElement("p"), { textContent: text }));
    if (log.children.length > 5) log.firstElementChild.remove();
  }

  #note(text) {
    Object.assign(this.part("note"), { textContent: text, hidden: false });
    this.#announce(text);
  }

  /* The server -------------------------------------------------------------------------------- */

  addressOf(shown) {
    return `${this.endpoint}${shown.dataset.file}/`;
  }

  csrf() {
    return this.form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
  }

  get token() {
    return this.form.elements.namedItem(this.box.dataset.token).value;
  }

  get metadata() {
    return { formtoken: this.token };
  }

  async renew() {
    return (await this.#read()) !== null;
  }

  /** Have the server drop an upload. It may still be reading what was sent last. */
  async discard(address, tries = 5) {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.csrf() };
    const asked = fetch(address, { method: "DELETE", headers, keepalive: true });
    const status = await asked.then((answer) => answer.status, () => 0);
    if (status === 423 && tries > 1) setTimeout(() => this.discard(address, tries - 1), 1000);
  }

  /** The lines of a form as the server has them; null for who is signed out, or somebody else now.
      Throws when there is no answer. */
  async #read(token = this.token) {
    // The page's address of it bears no token: its last part stands for one.
    const address = this.box.dataset.shown.replace(/[^/]+\/$/, `${token}/`);
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-person]");
    if (answer.redirected || found?.dataset.person !== this.box.dataset.person) return null;
    // Signing in elsewhere gave this browser another token.
    this.form.elements.namedItem("csrfmiddlewaretoken").value = found.dataset.csrf;
    return [...found.querySelectorAll("li[data-file]")];
  }

  #lookLater() {
    clearTimeout(this.#looking);
    if (this.isSignedOut) {
      this.#looking = setTimeout(() => this.resume(), SIGNED_OUT_LOOK);
    } else if (this.lines.some((line) => line.state === "checking")) {
      const seconds = LOOKS[Math.min(this.#looks, LOOKS.length - 1)];
      this.#looking = setTimeout(() => this.#look(), seconds * 1000);
    }
  }

  async #look() {
    this.#looks += 1;
    const shown = await this.#read().catch(() => null);
    for (const line of this.lines.filter((line) => shown && line.state === "checking")) {
      const found = shown.find((other) => this.addressOf(other) === line.address);
      if (found) line.take(found);
      else this.take(line); // sent with the form, in another tab
    }
    this.#follow();
  }

  get isSignedOut() {
    return this.lines.some((line) => line.state === "signed-out");
  }

  /** Go on, if the person has signed in again. */
  async resume() {
    const signedOut = this.lines.filter((line) => line.state === "signed-out");
    if (!signedOut.length) return;
    if (await this.renew().catch(() => false)) {
      for (const line of signedOut) line.transfer.queue();
    }
    this.#follow();
  }

  /* The draft that the files belong to ---------------------------------------------------------- */

  // Its address brings the same form back after a reload; this browser remembers it beyond that.
  #remember() {
    const draft = new URL(this.form.action).searchParams.get(DRAFT);
    if (draft !== this.token) return;
    const here = new URL(location.href);
    here.searchParams.set(DRAFT, draft);
    if (here.href !== location.href) history.replaceState(history.state, "", here);
    stored((storage) => storage.setItem(this.#key, draft));
  }

  forgetDraft() {
    stored((storage) => storage.removeItem(this.#key));
  }

  get #key() {
    return `uploads:${this.box.dataset.person}:${new URL(this.form.action).pathname}`;
  }

  async #recall() {
    const draft = stored((storage) => storage.getItem(this.#key));
    // Also when the page names that draft already.
    if (!draft || draft === this.token || document.querySelector(`a[href*="${DRAFT}=${draft}"]`)) return;
    const left = await this.#read(draft).catch(() => null);
    if (left?.length === 0) this.forgetDraft();
    if (!left?.length) return;
    const there = new URL(this.form.action);
    there.searchParams.set(DRAFT, draft);
    const link = this.part("recall").querySelector("a");
    link.href = there;
    link.textContent = left.map(({ dataset }) => dataset.name).join(", ");
    this.part("recall").hidden = false;
  }
}

// Storage may be refused to the page, or full: the page goes on without.
function stored(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

function enhance(root) {
  for (const box of root.querySelectorAll("[data-uploads]:not(.is-live)")) lists.push(new Uploads(box));
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
for (const type of ["dragover", "drop"]) {
  // A file dropped beside the form would replace the page, and everything typed in it.
  document.addEventListener(type, (event) => carriesFiles(event) && event.preventDefault());
}
// In the capture phase: nothing else has marked the form as sent yet.
document.addEventListener(
  "submit",
  (event) => lists.find(({ form }) => form === event.target)?.sending.submitted(event),
  true,
);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
enhance(document);
