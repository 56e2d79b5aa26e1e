/* One file on its way to the server, by the tus 1.0.0 protocol: created once, then appended to,
   piece by piece, from wherever the server says it is. Nothing here knows the page (uploads.js). */

const MIB = 1024 * 1024;
const PIECE_MIN = MIB;
const PIECE_MAX = 16 * MIB;
const PIECE_SECONDS = 4; // a piece is about what goes in so long: little is lost by a pause
const EDGE = 64 * 1024;
const SPEED_WINDOW = 8_000; // milliseconds
const STALLED = 60_000;
const WAIT_MAX = 30_000;

/** SHA-256 of the size, the first and the last 64 KiB, in hexadecimal; "" where nothing can hash.
    Throws when the file cannot be read (a folder, a file moved meanwhile). */
export async function fingerprint(file) {
  const edges = [file.slice(0, EDGE), file.slice(Math.max(0, file.size - EDGE))];
  const bytes = await new Blob([`${file.size}\n`, ...edges]).arrayBuffer();
  if (!crypto.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Why a step did not go through. `kind` is the state of the transfer from now on, or « gone »
    (the server knows no such upload) or « moved » (its offset is another). */
class Halt extends Error {
  constructor(kind, sentence = "") {
    super(kind);
    this.kind = kind;
    this.sentence = sentence;
  }
}

const base64 = (text) =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));

const pathOf = (address) => new URL(address, location.href).pathname;

// XMLHttpRequest, because fetch does not tell how much of a body has left.
function request(method, address, { headers, body = null, signal, progressed }) {
  return new Promise((resolve, reject) => {
    const sent = new XMLHttpRequest();
    let stalled;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => sent.abort(), STALLED);
    };
    const end = (settle) => () => {
      clearTimeout(stalled);
      signal.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => sent.abort();
    sent.open(method, address);
    for (const [name, value] of Object.entries(headers)) sent.setRequestHeader(name, value);
    sent.upload.onprogress = (event) => {
      watch();
      progressed?.(event.loaded);
    };
    sent.onload = end(() => resolve(sent));
    sent.onerror = sent.onabort = end(() => reject(new Halt("lost")));
    signal.addEventListener("abort", abort);
    watch();
    sent.send(body);
  });
}

// Longer after each miss, cut short by the connection's return.
function patience(misses, signal) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, Math.min(WAIT_MAX, 1000 * 2 ** misses));
    addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}

function sentenceOf(answer) {
  const type = answer.getResponseHeader("Content-Type") ?? "";
  return type.startsWith("text/plain") ? answer.responseText.trim().slice(0, 500) : "";
}

/** States: queued, sending, paused, lost (no connection), away (the server does not answer), busy
    (another page appends to the same upload), signed-out, unreadable, arrived, refused.

    `session` gives `csrf()`, the token of the moment; `renew()`, whether the person is still signed
    in (with a new token then); `metadata`, what goes with each file. `changed(transfer)` is called
    on any news. A creation whose answer was lost is simply asked again: the server knows it. */
export class Transfer {
  state = "queued";
  reason = "";
  #stop = null;
  #isKnown = false; // whether `offset` is what the server says
  #isReborn = false;
  #sent = 0;
  #samples = [];

  /** `address` and `offset`: of an upload begun before; "" and 0 otherwise. */
  constructor({ file, fingerprint, address, offset, endpoint, session, changed }) {
    Object.assign(this, { file, fingerprint, address, offset, endpoint, session, changed });
  }

