// What a worker does next: the newest query, or else one strip of a job.

/**
 * Work in strips of some milliseconds. Those of one lane run one after the other, lanes take turns.
 * @typedef {object} Job
 * @property {boolean} ready whether it has something to do now
 * @property {() => boolean} step does a strip of it; whether that was the last
 */

/** @returns {(run: () => void) => void} calls back once messages that wait have been received */
function later() {
  const { setImmediate } = /** @type {{ setImmediate?: (run: () => void) => void }} */ (globalThis);
  if (setImmediate) return (run) => setImmediate(run);
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(undefined);
  };
}

/** The order of a worker's work. */
export class Schedule {
  #later = later();
  #isSet = false;
  #isPaused = false;
  /** @type {(() => void)[]} */
  #queries = [];
  /** Lanes in the order of their turns. @type {Map<string, Job[]>} */
  #lanes = new Map();

  /** @param {() => void} run at once, before older queries and all jobs */
  addQuery(run) {
    this.#queries.push(run);
    this.wake();
  }

  /** @param {string} lane @param {Job} job */
  addJob(lane, job) {
    const jobs = this.#lanes.get(lane);
    if (jobs) jobs.push(job);
    else this.#lanes.set(lane, [job]);
    this.wake();
  }

  /** @param {boolean} isPaused jobs alone */
  set paused(isPaused) {
    this.#isPaused = isPaused;
    this.wake();
  }

  /** Looks for something to do. */
  wake() {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#later(() => {
      this.#isSet = false;
      this.#next();
    });
  }

  #next() {
    const query = this.#queries.pop();
    if (query) query();
    else if (!this.#stepJob()) return;
    this.wake();
  }

  /** @returns {boolean} whether there was something to do */
  #stepJob() {
    if (this.#isPaused) return false;
    for (const [lane, jobs] of this.#lanes) {
      if (!jobs[0].ready) continue;
      this.#lanes.delete(lane);
      if (jobs[0].step()) jobs.shift();
      if (jobs.length > 0) this.#lanes.set(lane, jobs); // behind the others
      return true;
    }
    return false;
  }
}
