// The field page: reports are written to IndexedDB first and sent from there, each once, whenever the server answers.
"use strict";

const $ = (id) => document.getElementById(id);
const FIXES_MS = 20_000, GOOD_M = 10, RETRY_MS = 30_000, SIDE = 1600, QUALITY = 0.8, SMALL = 400_000, MOST_PHOTOS = 8;
const SIGNALS = ["none", "weak", "strong"];
let db, sentences, words, language, area, draft, watching, sending = false, refusal = null;

// --- kept on the phone ---------------------------------------------------------------------------------------------

function openDatabase() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(`jangkau ${location.pathname}`, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("reports", { keyPath: "report_id" });
      asked.result.createObjectStore("photos", { keyPath: "photo_id" }).createIndex("report", "report_id");
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

/** Run `work` on the stores in one transaction, and wait until it is on the disk. */
function change(stores, work, durability = "strict") {
  return new Promise((done, failed) => {
    const transaction = db.transaction(stores, "readwrite", { durability });
    transaction.oncomplete = () => done();
    transaction.onabort = () => failed(transaction.error);
    try {
      work(...stores.map((name) => transaction.objectStore(name)));
    } catch (error) {
      failed(error);
      transaction.abort(); // all of it or nothing
    }
  });
}

function read(store, ask) {
  return new Promise((done, failed) => {
    const asked = ask(db.transaction(store).objectStore(store));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

const allReports = async () => (await read("reports", (s) => s.getAll())).sort((a, b) => (a.made_at < b.made_at ? 1 : -1));
const photosOf = (id) => read("photos", (store) => store.index("report").getAll(id));
const keepDraft = () => change(["kept"], (kept) => kept.put(draft, "draft"), "relaxed").then(noProblem, notKept);

function notKept(error) {
  tell(error?.name === "QuotaExceededError" ? words.full : `${words.not_kept} (${error})`);
  return false;
}

function noProblem() {
  tell("");
  return true;
}

function tell(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

// --- elements ------------------------------------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) key in made && key !== "list" ? (made[key] = value) : made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const number = (value) => value.toLocaleString(language, { maximumFractionDigits: 0 });
const when = (iso) => new Date(iso).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });

function speak() {
  words = sentences[language];
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = words[each.dataset.word];
  $("languages").replaceChildren(
    ...Object.keys(sentences).filter((name) => name !== "first").map((name) =>
      element("button", { type: "button", textContent: name.toUpperCase(), ariaPressed: String(name === language), onclick: () => choose(name) })),
  );
}

async function choose(name) {
  language = name;
  speak();
  await change(["kept"], (kept) => kept.put(name, "language")).catch(notKept);
  showForm();
  await showReports();
}

// --- where: the best of several fixes, and the village it lies in ---------------------------------------------------

function locate() {
  if (watching) return stopLocating();
  const until = Date.now() + FIXES_MS;
  $("locate").textContent = words.locating;
  const timer = setTimeout(stopLocating, FIXES_MS);
  const id = navigator.geolocation.watchPosition(
    ({ coords }) => {
      draft.fixes += 1;
      if (draft.accuracy_m === null || coords.accuracy <= draft.accuracy_m || draft.lon === null) {
        Object.assign(draft, { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy });
        if (!draft.by_hand) draft.village_code_bps = villageAt(draft.lon, draft.lat);
      }
      keepDraft();
      showPlace();
      if (coords.accuracy <= GOOD_M && draft.fixes >= 3) stopLocating();
    },
    (error) => {
      if (error.code === error.PERMISSION_DENIED || Date.now() >= until) stopLocating();
      if (draft.lon === null) $("fix").textContent = words[error.code === error.PERMISSION_DENIED ? "no_permission" : "no_fix"];
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: FIXES_MS },
  );
  watching = { id, timer };
}

function stopLocating() {
  if (!watching) return;
  navigator.geolocation.clearWatch(watching.id);
  clearTimeout(watching.timer);
  watching = null;
  showPlace();
}

/** Even-odd over all rings; a place up to 500 m outside every outline belongs to the nearest corner's village. */
function villageAt(lon, lat) {
  let nearest = [Infinity, null];
  const shrink = Math.cos((lat * Math.PI) / 180);
  for (const [code, , , rings] of area.villages) {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const [x, y, u, v] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
        if (y > lat !== v > lat && lon < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
        const away = Math.hypot((x - lon) * shrink, y - lat);
        if (away < nearest[0]) nearest = [away, code];
      }
    }
    if (inside) return code;
  }
  return nearest[0] < 0.0045 ? nearest[1] : null;
}

function showPlace() {
  $("locate").textContent = words[watching ? "locating" : draft.lon === null ? "locate" : "locate_again"];
  if (draft.lon !== null) {
    const values = { lat: draft.lat.toFixed(5), lon: draft.lon.toFixed(5), accuracy: number(draft.accuracy_m), fixes: number(draft.fixes) };
    const outside = draft.village_code_bps ? "" : ` ${words.outside}`;
    $("fix").textContent = filled(words.fix, values) + outside;
  } else $("fix").textContent = "";
  $("report").elements.village_code_bps.value = draft.village_code_bps || "";
  $("hamlets").replaceChildren(...((area.hamlets || {})[draft.village_code_bps] || []).map((value) => element("option", { value })));
}

// --- the form -------------------------------------------------------------------------------------------------------

function newDraft() {
  return {
    report_id: crypto.randomUUID(), region: area.region, lon: null, lat: null, accuracy_m: null, fixes: 0, village_code_bps: null,
    by_hand: false, hamlet: "", note: "", signals: {}, photos: [],
  };
}

function showForm() {
  const usable = Boolean(area) && window.isSecureContext;
  $("report").hidden = !usable;
  if (!usable) return;
  const groups = new Map();
  for (const [code, name, subdistrict] of area.villages) {
    if (!groups.has(subdistrict)) groups.set(subdistrict, []);
    groups.get(subdistrict).push(element("option", { value: code, textContent: name }));
  }
  const listed = [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([label, options]) => element("optgroup", { label }, ...options));
  const form = $("report").elements;
  form.village_code_bps.replaceChildren(element("option", { value: "", textContent: words.choose }), ...listed);
  form.hamlet.value = draft.hamlet;
  form.note.value = draft.note;
  showPlace();
  showSignals();
  showPhotos();
}

function showSignals() {
  const operators = [...new Set([...area.operators, ...Object.keys(draft.signals)])];
  $("signals").replaceChildren(...operators.map(operatorFields));
}

function operatorFields(operator, at) {
  const heard = draft.signals[operator] || {};
  const set = (name, value) => {
    draft.signals[operator] = { ...draft.signals[operator], [name]: value };
    keepDraft();
  };
  const choices = SIGNALS.map((signal) => element("label", {},
    element("input", { type: "radio", name: `signal_${at}`, value: signal, checked: heard.signal === signal, onchange: () => set("signal", signal) }), words[signal]));
  const numbers = [["rsrp_dbm", -156, -31], ["mbit_s", 0, 10000]].map(([name, min, max]) => element("label", {}, element("span", { textContent: words[name] }),
    element("input", { type: "number", step: "any", min, max, value: heard[name] ?? "", onchange: (event) => set(name, event.target.value === "" ? null : Number(event.target.value)) })));
  const called = (area.sample || []).includes(operator) ? `${operator} (${words.sample})` : operator;
  return element("fieldset", {}, element("legend", { textContent: called }), element("div", { className: "choices" }, ...choices),
    element("details", {}, element("summary", { textContent: words.numbers }), element("div", { className: "numbers" }, ...numbers)));
}

function addOperator() {
  const name = $("operator").value.trim();
  if (!name) return;
  if (![...area.operators, ...Object.keys(draft.signals)].some((known) => known.toLowerCase() === name.toLowerCase())) draft.signals[name] = {};
  $("operator").value = "";
  keepDraft();
  showSignals();
}

async function showPhotos() {
  const kept = await photosOf(draft.report_id);
  for (const image of $("photos").querySelectorAll("img")) URL.revokeObjectURL(image.src);
  $("photos").replaceChildren(...kept.map((photo, at) => {
    const remove = async () => {
      draft.photos = draft.photos.filter((one) => one.photo_id !== photo.photo_id);
      await change(["photos", "kept"], (photos, store) => { photos.delete(photo.photo_id); store.put(draft, "draft"); }).then(noProblem, notKept);
      showPhotos();
    };
    const label = filled(words.photo, { number: at + 1 });
    return element("figure", {}, element("img", { src: URL.createObjectURL(new Blob([photo.content], { type: "image/jpeg" })), alt: label }),
      element("button", { type: "button", textContent: words.remove, ariaLabel: `${words.remove}: ${label}`, onclick: remove }));
  }));
}

// --- photos: made small, with the EXIF of the original --------------------------------------------------------------

const hash = async (content) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", content))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function addPhotos(files) {
  for (const file of files) {
    if (draft.photos.length >= MOST_PHOTOS) return tell(filled(words.most_photos, { most: MOST_PHOTOS }));
    try {
      const original = await file.arrayBuffer();
      const content = await madeSmall(file, original);
      const photo = { photo_id: crypto.randomUUID(), sha256: await hash(content), original_sha256: await hash(original), bytes: content.byteLength };
      draft.photos = [...draft.photos, photo];
      const keep = (photos, kept) => { photos.put({ ...photo, report_id: draft.report_id, content }); kept.put(draft, "draft"); };
      if (!(await change(["photos", "kept"], keep).then(noProblem, notKept))) {
        draft.photos = draft.photos.filter((one) => one !== photo);
        return;
      }
    } catch (error) {
      tell(filled(words.bad_photo, { name: file.name }));
      return;
    }
    await showPhotos();
  }
}

async function madeSmall(file, original) {
  const exif = exifOf(new DataView(original));
  const image = await createImageBitmap(file);
  if (original.byteLength <= SMALL) return original;
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = element("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  const bytes = await small.arrayBuffer();
  return exif ? new Blob([bytes.slice(0, 2), exif, bytes.slice(2)]).arrayBuffer() : bytes;
}

/** The EXIF segment of a JPEG, whose orientation the canvas has applied already; null without one. */
function exifOf(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) !== 0xffe1 || view.getUint32(at + 4) !== 0x45786966) continue;
    const segment = view.buffer.slice(at, at + 2 + view.getUint16(at + 2));
    try {
      const part = new DataView(segment), little = part.getUint16(10) === 0x4949, first = 10 + part.getUint32(14, little);
      for (let i = 0; i < part.getUint16(first, little); i += 1) {
        const entry = first + 2 + 12 * i;
        if (part.getUint16(entry, little) === 0x0112) part.setUint16(entry + 8, 1, little);
      }
    } catch (error) {
      return null; // a damaged table: better no EXIF than a photo that lies on its side
    }
    return segment;
  }
  return null;
}

