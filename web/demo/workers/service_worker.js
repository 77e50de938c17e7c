// Keeps the page's files, so that it works without a connection. KEPT, the files of this build and their version, is
// written above by tools/demo_offline.mjs. File names carry a hash of their content: what is kept is never out of date.
/* global KEPT, clients, registration, skipWaiting */

const BREATH_MS = 40; // between two files: whole, they would take a processor for seconds
const NAME = `wembed-demo-${KEPT.version}`;

addEventListener('install', (event) => {
  event.waitUntil(keep().then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

async function keep() {
  const cache = await caches.open(NAME);
  for (const file of KEPT.files) {
    // One after the other, while the visitor reads; the browser has most of them already.
    if (await cache.match(file)) continue;
    await cache.add(file);
    await new Promise((resolve) => setTimeout(resolve, BREATH_MS));
  }
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('wembed-demo-') && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const here = new URL(registration.scope);
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== here.origin || !url.pathname.startsWith(here.pathname)) return;
  if (request.headers.has('range')) event.respondWith(range(request));
  else if (request.mode === 'navigate') event.respondWith(page(request));
  else event.respondWith(file(request));
});

/** The page itself from the server, as long as there is one: it names the files of the newest build. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(NAME)).match('./');
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const kept = await (await caches.open(NAME)).match(request.url);
  return kept ?? fetch(request);
}

/** Some bytes: from the server, or cut out of the file that is kept. */
async function range(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(NAME)).match(request.url);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? [];
    if (!kept || from === undefined) throw error;
    const whole = await kept.blob();
    const end = to === '' ? whole.size : Math.min(Number(to) + 1, whole.size);
    return new Response(whole.slice(Number(from), end), {
      status: 206,
      headers: {
        'Content-Range': `bytes ${from}-${end - 1}/${whole.size}`,
        'Content-Length': String(end - Number(from)),
      },
    });
  }
}
