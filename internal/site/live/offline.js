/* The service worker: what the reader has seen works offline. Two lines above name this version of the site, and the
 * pages that are kept from the first visit on. The program and the pictures are kept once they were loaded.
 */
'use strict';

const NAME = `evident-${VERSION}`;
const open = () => caches.open(NAME);

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(open().then((cache) => cache.addAll(PAGES)));
});

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith('evident-') && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
})()));

/** From the cache, or else from the network into the cache. A page comes from the network first, so that it is new. */
async function answer(request) {
  const cache = await open();
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept && request.mode !== 'navigate') return kept;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(self.registration.scope);
  if (request.method === 'GET' && isOurs) event.respondWith(answer(request));
});

/** What a page had loaded before this worker was there. */
self.addEventListener('message', (event) => event.waitUntil((async () => {
  const cache = await open();
  const ours = event.data.filter((url) => url.startsWith(self.registration.scope));
  await Promise.all(ours.map(async (url) => (await cache.match(url)) ?? cache.add(url)));
})()));
