"use strict";
// Draws the map from the data block of this page. Text of others only ever becomes text content, never markup.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const SVG = "http://www.w3.org/2000/svg";
  const big = data.villages.length > 3000 || data.assets.length > 5000;

  function el(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function svg(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  // Outline of a sign around (x, y); the same shapes as in print and in QGIS.
  function corners(shape, x, y, r) {
    const around = (n, turn, radius) => Array.from({ length: n }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / n, at = Array.isArray(radius) ? radius[i % radius.length] : radius;
      return [x + at * Math.cos(angle), y + at * Math.sin(angle)];
    });
    const up = -Math.PI / 2;
    if (shape === "square") return around(4, Math.PI / 4, r * 1.25);
    if (shape === "triangle") return around(3, up, r * 1.35);
    if (shape === "diamond") return around(4, up, r * 1.35);
    if (shape === "star") return around(10, up, [r * 1.4, r * 0.6]);
    if (shape === "cross") {
      const a = r * 0.4, b = r * 1.2;
      return [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]]
        .map(([dx, dy]) => [x + dx, y + dy]);
    }
    return around(20, 0, r);
  }

  function pathText(points) {
    return "M" + points.map(([x, y]) => x.toFixed(1) + " " + y.toFixed(1)).join("L") + "Z";
  }

  L.SVG.include({ _updateSign(layer) { this._setPath(layer, pathText(layer._corners())); } });
  L.Canvas.include({
    _updateSign(layer) {
      if (!this._drawing || layer._empty()) return;
      const context = this._ctx;
      context.beginPath();
      layer._corners().forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      this._fillStroke(context, layer);
    },
  });
  const Sign = L.CircleMarker.extend({
    _corners() { return corners(this.options.shape, this._point.x, this._point.y, this._radius); },
    _updatePath() { this._renderer._updateSign(this); },
  });

  // ---- legend pictures
  function picture(draw) {
    const image = svg("svg", { width: 18, height: 18, "aria-hidden": "true" });
    image.appendChild(draw);
    return image;
  }
  function statePicture(state) {
    const fill = state.key === "blank" ? "url(#hatch)" : state.colour;
    return picture(svg("rect", { x: 1, y: 1, width: 16, height: 16, fill: fill, stroke: state.key === "blank" ? data.outline : "#667", "stroke-width": state.key === "blank" ? 2 : 1 }));
  }
  function kindPicture(kind) {
    if (kind.shape === "area") return picture(svg("path", { d: "M3 5L13 2L16 13L4 16Z", fill: "none", stroke: kind.colour, "stroke-width": 2.4 }));
    if (kind.shape === "line") return picture(svg("path", { d: "M1 14L8 6L17 4", fill: "none", stroke: kind.colour, "stroke-width": 3 }));
    return picture(svg("path", { d: pathText(corners(kind.shape, 9, 9, 6 * kind.size)), fill: kind.colour, stroke: "#fff" }));
  }

  // ---- map
  const map = L.map("map", { renderer: big ? L.canvas({ padding: 0.3 }) : L.svg({ padding: 0.5 }), zoomSnap: 0.5, attributionControl: false, minZoom: 5, maxZoom: 18 });
  map.zoomControl.setPosition("topright");
  document.querySelector(".leaflet-control-zoom-in").title = words.zoom_in;
  document.querySelector(".leaflet-control-zoom-out").title = words.zoom_out;
  L.control.scale({ imperial: false, position: window.innerWidth > 760 ? "bottomleft" : "topleft" }).addTo(map);   // not under the credits

  const unit = data.unit;
  function ring(flat) {
    const points = [];
    let x = 0, y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i]; y += flat[i + 1];
      points.push([y * unit, x * unit]);
    }
    return points;
  }
  const polygons = (parts) => parts.map((rings) => rings.map(ring));

  const colour = Object.fromEntries(data.states.map((state) => [state.key, state.colour]));
  const label = Object.fromEntries(data.states.map((state) => [state.key, state.label]));
  function villageStyle(village) {
    const blank = village.state === "blank";
    return { color: blank ? data.outline : village.possible ? data.possible.colour : "#56616c", weight: blank || village.possible ? 2 : 0.6,
      dashArray: village.possible ? "5 4" : null, fillColor: colour[village.state], fillOpacity: 0.78 };
  }
  const villageLayers = data.villages.map((village) => {
    const layer = L.polygon(polygons(village.shape), Object.assign({ className: "v-" + village.state, smoothFactor: 0.6 }, villageStyle(village)));
    layer.on("click", () => choose(village));
    village.layer = layer;
    return layer;
  });
  const villageGroup = L.featureGroup(villageLayers).addTo(map);
  data.villages.filter((village) => village.possible).forEach((village) => village.layer.bringToFront());
  data.villages.filter((village) => village.state === "blank").forEach((village) => village.layer.bringToFront());

  // ---- the base map, over the colours of the villages and under everything else
  map.createPane("ground").style.zIndex = 405;
  map.getPane("ground").style.pointerEvents = "none";
  const onCanvas = data.ground.length ? L.canvas({ pane: "ground", padding: 0.3 }) : null;
  const ground = L.layerGroup(data.ground.map((one) => L.polyline(one.lines.map(ring), { pane: "ground", renderer: onCanvas,
    interactive: false, color: one.colour, weight: Math.max(0.8, 1.2 * one.width), opacity: 0.75 })));
  // ---- the shade of the slopes
  map.createPane("relief").style.zIndex = 404;
  map.getPane("relief").style.pointerEvents = "none";
  const relief = data.relief && L.imageOverlay(data.relief.url, data.relief.bounds, { pane: "relief", interactive: false });
  if (data.credits) L.control.attribution({ prefix: false }).addTo(map).addAttribution(el("span", data.credits).innerHTML);

  // ---- forests and waters, which are no villages: hatched (an SVG of their own: a canvas has no patterns)
  const landColour = Object.fromEntries(data.land_kinds.map((kind) => [kind.key, kind.colour]));
  const landPattern = (kind, id) => {
    const made = svg("pattern", { id: id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: kind.key === "water" ? "rotate(90)" : "rotate(-45)" });
    made.appendChild(svg("rect", { width: 1.6, height: 7, fill: kind.colour }));
    return made;
  };
  map.createPane("land").style.zIndex = 410;
  map.getPane("land").style.pointerEvents = "none";
  if (data.land.length) {
    const inSvg = L.svg({ pane: "land", padding: 0.5 });
    L.featureGroup(data.land.map((one) => L.polygon(polygons(one.shape), { pane: "land", renderer: inSvg, interactive: false,
      color: landColour[one.key], weight: 1, dashArray: "4 3", fillColor: "url(#land-" + one.key + ")", fillOpacity: 1 }))).addTo(map);
    map.whenReady(() => {
      const definitions = svg("defs", {});
      data.land_kinds.forEach((kind) => definitions.appendChild(landPattern(kind, "land-" + kind.key)));
      inSvg._container.insertBefore(definitions, inSvg._container.firstChild);
    });
  }

  const outlines = L.featureGroup(data.areas.map((area) =>
    L.polygon(polygons(area.shape), { fill: false, color: "#22303d", weight: 1.6, opacity: 0.75, interactive: false })));
  const names = data.areas.map((area) => textLabel(area.at, area.name, "area"));
  const areaGroup = L.layerGroup([outlines, L.layerGroup(names)]).addTo(map);
  /** Hide names of subdistricts that would lie over another. */
  function spreadAreas() {
    const kept = [];
    names.map((name) => name.getElement()).filter(Boolean).forEach((name) => {
      const box = name.getBoundingClientRect();
      const hits = kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
      name.style.visibility = hits ? "hidden" : "";
      if (!hits) kept.push(box);
    });
  }
  map.on("moveend resize layeradd", (event) => { if (event.type !== "layeradd" || event.layer === areaGroup) requestAnimationFrame(spreadAreas); });

  function textLabel(at, text, className) {
    return L.tooltip({ permanent: true, direction: "center", className: className, interactive: false }).setLatLng([at[1], at[0]]).setContent(el("span", text));
  }
  const villageNames = L.layerGroup().addTo(map);
  function nameVillages() {
    villageNames.clearLayers();
    if (map.getZoom() < 12.5) return;
    const seen = map.getBounds();
    data.villages.filter((village) => seen.contains([village.at[1], village.at[0]])).slice(0, 150)
      .forEach((village) => villageNames.addLayer(textLabel(village.at, village.name, "area village")));
  }
  map.on("moveend", nameVillages);
  const placeNames = L.layerGroup().addTo(map);
  const placesFrom = { city: 8, town: 9.5, village: 12, suburb: 12, hamlet: 13, locality: 14.5 };   // zoom
  const villageKeys = new Set(data.villages.map((village) => village.name.toLowerCase()));
  /** Places of the base map, the largest first, none over another; villages have names of their own. */
  function namePlaces() {
    placeNames.clearLayers();
    if (!map.hasLayer(ground)) return;
    const seen = map.getBounds(), zoom = map.getZoom(), inPixels = (at, name) => Object.assign(map.latLngToContainerPoint([at[1], at[0]]), { wide: 7 * name.length });
    const taken = map.hasLayer(areaGroup) ? data.areas.map((area) => inPixels(area.at, area.name)) : [], most = taken.length + 120;
    data.places.filter((place) => zoom >= placesFrom[place.kind] && seen.contains([place.at[1], place.at[0]]) && !villageKeys.has(place.name.toLowerCase())).forEach((place) => {
      const at = inPixels(place.at, place.name);
      if (taken.length > most || taken.some((one) => Math.abs(one.x - at.x) < (one.wide + at.wide) / 2 && Math.abs(one.y - at.y) < 16)) return;
      taken.push(at);
      placeNames.addLayer(textLabel(place.at, place.name, "area place"));
    });
  }
  map.on("moveend layeradd layerremove", (event) => { if (event.type === "moveend" || event.layer === ground) namePlaces(); });

  const kindOf = Object.fromEntries(data.kinds.map((kind) => [kind.key, kind]));
  const groups = Object.fromEntries(data.kinds.map((kind) => [kind.key, L.featureGroup()]));
  data.assets.forEach((asset) => {
    const kind = kindOf[asset.kind];
    const active = asset.active;
    const style = { color: active ? "#fff" : kind.colour, weight: active ? 1 : 1.6, fillColor: active ? kind.colour : "#fff", fillOpacity: active ? 0.95 : 0.85 };
    const layer = asset.line
      ? L.polyline(asset.line.map(ring), { color: kind.colour, weight: 3, dashArray: active ? null : "6 5" })
      : new Sign([asset.at[1] * unit, asset.at[0] * unit], Object.assign({ shape: kind.shape, radius: 5 * kind.size }, style));
    layer.on("click", (event) => { L.DomEvent.stopPropagation(event); tellAsset(asset); });
    groups[asset.kind].addLayer(layer);
    asset.layer = layer;
  });
  function resize() {
    const factor = Math.max(0.6, Math.min(1.7, (map.getZoom() - 6) / 5));
    data.assets.forEach((asset) => { if (!asset.line) asset.layer.setRadius(5 * factor * kindOf[asset.kind].size); });
  }
  map.on("zoomend", resize);
  const whole = outlines.getBounds();
  map.fitBounds(whole, { padding: [12, 12] });
  map.setMaxBounds(whole.pad(0.6));
  resize();
  Object.values(groups).forEach((group) => group.addTo(map));

  // ---- strip, legend, layers
  const counts = document.getElementById("counts");
  data.states.forEach((state) => {
    const item = el("li");
    item.append(statePicture(state), el("b", state.count), el("span", state.label));
    counts.appendChild(item);
  });
  data.facts.forEach((fact) => {
    const item = el("li");
    item.append(el("b", fact[1]), el("span", fact[0]));
    counts.appendChild(item);
  });
  const marks = document.getElementById("marks");
  data.marks.forEach((mark) => marks.append(el("span", mark, "mark"), " "));

  const legend = document.getElementById("legend");
  data.states.forEach((state) => {
    const item = el("li");
    item.append(statePicture(state), el("span", state.label), el("span", state.count, "n"));
    legend.appendChild(item);
  });
  data.land_kinds.forEach((kind) => {
    const item = el("li"), image = picture(svg("rect", { x: 1, y: 1, width: 16, height: 16, fill: "url(#legend-" + kind.key + ")", stroke: kind.colour }));
    image.appendChild(landPattern(kind, "legend-" + kind.key));
    item.append(image, el("span", words.land + ": " + kind.label), el("span", kind.count, "n"));
    legend.appendChild(item);
  });
  if (data.possible) {
    const item = el("li");
    item.append(picture(svg("rect", { x: 1, y: 1, width: 16, height: 16, fill: "none", stroke: data.possible.colour, "stroke-width": 2, "stroke-dasharray": "4 3" })),
      el("span", data.possible.label), el("span", data.possible.count, "n"));
    legend.appendChild(item);
  }
  function toggle(list, image, text, count, group) {
    const item = el("li"), box = el("input"), caption = el("label");
    box.type = "checkbox";
    box.checked = map.hasLayer(group);
    box.addEventListener("change", () => (box.checked ? group.addTo(map) : group.remove()));
    caption.append(box);
    if (image) caption.append(image);
    caption.append(el("span", text));
    item.append(caption, el("span", count, "n"));
    list.appendChild(item);
  }
  const layers = document.getElementById("layers");
  if (data.ground.length) { ground.addTo(map); toggle(layers, null, words.basemap, "", ground); }
  if (relief) toggle(layers, null, words.relief, "", relief);
  toggle(layers, null, words.areas, data.area_count, areaGroup);
  data.kinds.forEach((kind) => toggle(layers, kindPicture(kind), kind.label, kind.count, groups[kind.key]));
  if (data.inactive) {
    const item = el("li");
    item.append(picture(svg("path", { d: pathText(corners("circle", 9, 9, 5)), fill: "#fff", stroke: "#444", "stroke-width": 2 })), el("span", words.inactive));
    layers.appendChild(item);
  }

  // ---- facts
  const facts = document.getElementById("facts");
  let chosen = null;
  function row(table, head, ...cells) {
    const made = el("tr");
    made.appendChild(el("th", head));
    cells.forEach((cell, i) => made.appendChild(el("td", cell, cells.length > 1 && i < 2 ? "r" : "")));
    table.appendChild(made);
  }
  function stateLine(village) {
    const line = el("span", null, "state");
    line.append(statePicture({ key: village.state, colour: colour[village.state] }), [village.told, village.certainty].filter(Boolean).join(" · "));
    return line;
  }
  function choose(village) {
    if (chosen) chosen.layer.setStyle(villageStyle(chosen));
    chosen = village;
    village.layer.setStyle({ color: "#0b2f6b", weight: 4, dashArray: null });
    village.layer.bringToFront();
    data.assets.forEach((asset) => { if (map.hasLayer(asset.layer)) asset.layer.bringToFront(); });
    facts.replaceChildren(el("h2", village.name), el("p", village.place, "hint"), stateLine(village), el("p", village.reason));
    const basics = el("table");
    village.basics.forEach((value, i) => value !== null && row(basics, words.basics[i], value));
    facts.appendChild(basics);
    section(words.services, (table) => village.services.forEach((cells, i) => row(table, words.service_names[i], cells[0], cells[1])));
    section(words.rules, (table) => village.rules.forEach((cells, i) => row(table, words.rule_names[i], cells[1] + ": " + cells[2])));
    if (village.rank) section(words.priority, (table) => village.rank.forEach((cell, i) => row(table, words.rank_names[i], cell)));
    if (village.evidence.length) section(words.evidence, (table) => village.evidence.forEach((cells) => row(table, cells[0], cells[1])));
  }
  function section(title, fill) {
    const table = el("table");
    fill(table);
    facts.append(el("h3", title), table);
  }
  function tellAsset(asset) {
    facts.replaceChildren(el("h2", asset.name || kindOf[asset.kind].label), el("p", kindOf[asset.kind].label + (asset.outside ? " · " + words.outside : ""), "hint"));
    const table = el("table");
    asset.facts.forEach((value, i) => value !== null && row(table, words.asset_facts[i], value));
    facts.appendChild(table);
  }

  // ---- search
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f\s.'’-]/g, "");
  data.villages.forEach((village) => { village.key = [village.name, village.code, village.code_kemendagri || ""].map(fold); });
  const search = document.getElementById("search"), results = document.getElementById("results");
  function find(text) {
    const wanted = fold(text);
    if (!wanted) return [];
    const starts = [], contains = [];
    data.villages.forEach((village) => {
      if (village.key.some((key) => key.startsWith(wanted))) starts.push(village);
      else if (village.key.some((key) => key.includes(wanted))) contains.push(village);
    });
    return starts.concat(contains).slice(0, 10);
  }
  function go(village) {
    choose(village);
    map.fitBounds(village.layer.getBounds(), { maxZoom: 13.5, padding: [40, 40] });
    results.replaceChildren();
    search.value = village.name;
  }
  search.addEventListener("input", () => {
    const found = find(search.value);
    results.replaceChildren(...found.map((village) => {
      const item = el("li"), button = el("button", village.name + " · " + village.place);
      button.type = "button";
      button.addEventListener("click", () => go(village));
      item.appendChild(button);
      return item;
    }));
    if (!found.length && search.value.trim()) results.replaceChildren(el("li", words.nothing, "nothing"));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { const found = find(search.value); if (found.length) go(found[0]); }
    if (event.key === "Escape") results.replaceChildren();
  });
  document.body.dataset.ready = "yes";
})();