// --- saving and sending ---------------------------------------------------------------------------------------------

async function save(event) {
  event.preventDefault();
  stopLocating();
  const signals = Object.entries(draft.signals).filter(([, heard]) => heard.signal)
    .map(([operator, heard]) => ({ operator, signal: heard.signal, rsrp_dbm: heard.rsrp_dbm ?? null, mbit_s: heard.mbit_s ?? null }));
  if (draft.lon === null && !draft.village_code_bps) return tell(words.need_place);
  if (!signals.length) return tell(words.need_signal);
  const { by_hand, ...said } = draft;
  const report = { ...said, signals, hamlet: draft.hamlet || null, note: draft.note || null, device: navigator.userAgent.slice(0, 200), made_at: new Date().toISOString() };
  const keep = (reports, kept) => { reports.put({ report_id: report.report_id, made_at: report.made_at, report, state: "waiting" }); kept.delete("draft"); };
  if (!(await change(["reports", "kept"], keep).then(noProblem, notKept))) return;
  navigator.storage?.persist?.();
  draft = newDraft();
  showForm();
  window.scrollTo(0, 0);
  await showReports();
  send();
}

/** Send what waits, oldest first. One page at a time does; should two all the same, the server keeps each report once. */
function send() {
  if (!navigator.locks) return sendAll();
  return navigator.locks.request(`send ${location.pathname}`, { ifAvailable: true }, (lock) => lock && sendAll());
}

