/* Drawing on the map: a point, a route or an area. Points are set by clicks, dragged, put between, deleted, undone; a
 * point of a route snaps to an asset, the end of a route, or a road. The page has the same drawing as text
 * (coverage/web/maps/sketch.py) and is told of it a moment after each change.
 */
(function () {
  "use strict";

  const NEAR = 14;            // pixels within which a point snaps
  const MOST = 2000;          // points; the page takes no more
  const HANDLES = 300;        // handles at once; nearer by there are fewer points in sight
  const WAIT_MS = 350;        // from the last change until the page is told
  const LOOK = { pane: "links", interactive: false, color: "#D5006D", weight: 3 };
  const CASING = { pane: "links", interactive: false, color: "#FFFFFF", weight: 6, opacity: 0.9, fill: false };
  const ICONS = {
    undo: "M6 2.5 2.5 6 6 9.5M3 6h6.5a4 4 0 0 1 0 8H6",
    redo: "M10 2.5 13.5 6 10 9.5M13 6H6.5a4 4 0 0 0 0 8H10",
    remove: "M2.5 4.5h11M6.5 4V2.5h3V4M4.2 4.5l.8 9h6l.8-9",
    split: "M1.5 8H6M10 8h4.5M6.5 3.5v9M9.5 3.5v9",
    snap: "M3 2.5v6a5 5 0 0 0 10 0v-6h-3.2v6a1.8 1.8 0 0 1-3.6 0v-6ZM3 5.5h3.2M9.8 5.5H13",
  };

  window.jangkauDraw = function (m) {
    const { map, tools, element, tell } = m;
    const text = m.config.draw;
    let want = null;          // what the page wants drawn
    let parts = [];           // lists of [latitude, longitude]
    let active = null;        // part and place of the point after which a click puts the next
    let past = [], future = [];
    let nodes = [];           // places of assets and ends of routes
    let onRoad = () => null;
    let snaps = true;
    let timer = null;
    let lines = [];           // polylines of each part
    map.createPane("handles").style.zIndex = 460;
    const drawn = L.layerGroup().addTo(map), handles = L.layerGroup().addTo(map), lit = L.layerGroup().addTo(map);

    const count = () => parts.reduce((sum, part) => sum + part.length, 0);
    const at = (latlng) => [Number(latlng.lat.toFixed(6)), Number(latlng.lng.toFixed(6))];
    const last = () => (parts.length ? [parts.length - 1, parts[parts.length - 1].length - 1] : null);
    const copy = () => parts.map((part) => part.slice());

    // ------------------------------------------------------------------ snapping

    function near(latlng, but) {
      if (!snaps || want.form !== "line") { return at(latlng); }
      const here = map.latLngToLayerPoint(latlng);
      const corner = map.layerPointToLatLng(here.add([NEAR, NEAR]));
      const [tall, wide] = [Math.abs(corner.lat - latlng.lat), Math.abs(corner.lng - latlng.lng)];
      let best = null, least = NEAR;
      nodes.forEach((node) => {
        if (Math.abs(node[0] - latlng.lat) > tall || Math.abs(node[1] - latlng.lng) > wide) { return; }
        if (but && node[0] === but[0] && node[1] === but[1]) { return; }
        const far = map.latLngToLayerPoint(node).distanceTo(here);
        if (far < least) { [best, least] = [node, far]; }
      });
      const road = best ? null : onRoad(latlng, NEAR);
      return best || at(road || latlng);
    }

    // ------------------------------------------------------------------ changes

    function commit(next, chosen) {
      if (next.flat().length > MOST) { redraw(); return; }
      past.push(parts);
      future = [];
      parts = next.filter((part) => part.length);
      active = chosen;
      changed();
    }

    function changed() {
      redraw();
      clearTimeout(timer);
      timer = setTimeout(say, WAIT_MS);
    }

    function say(splitAt) {
      clearTimeout(timer);
      timer = null;
      const there = map.getCenter();
      tell({ village: null, asset: null, lat: there.lat, lon: there.lng,
        drawn: { turn: want.turn, parts: parts, split: splitAt || null } });
    }

    function step(from, to) {
      if (!from.length) { return; }
      to.push(parts);
      parts = from.pop();
      active = want.kept ? null : last();
      changed();
    }

    function put(part, place, latlng, but) {
      const next = copy();
      if (!next.length) { next.push([]); }
      next[part].splice(place, 0, near(latlng, but));
      commit(next, [part, place]);
    }

    function remove() {
      if (!active) { return; }
      const next = copy();
      const [part, place] = active;
      next[part].splice(place, 1);
      commit(next, want.kept || !next[part].length ? null : [part, Math.max(place - 1, 0)]);
      if (!active && !want.kept) { active = last(); redraw(); }
    }

    const numberOf = ([part, place]) => parts.slice(0, part).reduce((sum, one) => sum + one.length, 0) + place + 1;
    const splits = () => want.kept && want.form === "line" && active && numberOf(active) > 1 && numberOf(active) < count();

    /** A click: whether it belongs to the drawing. */
    function take(latlng, onAsset) {
      if (!want) { return false; }
      if (want.form === "point") {
        if (onAsset) { return false; }
        commit([[at(latlng)]], null);
        return true;
      }
      if (parts.length && !active) { return !(onAsset && want.kept); }
      if (!active) { put(0, 0, latlng); return true; }
      const [part, place] = active;
      const end = map.latLngToLayerPoint(parts[part][place]).distanceTo(map.latLngToLayerPoint(latlng));
      if (end > 3) { put(part, place === 0 && parts[part].length > 1 ? 0 : place + 1, latlng); }   // not the second of two clicks
      return true;
    }

    // ------------------------------------------------------------------ what is seen

    function preview(next) {
      lines.forEach((pair, part) => pair.forEach((line) => line.setLatLngs(next[part])));
    }

    function grip(latlng, className, moved, pressed) {
      const size = window.matchMedia("(pointer: coarse)").matches ? 30 : 22;
      const made = L.marker(latlng, { draggable: true, keyboard: false, pane: "handles",
        icon: L.divIcon({ className: className, iconSize: [size, size], html: element("span") }) });
      made.on("drag", () => moved(made.getLatLng(), preview));
      made.on("dragend", () => moved(made.getLatLng(), commit));
      made.on("click", (event) => { L.DomEvent.stopPropagation(event); pressed(); });
      handles.addLayer(made);
    }

    function grips() {
      handles.clearLayers();
      if (!want) { return; }
      const seen = map.getBounds().pad(0.05);
      const inSight = parts.map((part) => part.map((place) => seen.contains(place)));
      if (inSight.flat().filter(Boolean).length > HANDLES) { return; }
      parts.forEach((part, p) => part.forEach((place, k) => {
        const other = k + 1 < part.length ? part[k + 1] : want.form === "area" && part.length > 2 ? part[0] : null;
        if (other && want.form !== "point" && (inSight[p][k] || inSight[p][(k + 1) % part.length])) {
          const middle = L.latLng((place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
          const between = (latlng, then) => {
            const next = copy();
            next[p].splice(k + 1, 0, near(latlng));
            then(next, [p, k + 1]);
          };
          grip(middle, "jk-grip jk-between", between, () => between(middle, commit));
        }
        if (!inSight[p][k]) { return; }
        const chosen = active && active[0] === p && active[1] === k;
        grip(place, want.form === "point" ? "jk-pin" : "jk-grip" + (chosen ? " jk-chosen" : ""), (latlng, then) => {
          const next = copy();
          next[p][k] = near(latlng, place);
          then(next, want.form === "point" ? null : [p, k]);
        }, () => { if (want.form !== "point") { active = chosen ? null : [p, k]; redraw(); } });
      }));
    }

    function redraw() {
      drawn.clearLayers();
      lines = parts.map((part) => {
        if (!want || want.form === "point") { return []; }
        const made = want.form === "area" ? L.polygon(part, Object.assign({}, LOOK, { fillOpacity: 0.08 })) : L.polyline(part, LOOK);
        return [L.polyline(part, CASING), made];
      });
      lines.flat().forEach((line) => drawn.addLayer(line));
      grips();
      map.getContainer().classList.toggle("jk-drawing", Boolean(want && (want.form === "point" || active || !parts.length)));
      bar.hidden = box.hidden = !want;
      if (!want) { return; }
      enable("undo", past.length);
      enable("redo", future.length);
      enable("remove", active);
      enable("split", splits());
      buttons.remove.hidden = want.form === "point";
      buttons.snap.hidden = want.form !== "line";
      buttons.split.hidden = want.form !== "line" || !want.kept;
      const far = inSightOf() > HANDLES ? text.nearer : want.form === "point" ? "" : active || !parts.length ? text.add : text.choose;
      box.textContent = [want.form !== "point" && count() ? text.count.replace("{count}", String(count())) : "", far].filter(Boolean).join(" · ");
      box.hidden = !box.textContent;
    }

    const inSightOf = () => parts.flat().filter((place) => map.getBounds().contains(place)).length;

    function light(shown) {
      lit.clearLayers();
      (shown || []).forEach((part) => {
        lit.addLayer(part.length > 1 ? L.polyline(part, { pane: "links", interactive: false, color: "#FFC400", weight: 9, opacity: 0.75, className: "jk-lit" })
          : L.marker(part[0], { pane: "assets", interactive: false, keyboard: false, zIndexOffset: 1000,
            icon: L.divIcon({ className: "jk-pin jk-lit", iconSize: [22, 22], html: element("span") }) }));
      });
    }

    // ------------------------------------------------------------------ buttons and keys

    const buttons = {};
    const bar = element("div", "leaflet-bar leaflet-control");
    const presses = { undo: () => step(past, future), redo: () => step(future, past), remove: remove,
      split: () => { if (splits()) { say(numberOf(active)); } },
      snap: () => { snaps = !snaps; buttons.snap.setAttribute("aria-pressed", String(snaps)); } };
    Object.keys(presses).forEach((name) => {
      buttons[name] = tools.button(name, text[name], presses[name], ICONS[name]);
      bar.appendChild(buttons[name]);
    });
    buttons.snap.setAttribute("aria-pressed", "true");
    const box = element("div", "jk-measure leaflet-control");
    box.setAttribute("role", "status");
    [bar, box].forEach((part) => {
      part.hidden = true;
      const Part = L.Control.extend({ onAdd: () => part });
      new Part({ position: "topright" }).addTo(map);
      L.DomEvent.disableClickPropagation(part);
    });
    function enable(name, on) { buttons[name].setAttribute("aria-disabled", String(!on)); }

    document.addEventListener("keydown", (event) => {
      if (!want || tools.isTyping(event)) { return; }
      const key = event.key.toLowerCase();
      const held = event.ctrlKey || event.metaKey;
      const done = held && key === "z" ? (event.shiftKey ? presses.redo : presses.undo) : held && key === "y" ? presses.redo
        : key === "delete" || key === "backspace" ? remove : key === "escape" ? () => { active = null; redraw(); } : null;
      if (done) { event.preventDefault(); done(); }
    });
    const early = () => { if (timer && want) { say(); } };   // before a button of the page is pressed
    map.getContainer().addEventListener("mouseleave", early);
    const leaving = (event) => { if (want && (past.length || (want.kept ? want.changed : count()))) { event.preventDefault(); } };
    try {
      window.parent.addEventListener("beforeunload", leaving);
      window.addEventListener("pagehide", () => window.parent.removeEventListener("beforeunload", leaving));
    } catch { /* of another origin */ }
    window.addEventListener("blur", early);
    map.on("dblclick", () => { if (want && active) { active = null; redraw(); } });
    map.on("moveend", () => { if (want) { grips(); } });

    /** Go to the drawing where the map was just made, or the asset is out of sight or too small to be changed. */
    function come(first) {
      const bounds = L.latLngBounds(parts.flat());
      const far = () => !map.getBounds().contains(bounds) || (want.form !== "point" && map.getBoundsZoom(bounds) > map.getZoom() + 2.5);
      if (!bounds.isValid() || !((first && !m.moved) || ((first || (want.kept && want.fresh)) && far()))) { return; }
      map.fitBounds(bounds, { padding: [40, 40], maxZoom: 15, animate: false });
      m.moved = true;
    }

    const measures = tools.take;
    tools.take = (latlng, onAsset) => measures(latlng) || take(latlng, onAsset);

    /** Draw what the page wants; its own drawing only where it changed it. */
    function show(wanted) {
      const before = want;
      want = wanted || null;
      map.doubleClickZoom[want && want.form !== "point" ? "disable" : "enable"]();
      if (!want) { parts = []; redraw(); light(null); return; }
      light(want.lit);
      if (before && before.turn === want.turn) { return; }
      clearTimeout(timer);
      timer = null;
      if (want.parts) {
        if (!before || want.fresh) { past = []; future = []; } else { past.push(parts); }
        parts = want.parts;
        active = want.kept ? null : last();
        come(!before);
      }
      redraw();
    }

    /** The assets and roads that routes snap to. */
    function ready(assets, base) {
      const ends = (line) => [line[0], line[line.length - 1]];
      nodes = (assets ? assets.features : []).flatMap(({ geometry }) => ({ Point: () => [geometry.coordinates],
        LineString: () => ends(geometry.coordinates), MultiLineString: () => geometry.coordinates.flatMap(ends) }[geometry.type] || (() => []))())
        .filter(Boolean).map(([lon, lat]) => [lat, lon]);   // a route too short for the layer's digits is empty
      if (base) { onRoad = base.onRoad; }
    }
    const hasPoint = () => Boolean(want && want.form === "point" && parts.length);
    return { show: show, ready: ready, hasPoint: hasPoint };
  };
})();
