// What a page or worker offers to downloads. Only this module and platform.js detect the environment.

import { pageAddress } from './platform.js';

export { pageAddress };

/**
 * A browser's Cache by name; undefined where there is no Cache API: in Node, and in insecure or opaque origins.
 * @param {string} name
 * @returns {Promise<Cache | undefined>}
 */
export async function browserCache(name) {
  try {
    return await globalThis.caches.open(name);
  } catch {
    return undefined;
  }
}

/** Web cryptography; undefined in insecure origins. @returns {SubtleCrypto | undefined} */
export const subtleCrypto = () => globalThis.crypto?.subtle;

/**
 * Whether the page may not request an address because of mixed content: plain http from https.
 * @param {string} url
 */
export const isMixedContent = (url) =>
  !!pageAddress()?.startsWith('https:') && /^http:\/\/(?!localhost|127\.|\[::1\])/.test(url);

/**
 * Listens for requests blocked by the page's Content-Security-Policy, until `stop`.
 * @returns {{ stop: () => void, hasBlocked: (url: string) => Promise<boolean> }} hasBlocked: whether that origin was
 *   blocked
 */
export function watchPolicy() {
  const target = globalThis.document ?? globalThis;
  if (typeof target.addEventListener !== 'function') return { stop: () => {}, hasBlocked: async () => false }; // Node
  /** @type {string[]} */
  const blocked = [];
  const note = (/** @type {Event} */ event) =>
    blocked.push(String(/** @type {SecurityPolicyViolationEvent} */ (event).blockedURI));
  target.addEventListener('securitypolicyviolation', note);
  return {
    stop: () => target.removeEventListener('securitypolicyviolation', note),
    hasBlocked: async (url) => {
      await new Promise((resolve) => setTimeout(resolve, 0)); // the event arrives in a later task
      const { origin } = new URL(url);
      return blocked.some((each) => URL.canParse(each) && new URL(each).origin === origin);
    },
  };
}