async function sendAll() {
  if (sending || !area) return;
  sending = true;
  refusal = null;
  try {
    for (const one of (await allReports()).reverse()) {
      if (one.state === "waiting" && !(await sendReport(one))) break;
      if (one.state === "photos" && !(await sendPhotos(one))) break;
    }
  } catch (error) {
    if (error.name !== "TypeError" && error.name !== "AbortError") tell(String(error)); // no network: the next time
  }
  sending = false;
  await showReports();
}

async function ask(path, options, seconds) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    return await fetch(`${path}?bahasa=${language}`, { ...options, signal: stop.signal, credentials: "same-origin" });
  } finally {
    clearTimeout(timer);
  }
}

async function mark(one, values) {
  Object.assign(one, values);
  await change(["reports"], (reports) => reports.put(one)).catch(notKept);
  await showReports();
}

async function sendReport(one) {
  const answer = await ask("laporan", { method: "POST", body: JSON.stringify(one.report) }, 60);
  if (answer.ok) {
    await mark(one, { state: one.report.photos.length ? "photos" : "sent", sent_at: new Date().toISOString(), told: "" });
    return true;
  }
  return refused(answer, one);
}

async function sendPhotos(one) {
  for (const photo of await photosOf(one.report_id)) {
    const answer = await ask(`foto/${one.report_id}/${photo.photo_id}`, { method: "PUT", body: new Blob([photo.content]) }, 300);
    if (!answer.ok) return refused(answer, one);
    await change(["photos"], (photos) => photos.delete(photo.photo_id));
    await showReports();
  }
  await mark(one, { state: "sent" });
  return true;
}

