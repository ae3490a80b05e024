// Keeps the page on the phone, whole: all files of one version or those of the version before. What is sent never comes through here.
const PREFIX = `jangkau ${self.registration.scope} `;
const FILES = ["./", "halaman.js", "halaman.css", "manifest.webmanifest", "kata.json", "icon.svg"];

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(PREFIX + VERSION).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(PREFIX) && name !== PREFIX + VERSION;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const known = FILES.some((file) => new URL(file, self.registration.scope).pathname === pathname);
  if (event.request.method !== "GET" || !known) return;
  event.respondWith(
    caches.open(PREFIX + VERSION).then((cache) => cache.match(event.request, { ignoreSearch: true })).then((kept) => kept || fetch(event.request)),
  );
});
