/* The map in the frame: draws the layers that coverage/web/maps/layers.py made, and tells Streamlit what was clicked.
 *
 * Text of users (names of villages, assets, owners) only ever becomes text content of an element, never HTML.
 * folium writes two calls: jangkau.start(map, config) once, and jangkau.show(choice) whenever something was chosen.
 * The parts (villages.js, assets.js, ...) share one object, m: the map, its config, what is chosen, and each other.
 */
(function () {
  "use strict";

  const FAR = 11.25;          // below this zoom symbols are small
  const FARTHEST = 10;        // and below this one very small
  const NAMED_FROM = 8.5;     // where a map goes that far out, subdistricts have no names

  const choice = { rule: null, village: null, fly: 0, drawing: null, only: null, row: null };
  let m = null;
  let map = null;
  let config = null;
  let flown = 0;
  let flew = false;           // to a village, and not back since
  let kept = {};              // what this window knows of the place: {address, view, moved, flown, village}
  let only = null;            // address of the villages that are not dimmed
  let rowShown = null;        // the village whose row the table was scrolled to
  let base = null;            // the base map: {layer, rename}
  let moving = false;         // names wait for the next frame
  let pictures = null;        // raster tiles of the office, or of an outside server

  function whole() {
    const wide = map.getSize().x > 560;   // room for the legend beside the region, where there is room
    map.fitBounds(config.bounds, { paddingTopLeft: [wide ? 205 : 10, 12], paddingBottomRight: [wide ? 12 : 10, wide ? 12 : 48], animate: false });
    m.moved = flew = false;
    keepView();
  }

  /** The place stays with the window while the map is made anew: for a new run, another language, after another page. */
  function keepView() {
    if (!kept.seat) { return; }
    const at = map.getCenter();
    const view = m.moved || flew ? [at.lat, at.lng, map.getZoom()] : null;
    Object.assign(kept, { view, moved: m.moved, flown, village: choice.village });
    try { sessionStorage.setItem(kept.seat, JSON.stringify(kept)); } catch { /* a closed browser keeps nothing */ }
  }

  /** Whether the page was opened by its address, and not reloaded, since this window last had this map. */
  function isOpened() {
    try {
      const { performance } = window.parent;
      const opened = kept.origin !== performance.timeOrigin && performance.getEntriesByType("navigation")[0].type === "navigate";
      kept.origin = performance.timeOrigin;
      return opened;
    } catch { return false; }   // of another origin
  }

  /** Go where the address says, if that is new or opened again, or else where this window was. */
  function comeBack() {
    const seat = "jangkau.pandangan:" + config.seat;
    try { kept = JSON.parse(sessionStorage.getItem(seat)) || {}; } catch { /* likewise */ }
    const opened = isOpened();
    const linked = config.view && (opened || JSON.stringify(config.view) !== JSON.stringify(kept.address));
    if (linked) { kept = { origin: kept.origin }; }
    const view = linked ? config.view : kept.view;
    if (view) {
      map.setView(view.slice(0, 2), view[2], { animate: false });
      m.moved = linked || kept.moved;
      flew = !m.moved;
    }
    flown = kept.flown || 0;
    const named = choice.village && choice.fly === Number(choice.village);   // by the address (session.py)
    if (named && (opened || (choice.village !== kept.village && choice.fly !== kept.flown))) { flown = 0; }
    kept.seat = seat;
    kept.address = config.view || kept.address;
    keepView();
  }

  function addControls() {
    map.attributionControl.setPrefix(false);
    m.tools = window.jangkauTools(map, config.text, config.locale, m.element);
    if (config.text.attribution) { map.attributionControl.addAttribution(config.text.attribution); }
    if (config.find) { window.jangkauFind(m); }
    L.control.zoom({ position: "topleft", zoomInTitle: config.text.zoomIn, zoomOutTitle: config.text.zoomOut }).addTo(map);
    const Home = L.Control.extend({
      onAdd: () => {
        const box = m.element("div", "leaflet-bar leaflet-control");
        const button = m.element("a", "jk-home");
        button.href = "#";
        button.title = config.text.whole;
        button.setAttribute("role", "button");
        button.setAttribute("aria-label", config.text.whole);
        const picture = m.shape("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" });
        picture.appendChild(m.shape("path", { d: "M1.5 8 8 2l6.5 6M3.5 7v6.5h9V7M6.5 13.5v-4h3v4", fill: "none",
          stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" }));
        button.appendChild(picture);
        L.DomEvent.on(button, "click", (event) => { L.DomEvent.stop(event); whole(); });
        box.appendChild(button);
        return box;
      },
    });
    new Home({ position: "topleft" }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  }

  /** What the villages lie on: layers, and their names. */
  function ground() {
    return [[base && base.layer, "basemap"], [pictures, "pictures"]].filter(([layer]) => layer);
  }

  /** Hide labels that would lie over one another; the ones drawn first stay. */
  function spread() {
    const kept = [];
    const texts = [...map.getPane("labels").querySelectorAll("span")];
    texts.forEach((text) => { text.style.visibility = ""; });
    const boxes = texts.map((text) => text.getBoundingClientRect());   // all at once: the page is laid out once
    texts.forEach((text, at) => {
      const box = boxes[at];
      const hits = kept.some((other) => box.left < other.right + 3 && other.left < box.right + 3
        && box.top < other.bottom && other.top < box.bottom);
      if (hits) { text.style.visibility = "hidden"; } else { kept.push(box); }
    });
    if (base) { base.rename(kept, new Set(texts.map((text) => text.textContent.toLowerCase()))); }
  }

  /** Let what the villages lie on show through, the more the nearer. */
  function lift() {
    const shown = ground().some(([layer]) => map.hasLayer(layer));
    const zoom = map.getZoom();
    const wanted = m.paint * (!shown ? 1 : zoom < 11 ? 0.8 : zoom < 13 ? 0.55 : 0.4);
    if (wanted === m.veil) { return; }
    m.veil = wanted;
    if (m.villages.layer) { m.villages.restyle(); }
  }

  async function credit(url) {
    (await m.fetched(url)).credits.forEach((line) => map.attributionControl.addAttribution(m.element("span", null, line).innerHTML));
  }

  /** What the villages lie on: tiles of an outside server that an administrator has set, the office's own, the base map. */
  function addGround() {
    const outside = config.tiles, own = config.pictures;
    if (outside) { pictures = L.tileLayer(outside.url, { pane: "pictures", attribution: outside.attribution, maxZoom: 18 }).addTo(map); }
    if (own) { pictures = L.tileLayer(own.url, { pane: "pictures", maxZoom: 18, maxNativeZoom: own.most, zIndex: 2 }).addTo(map); credit(own.credits); }
    if (config.basemap) {
      base = window.jangkauBasemap(map, config.basemap, spread);
      base.layer.addTo(map);
      credit(config.basemap.credits);
    }
  }

  /** Fit sizes and layers to the zoom. */
  function sized() {
    const box = map.getContainer();
    box.classList.toggle("jk-far", map.getZoom() < FAR);
    box.classList.toggle("jk-farthest", map.getZoom() < FARTHEST);
    map.getPane("labels").style.display = config.marks && map.getZoom() < NAMED_FROM ? "none" : "";
    box.classList.toggle("jk-near", map.getZoom() >= m.overlays.NAMES_FROM);
    lift();
  }

  function named() {
    m.overlays.nameVillages();
    spread();
    m.overlays.showPockets();
  }

  /** Once for all events of a move: sizes in the next frame, names in the one after, so that neither is long. */
  function moved() {
    if (moving) { return; }
    moving = true;
    requestAnimationFrame(() => { sized(); requestAnimationFrame(() => { moving = false; named(); }); });
  }

  /** Know which villages the table keeps. */
  async function keepOnly(url) {
    const found = url && new Set((await m.fetched(url)).codes);
    if (url !== choice.only) { return; }   // another one since
    m.only = found;
    m.villages.restyle();
  }

  /** Bring the row of the chosen village into the sight of the table on the page, unless a column's head has sorted it. */
  function showRow(row) {
    let table = null;
    try { table = window.parent.document.querySelector(".st-key-all_villages"); } catch { return; }   // of another origin
    const scroller = table && table.querySelector(".dvn-scroller");
    const sorted = scroller && [...table.querySelectorAll("[role=columnheader]")].some((head) => /^[↑↓]/.test(head.textContent));
    const top = row * config.rowHeight;
    if (scroller && !sorted && (top < scroller.scrollTop || top > scroller.scrollTop + scroller.clientHeight - 2 * config.rowHeight)) {
      scroller.scrollTop = top - scroller.clientHeight / 2;
    }
  }

  function apply() {
    if (!m || !m.villages.layer) { return; }
    if (choice.only !== only) { only = choice.only; keepOnly(only); }
    if (choice.row !== null && choice.village !== rowShown) { rowShown = choice.village; setTimeout(() => showRow(choice.row), 300); }
    m.villages.restyle();
    m.villages.blankToFront();
    m.overlays.showPockets();
    m.overlays.draw();
    m.legend.fill();
    m.villages.select(choice.village);
    if (m.drawing) { m.drawing.show(choice.draw); }
    const layer = choice.village && m.villages.byCode[choice.village];
    if (layer && choice.fly > flown) {
      map.fitBounds(layer.getBounds(), { padding: [40, 40], maxZoom: 13.5, animate: false });
      flew = true;
      comeIntoView();
    }
    flown = Math.max(flown, choice.fly);
    keepView();
  }

  /** Where the map has been scrolled away, bring it back to whoever asked for a village from below it. */
  function comeIntoView() {
    const frame = window.frameElement;
    const box = frame && frame.getBoundingClientRect();
    if (box && box.width > 560 && box.top < -0.3 * box.height) { frame.scrollIntoView({ block: "center" }); }
  }

  function stylesLoaded() {
    const waiting = [...document.querySelectorAll("link[rel=stylesheet]")].filter((link) => !link.sheet);
    return Promise.all(waiting.map((link) => new Promise((resolve) => {
      link.addEventListener("load", resolve, { once: true });
      link.addEventListener("error", resolve, { once: true });
    })));
  }

  async function start(ourMap, ourConfig) {
    map = ourMap;
    config = ourConfig;
    m = Object.assign({ map, config, choice, plan: null, figure: null, paint: 1, veil: 1, moved: false, lift, spread, ground }, window.jangkauElements(map, config));
    document.documentElement.lang = config.language;
    Object.entries(config.colours).concat([["outline", config.outline]])
      .forEach(([name, colour]) => document.documentElement.style.setProperty("--jk-" + name, colour));
    L.Browser.ie3d = true;   // hundreds of markers stay in the picture of the map instead of one of their own each
    map.options.maxZoom = 18;
    m.panel = window.jangkauPanel(m);
    m.painting = window.jangkauPaint(m);
    m.villages = window.jangkauVillages(m);
    m.overlays = window.jangkauOverlays(m);
    m.areas = window.jangkauAreas(m);
    m.trial = window.jangkauTrial(m);
    m.assets = window.jangkauAssets(m);
    m.marks = window.jangkauMarks(m);
    const layers = Promise.all([config.villages, config.subdistricts, config.assets, config.plan && config.plan.url, config.marks,
      config.other_land].map((url) => (url ? m.fetched(url) : null)));
    await stylesLoaded();
    addControls();
    if (config.draw) { m.drawing = window.jangkauDraw(m); }
    m.legend = window.jangkauLegend(m);
    map.invalidateSize({ animate: false });
    whole();
    map.setMinZoom(Math.floor(map.getZoom()) - 1);
    comeBack();
    map.on("dragstart zoomstart", () => { m.moved = true; });
    map.on("moveend", keepView);
    map.on("click", (event) => {   // where no village is: forests, other regencies
      if (m.assets.press(event.latlng)) { return; }
      if (!m.tools.take(event.latlng) && choice.drawing) { m.tell({ village: null, asset: null, lat: event.latlng.lat, lon: event.latlng.lng }); }
    });
    map.on("zoomend moveend viewreset", moved);
    new ResizeObserver(() => {
      const still = !m.moved && !flew;
      map.invalidateSize({ animate: false });
      if (still) { whole(); }
    }).observe(map.getContainer());
    addGround();
    const [villageData, subdistrictData, assetData, planData, markData, landData] = await layers;
    m.plan = planData;
    m.villages.add(villageData);
    if (m.plan) { m.villages.addPlan(m.plan); }
    m.overlays.addSubdistricts(subdistrictData);
    if (landData) { m.overlays.addOtherLand(landData); }
    if (assetData) { m.assets.add(assetData); }
    if (markData) { m.marks.add(markData); }
    if (m.drawing) { m.drawing.ready(assetData, base); }
    if (!config.marks) {
      m.overlays.offer();
      m.areas.offer();
      m.panel.fill();
      if (m.panel.taken.paint) { m.painting.paintBy(m.panel.taken.paint, m.panel.taken.breaks); }
    }
    sized();
    named();
    apply();
    document.fonts.ready.then(spread);
    map.getContainer().classList.add("jk-ready");
  }

  function show(wanted) {
    const rest = () => JSON.stringify(Object.assign({}, choice, { draw: null }));
    const before = rest();
    Object.assign(choice, wanted);
    if (m && m.drawing && rest() === before) { m.drawing.show(choice.draw); } else { apply(); }
  }

  /** What is seen, for a link: the place where the map was moved, and the layers. */
  function seen() {
    const at = map.getCenter();
    const layers = config.marks ? {} : m.panel.state();
    return Object.assign(m.moved ? { pandangan: [at.lat.toFixed(5), at.lng.toFixed(5), map.getZoom().toFixed(1)].join(",") } : {},
      Object.keys(layers).length ? { lapis: JSON.stringify(layers) } : {});
  }

  /** Ask the page for what is seen, on paper. */
  function print() {
    const at = map.getBounds();
    m.tell({ print: Object.assign({ bounds: [at.getWest(), at.getSouth(), at.getEast(), at.getNorth()], zoom: map.getZoom() }, seen()) });
  }

  window.jangkau = { start: start, show: show, seen: seen, print: print };
})();