/** What this report cannot get past stays on the phone with the reason, and the next is tried; else all wait. */
async function refused(answer, one) {
  const told = (await answer.json().catch(() => ({}))).told || `${answer.status}`;
  if ([409, 413, 422].includes(answer.status)) {
    await mark(one, { state: "refused", told });
    return true;
  }
  refusal = { status: answer.status, told };
  if (answer.status === 401) askToSignIn();
  return false;
}

async function showReports() {
  const reports = await allReports();
  const photos = await Promise.all(reports.map((one) => (one.state === "sent" ? [] : photosOf(one.report_id))));
  const open = reports.filter((one) => one.state !== "sent").length;
  $("kept").hidden = !reports.length;
  $("send").hidden = !open;
  const names = new Map((area ? area.villages : []).map(([code, name]) => [code, name]));
  $("reports").replaceChildren(...reports.map((one, at) => {
    const { report } = one, place = names.get(report.village_code_bps) || (report.lon === null ? "" : `${report.lat.toFixed(4)}, ${report.lon.toFixed(4)}`);
    const heard = report.signals.map(({ operator, signal }) => `${operator}: ${words[signal]}`).join(", ");
    const count = report.photos.length ? ` ${filled(words.photos_sent, { sent: report.photos.length - photos[at].length, count: report.photos.length })}` : "";
    const item = element("li", {}, element("strong", { textContent: `${when(report.made_at)} ${place} ${report.hamlet || ""}` }),
      element("small", { textContent: heard }), element("small", { textContent: `${words[`state_${one.state}`]}${count} ${one.told || ""}` }));
    item.dataset.state = one.state;
    if (one.state === "refused" && !one.sent_at) item.append(element("button", { type: "button", textContent: words.correct, onclick: () => correct(one) }));
    return item;
  }));
  const online = navigator.onLine ? "" : `${words.offline} `;
  $("state").textContent = online + (refusal ? `${refusal.told} ` : "") + (open ? filled(words.waiting, { count: open }) : reports.length ? words.all_sent : "");
}

