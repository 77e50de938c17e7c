/**
 * A worker's first script, which only loads another one. WebKit runs a worker's first script a second time when a part of
 * it that was loaded later imports from it, and then has two of each class.
 * @param {() => Promise<{ receive: (event: MessageEvent) => unknown }>} load
 */
export async function startLater(load) {
  /** @type {MessageEvent[]} */
  const waiting = [];
  const keep = (/** @type {MessageEvent} */ event) => waiting.push(event);
  addEventListener('message', keep);
  const { receive } = await load();
  removeEventListener('message', keep);
  waiting.forEach(receive);
  addEventListener('message', receive);
}
