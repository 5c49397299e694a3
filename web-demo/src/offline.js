/** Keeps the page for visits without a network. VERSION and FILES stand above, written when the page is built. */

self.addEventListener("install", (event) => {
  const keep = async () => (await caches.open(VERSION)).addAll(["./", ...FILES.filter((file) => file !== "index.html")]);
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
  };
  event.waitUntil(forget().then(() => self.clients.claim()));
});

// What is kept comes at once; a new version is fetched with the worker and shown at the next visit.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(caches.match(request, { ignoreSearch: true, ignoreVary: true }).then((found) => found ?? fetch(request)));
});