  /** Octets per second over the last seconds; 0 while nothing can be said. */
  get speed() {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || last.at - first.at < 500) return 0;
    return ((last.sent - first.sent) / (last.at - first.at)) * 1000;
  }

  start() {
    if (this.#stop) return;
    const stop = (this.#stop = new AbortController());
    this.#isKnown = false;
    this.#become("sending");
    this.#run(stop.signal).finally(() => {
      if (this.#stop === stop) this.#stop = null;
    });
  }

  /** Back in the queue: whoever keeps it starts it. */
  queue() {
    this.#become("queued");
  }

  pause() {
    this.stop();
    this.#become("paused");
  }

  stop() {
    this.#stop?.abort();
    this.#stop = null;
    this.#samples = [];
  }

  #become(state, reason = "") {
    this.state = state;
    this.reason = reason;
    this.changed(this);
  }

  async #run(signal) {
    for (let misses = 0; !signal.aborted && this.state !== "arrived"; ) {
      try {
        await this.#step(signal);
        misses = 0;
      } catch (halt) {
        if (signal.aborted) return;
        if (!(halt instanceof Halt)) throw halt;
        this.#isKnown = false;
        this.#samples = [];
        if (!this.#goesOn(halt, misses)) return;
        await patience(misses++, signal);
      }
    }
  }

  async #step(signal) {
    if (!this.address) await this.#create(signal);
    else if (!this.#isKnown) await this.#ask(signal);
    else await this.#append(signal);
    if (signal.aborted) return;
    this.#become(this.#isKnown && this.offset === this.file.size ? "arrived" : "sending");
  }

  /** Whether to try again after this halt. */
  #goesOn(halt, misses) {
    if (halt.kind === "gone" && !this.#isReborn) {
      this.#isReborn = true;
      this.address = "";
      this.offset = 0;
      return true;
    }
    // A moment after a pause the server may still be reading what had left: nothing to tell.
    if (halt.kind === "moved" || (halt.kind === "busy" && !misses)) return true;
    this.#become(halt.kind === "gone" ? "refused" : halt.kind, halt.sentence);
    return ["lost", "away", "busy"].includes(halt.kind);
  }

  async #create(signal) {
    const { file, fingerprint, session } = this;
    const told = { filename: file.name, fingerprint, ...session.metadata };
    const answer = await this.#send("POST", this.endpoint, signal, {
      "Upload-Length": file.size,
      "Upload-Metadata": Object.entries(told)
        .filter(([, value]) => value)
        .map(([name, value]) => `${name} ${base64(value)}`)
        .join(","),
    });
    this.address = pathOf(answer.getResponseHeader("Location"));
    this.offset = 0;
    this.#isKnown = true;
  }

  async #ask(signal) {
    const answer = await this.#send("HEAD", this.address, signal, {});
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.#isKnown = true;
  }

  async #append(signal) {
    const from = this.offset;
    const size = Math.min(PIECE_MAX, Math.max(PIECE_MIN, this.speed * PIECE_SECONDS));
    const piece = this.file.slice(from, from + Math.round(size));
    const before = this.#sent;
    const progressed = (loaded) => {
      this.#sample(before + loaded);
      this.offset = from + loaded;
      this.changed(this);
    };
    const headers = { "Upload-Offset": from, "Content-Type": "application/offset+octet-stream" };
    const answer = await this.#send("PATCH", this.address, signal, headers, piece, progressed);
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.#sample(before + piece.size);
  }

  #sample(sent) {
    const at = performance.now();
    this.#sent = sent;
    this.#samples.push({ at, sent });
    while (at - this.#samples[0].at > SPEED_WINDOW) this.#samples.shift();
  }

  async #send(method, address, signal, headers, body, progressed) {
    const once = () =>
      request(method, address, {
        headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.session.csrf(), ...headers },
        body,
        signal,
        progressed,
      }).catch(async (halt) => {
        throw body && !(await isReadable(body)) ? new Halt("unreadable") : halt;
      });
    let answer = await once();
    if (isElsewhere(answer, address) || answer.status === 401 || answer.status === 403) {
      const isSignedIn = await this.session.renew().catch(() => {
        throw new Halt("lost");
      });
      if (!isSignedIn) throw new Halt("signed-out");
      answer = await once();
    }
    judge(answer, address);
    return answer;
  }
}

// A redirect was followed: to the sign-in, which is what somebody signed out gets.
const isElsewhere = (answer, address) => pathOf(answer.responseURL) !== pathOf(address);

function judge(answer, address) {
  const { status } = answer;
  if (status >= 200 && status < 300 && !isElsewhere(answer, address)) return;
  if (status === 404 || status === 410) throw new Halt("gone");
  if (status === 409) throw new Halt("moved");
  if (status === 423) throw new Halt("busy");
  if (status === 429 || status >= 500) throw new Halt("away", sentenceOf(answer));
  throw new Halt("refused", sentenceOf(answer));
}

async function isReadable(piece) {
  try {
    await piece.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