/** A refused report goes back into the form, as another report: photos and all. */
async function correct(one) {
  if (Object.keys(draft.signals).length || draft.photos.length || draft.note) return tell(words.finish_first);
  const { report } = one, again = { ...newDraft(), ...report, report_id: crypto.randomUUID(), hamlet: report.hamlet || "", note: report.note || "" };
  again.signals = Object.fromEntries(report.signals.map(({ operator, ...heard }) => [operator, heard]));
  const photos = await photosOf(one.report_id);
  again.photos = again.photos.filter(({ photo_id }) => photos.some((photo) => photo.photo_id === photo_id));
  const keep = (reports, store, kept) => {
    reports.delete(one.report_id);
    for (const photo of photos) store.put({ ...photo, report_id: again.report_id });
    kept.put(again, "draft");
  };
  if (!(await change(["reports", "photos", "kept"], keep).then(noProblem, notKept))) return;
  draft = again;
  showForm();
  await showReports();
}

// --- who, and for which region --------------------------------------------------------------------------------------

function askToSignIn() {
  $("sign_in").hidden = false;
}

async function signIn(event) {
  event.preventDefault();
  const form = $("sign_in").elements, said = JSON.stringify({ name: form.name.value, password: form.password.value });
  try {
    const answer = await ask("masuk", { method: "POST", body: said }, 60);
    if (!answer.ok) return tell((await answer.json().catch(() => ({}))).told || `${answer.status}`);
  } catch (error) {
    return tell(words.offline);
  }
  form.password.value = "";
  $("sign_in").hidden = true;
  tell("");
  await refresh();
  send();
}

/** Fetch the region anew; without a network what was fetched before stands. */
async function refresh() {
  let answer;
  try {
    const region = new URLSearchParams(location.search).get("wilayah") || (area && area.region) || "";
    answer = await fetch(`wilayah.json?wilayah=${encodeURIComponent(region)}&bahasa=${language}`, { credentials: "same-origin" });
  } catch (error) {
    return;
  }
  if (answer.status === 401) askToSignIn();
  if (answer.status === 503 && !area) setTimeout(refresh, 3000);
  if (!answer.ok) {
    refusal = { status: answer.status, told: (await answer.json().catch(() => ({}))).told || `${answer.status}` };
    return showReports();
  }
  refusal = null;
  const before = area, found = await answer.json();
  area = found;
  if (!draft || (before && before.region !== area.region && !Object.keys(draft.signals).length)) draft = newDraft();
  await change(["kept"], (kept) => kept.put(area, "area")).then(noProblem, notKept);
  showForm();
  await showReports();
}

async function begin() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("pekerja.js").catch(() => {});
  db = await openDatabase();
  [sentences, language, area, draft] = await Promise.all([
    fetch("kata.json").then((answer) => answer.json()), ...["language", "area", "draft"].map((key) => read("kept", (kept) => kept.get(key))),
  ]);
  language = sentences[language] ? language : new URLSearchParams(location.search).get("bahasa") in sentences ? new URLSearchParams(location.search).get("bahasa") : sentences.first;
  speak();
  if (!window.isSecureContext) tell(words.insecure);
  if (area && !draft) draft = newDraft();
  const form = $("report");
  form.addEventListener("submit", save);
  form.elements.hamlet.oninput = form.elements.note.oninput = ({ target }) => { draft[target.name] = target.value; keepDraft(); };
  form.elements.village_code_bps.onchange = ({ target }) => { Object.assign(draft, { village_code_bps: target.value || null, by_hand: Boolean(target.value) }); keepDraft(); showPlace(); };
  $("locate").onclick = locate;
  $("add_operator").onclick = addOperator;
  $("photo").onchange = async ({ target }) => { await addPhotos([...target.files]); target.value = ""; };
  $("sign_in").addEventListener("submit", signIn);
  $("send").onclick = send;
  showForm();
  await showReports();
  await refresh();
  await send();
  window.addEventListener("online", send);
  window.addEventListener("offline", showReports);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  setInterval(send, RETRY_MS);
}

begin();
