/* The map in the frame: draws the layers that coverage/web/maps/layers.py made, and tells Streamlit what was clicked.
 *
 * Text of users (names of villages, assets, owners) only ever becomes text content of an element, never HTML.
 * folium writes two calls: jangkau.start(map, config) once, and jangkau.show(choice) whenever something was chosen.
 */
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const FAR = 11.25;          // below this zoom symbols are small
  const FARTHEST = 10;        // and below this one very small
  const NAMED_FROM = 8.5;     // where a map goes that far out, subdistricts have no names
  const NAMES_FROM = 12.5;    // from this zoom villages carry their names
  const NAMES_AT_MOST = 160;
  const CANVAS_FROM = 2500;   // more villages than this are drawn on a canvas, without a hatch

  let map = null;
  let config = null;
  let number = null;
  let choice = { rule: null, village: null, fly: 0, drawing: null };
  let flown = 0;
  let moved = false;
  let villages = null;        // the layer
  let byCode = {};            // its parts by code
  let rules = [];
  let plan = null;            // what is built where and in which year, where a plan is shown
  let selection = null;
  let pin = null;
  let hovered = null;
  const landCounts = {};      // forests and waters by kind
  const assetGroups = {};     // by kind: {features, layer, shown}
  let names = null;
  let landmarks = null;       // likewise
  let pockets = null;         // the layer, once the map was near enough
  let legend = null;
  let relief = null;
  let picture = null;         // the signal: {url, layer}
  let drawn = null;           // the rest of what is laid over it
  let measured = null;        // {url, layer}
  let base = null;            // the base map: {layer, rename}
  let pictures = null;        // raster tiles of the office, or of an outside server
  let tools = null;           // measuring and the like
  let figure = null;          // what villages are painted by in place of their state: {name, of, breaks}
  let paint = 1;              // opacity of the villages' colours, by hand
  let veil = 1;               // how much of the villages' colours is left over what they lie on
  let sought = "[]";          // the places that the map has gone to

  // ------------------------------------------------------------------ elements

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined && text !== null) { made.textContent = String(text); }
    return made;
  }

  function shape(name, attributes) {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  }

  const SHAPES = {
    circle: () => shape("circle", { cx: 8, cy: 8, r: 5.5 }),
    square: () => shape("rect", { x: 3, y: 3, width: 10, height: 10 }),
    triangle: () => shape("path", { d: "M8 1.6 14.6 13.6H1.4Z" }),
    diamond: () => shape("path", { d: "M8 1 15 8 8 15 1 8Z" }),
    star: () => shape("path", { d: "M8 1l2.1 4.6 5 .5-3.8 3.3 1.1 4.9L8 11.8l-4.4 2.5 1.1-4.9L.9 6.1l5-.5Z" }),
    cross: () => shape("path", { d: "M5.6 1.5h4.8v4.1h4.1v4.8h-4.1v4.1H5.6v-4.1H1.5V5.6h4.1Z" }),
    line: () => shape("path", { d: "M1 13 6 6l4 3 5-7" }),
  };

  /** Picture of a kind of asset; hollow where it is not in operation. */
  function symbol(kind, hollow) {
    const sign = config.signs[kind] || { shape: "circle", colour: "#444444", size: 1 };
    const size = Math.round(14 * sign.size);
    const picture = shape("svg", { viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" });
    const drawn = (SHAPES[sign.shape] || SHAPES.circle)();
    if (sign.shape === "line") {
      drawn.setAttribute("fill", "none");
      drawn.setAttribute("stroke", sign.colour);
      drawn.setAttribute("stroke-width", "2.4");
    } else {
      drawn.setAttribute("fill", hollow ? "#FFFFFF" : sign.colour);
      drawn.setAttribute("stroke", hollow ? sign.colour : "#FFFFFF");
      drawn.setAttribute("stroke-width", hollow ? "2" : "1.2");
    }
    picture.appendChild(drawn);
    return picture;
  }

  /** A patch of a state's colour, hatched where it is a blank spot. */
  function swatch(state) {
    return element("span", "jk-swatch jk-" + state);
  }

  // ------------------------------------------------------------------ villages

  function stateOf(feature) {
    const at = rules.indexOf(choice.rule);
    return feature.properties.states[at < 0 ? 0 : at] || "unknown";
  }

  function isPossible(feature) {
    const at = rules.indexOf(choice.rule);
    return Boolean((feature.properties.possible || [])[at < 0 ? 0 : at]);
  }

  /** What a state is called under the chosen rule, of a village with few in reach. */
  function called(state, few) {
    const some = state === "served" && config.text.some[choice.rule];
    return some ? some[few ? 1 : 0] : config.text.states[state];
  }

  function plannedIn(feature) {
    return plan && plan.villages[feature.properties.code];
  }

  function plain(feature) {
    const state = choice.drawing && choice.drawing.states[feature.properties.code];
    if (!state) { return { fillColor: "#FFFFFF", fillOpacity: 0, color: "#2B3946", weight: 0.7, opacity: 0.7 }; }
    return { fillColor: config.colours[state], fillOpacity: 0.75, color: "#0B2239", weight: 2.5, opacity: 1 };
  }

  function style(feature) {
    if (config.marks) { return { fillColor: "#FFFFFF", fillOpacity: 0.75, color: "#AAB6C1", weight: 0.8, opacity: 1 }; }
    if (config.shows === "signal") { return plain(feature); }
    const built = plannedIn(feature);
    if (built) { return outcomeStyle(built); }
    const state = stateOf(feature);
    if (plan) {
      const left = state === "blank" || state === "weak";
      const hatched = state === "blank" && !config.canvas;
      return { fillColor: hatched ? "url(#jk-hatch)" : left ? config.colours[state] : "#FFFFFF", fillOpacity: veil * (left ? 0.45 : 0.55),
        color: left ? config.outline : "#C3CCD4", weight: left ? 1 : 0.6, opacity: 1 };
    }
    const blank = state === "blank";
    const hatched = blank && !config.canvas;
    const possible = isPossible(feature);
    if (figure) {
      const at = classOf(figure.of[feature.properties.code]);
      return { fillColor: at < 0 ? config.colours.unknown : RAMP[at], fillOpacity: veil * 0.9, color: blank ? config.outline : "#FFFFFF",
        weight: blank ? 2 : 0.8, opacity: 1 };
    }
    return {
      fillColor: hatched ? "url(#jk-hatch)" : config.colours[state],
      fillOpacity: veil * { served: 0.5, weak: 0.8, blank: 1, unknown: 0.65 }[state],
      color: blank ? config.outline : possible ? config.possibleOutline : "#FFFFFF",
      weight: blank || possible ? 2 : 0.8,
      opacity: blank ? 1 : 0.95,
      dashArray: possible ? "5 4" : null,
    };
  }

  // ColorBrewer YlOrBr (5 classes): told apart without colour vision and in a black-and-white print.
  const RAMP = ["#FFFFD4", "#FED98E", "#FE9929", "#D95F0E", "#993404"];

  function classOf(value) {
    return value === null || value === undefined ? -1 : figure.breaks.filter((least) => value >= least).length - 1;
  }

  /** Paint the villages by a figure in classes of as many villages each; by their state without one. */
  async function paintBy(name) {
    figure = null;
    if (name) {
      const found = await fetched(config.figures);
      const values = found.figures[name];
      const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
      const parts = RAMP.map((_, k) => sorted[Math.floor(k * sorted.length / RAMP.length)]);
      figure = { name: name, of: Object.fromEntries(found.codes.map((code, at) => [code, values[at]])),
        breaks: [...new Set(parts)], most: sorted[sorted.length - 1] };
    }
    villages.setStyle(style);
    fillLegend();
  }

  function figureRows() {
    const rows = [];
    const said = (value) => (figure.name === "share_served" || figure.name.startsWith("share_")
      ? new Intl.NumberFormat(config.locale, { style: "percent", maximumFractionDigits: 0 }).format(value) : number.format(value));
    const counts = new Array(RAMP.length + 1).fill(0);
    Object.values(figure.of).forEach((value) => { counts[classOf(value) + 1] += 1; });
    figure.breaks.forEach((least, at) => {
      const patch = element("span", "jk-swatch");
      patch.style.background = RAMP[at];
      const most = at + 1 < figure.breaks.length ? figure.breaks[at + 1] : figure.most;
      rows.push(legendRow([patch, element("span", null, said(least) + " – " + said(most))], counts[at + 1]));
    });
    if (counts[0]) { rows.push(legendRow([element("span", "jk-swatch jk-unknown"), element("span", null, config.text.unstated)], counts[0])); }
    return rows;
  }

  /** What villages are painted by, and how strongly. */
  function paintRows(details) {
    const select = element("select", "jk-paint");
    select.setAttribute("aria-label", config.text.paint);
    const offered = ["state", ...config.figureNames];
    offered.forEach((name) => {
      const option = element("option", null, config.text.paint + ": " + (config.text.figures[name] || name));
      option.value = name === "state" ? "" : name;
      option.selected = figure ? figure.name === name : name === "state";
      select.appendChild(option);
    });
    select.addEventListener("change", () => paintBy(select.value));
    details.appendChild(select);
    if (figure) { figureRows().forEach((row) => details.appendChild(row)); }
    if (!figure && !base && !pictures) { return; }
    const row = element("div", "jk-row");
    const range = element("input");
    Object.assign(range, { type: "range", min: 0, max: 100, step: 5, value: 100 * paint });
    range.setAttribute("aria-label", config.text.opacity);
    range.addEventListener("input", () => { paint = range.value / 100; lift(); });
    row.appendChild(element("span", null, config.text.opacity));
    row.appendChild(range);
    details.appendChild(row);
  }

  /** Paler and dashed where the plan serves a village in part or at one point; outlined where it is on the official list. */
  function outcomeStyle(built) {
    const full = built.outcome === "served" || !built.outcome;
    return { fillColor: config.plan.colours[built.year], fillOpacity: veil * ({ partly: 0.5, one_point: 0.12 }[built.outcome] || 0.95),
      color: built.left ? config.outline : "#0B2239", weight: built.left ? 3 : 1.4, dashArray: full ? null : built.outcome === "partly" ? "8 4" : "2 4", opacity: 1 };
  }

  function hatch(renderer) {
    const definitions = shape("defs", {});
    const pattern = shape("pattern", { id: "jk-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)" });
    pattern.appendChild(shape("rect", { width: 7, height: 7, fill: config.colours.blank }));
    pattern.appendChild(shape("rect", { width: 2, height: 7, fill: config.outline }));
    definitions.appendChild(pattern);
    renderer._container.insertBefore(definitions, renderer._container.firstChild);
  }

  function addVillages(data) {
    rules = data.rules;
    config.canvas = data.features.length > CANVAS_FROM;
    const renderer = config.canvas ? L.canvas({ padding: 0.5 }) : L.svg({ padding: 0.5 });
    villages = L.geoJSON(data, {
      renderer: renderer,
      style: style,
      onEachFeature: (feature, layer) => { byCode[feature.properties.code] = layer; },
    });
    villages.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      choose(event.layer.feature.properties.code, event.latlng);
    });
    villages.on("mouseover", (event) => hover(event.layer));
    villages.on("mouseout", () => hover(null));
    villages.on("mousemove", (event) => { if (hovered) { hovered.setLatLng(event.latlng); } });
    villages.addTo(map);
    if (!config.canvas) { hatch(renderer); }
    blankToFront();
  }

  function blankToFront() {
    if (config.marks) { return; }
    villages.eachLayer((layer) => { if (isPossible(layer.feature)) { layer.bringToFront(); } });
    villages.eachLayer((layer) => { if (stateOf(layer.feature) === "blank") { layer.bringToFront(); } });
  }

  function hover(layer) {
    if (hovered) { hovered.remove(); hovered = null; }
    if (!layer || !window.matchMedia("(hover: hover)").matches) { return; }
    const facts = layer.feature.properties;
    const state = stateOf(layer.feature);
    const text = element("div");
    text.appendChild(element("strong", null, facts.name));
    text.appendChild(element("span", null, config.text.subdistrict.replace("{name}", facts.subdistrict)));
    if (!config.marks) {
      const line = element("span", "jk-state");
      line.appendChild(swatch(state));
      line.appendChild(document.createTextNode(called(state, facts.few[Math.max(rules.indexOf(choice.rule), 0)]) +
        (isPossible(layer.feature) ? " · " + config.text.possible : "")));
      text.appendChild(line);
    }
    const built = plannedIn(layer.feature);
    if (built) {
      text.appendChild(element("span", null, built.year + " · " + config.plan.measures[built.measure]));
      text.appendChild(element("span", null, built.said));
    }
    hovered = L.tooltip({ direction: "top", offset: [0, -6], className: "jk-tip" })
      .setLatLng(layer.getBounds().getCenter()).setContent(text).addTo(map);
  }

  function select(code) {
    if (selection) { selection.remove(); selection = null; }
    const layer = code && byCode[code];
    if (!layer || config.shows === "signal") { return; }
    const halo = L.geoJSON(layer.feature, { pane: "chosen", interactive: false,
      style: { fill: false, color: "#FFFFFF", weight: 7, opacity: 0.95 } });
    const line = L.geoJSON(layer.feature, { pane: "chosen", interactive: false,
      style: { fill: false, color: "#0B2239", weight: 3.5, opacity: 1 } });
    selection = L.layerGroup([halo, line]).addTo(map);
  }

  function choose(code, latlng) {
    if (tools.take(latlng)) { return; }
    choice.village = code;
    select(code);
    tell({ village: code, asset: null, lat: latlng.lat, lon: latlng.lng });
  }

  function tell(value) {
    if (window.Streamlit) { window.Streamlit.setComponentValue(Object.assign({ at: Date.now() }, value)); }
  }

  // ------------------------------------------------------------------ labels and borders

  function label(text, at, className, pane) {
    return L.marker(at, {
      pane: pane, interactive: false, keyboard: false,
      icon: L.divIcon({ className: className, iconSize: [0, 0], html: element("span", null, text) }),
    });
  }

  function landPattern(kind) {
    const colour = config.landColours[kind];
    const pattern = shape("pattern", { id: "jk-land-" + kind, width: 8, height: 8, patternUnits: "userSpaceOnUse",
      patternTransform: kind === "water" ? "rotate(90)" : "rotate(-45)" });
    pattern.appendChild(shape("rect", { width: 8, height: 8, fill: colour, "fill-opacity": 0.12 }));
    pattern.appendChild(shape("rect", { width: 1.6, height: 8, fill: colour, "fill-opacity": 0.85 }));
    return pattern;
  }

  /** Forests and waters, which are no villages: hatched over the villages that they lie in. */
  function addOtherLand(data) {
    const renderer = L.svg({ pane: "land", padding: 0.5 });
    L.geoJSON(data, { pane: "land", interactive: false, renderer: renderer, style: (feature) => ({
      fillColor: "url(#jk-land-" + feature.properties.land + ")", fillOpacity: 1, weight: 1, opacity: 0.9,
      color: config.landColours[feature.properties.land], dashArray: "4 3" }) }).addTo(map);
    const definitions = shape("defs", {});
    Object.keys(config.landColours).forEach((kind) => definitions.appendChild(landPattern(kind)));
    renderer._container.insertBefore(definitions, renderer._container.firstChild);
    data.features.forEach((feature) => {
      landCounts[feature.properties.land] = (landCounts[feature.properties.land] || 0) + 1;
    });
    fillLegend();
  }

  function landRow(kind) {
    const picture = shape("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
    const definitions = shape("defs", {});
    const pattern = landPattern(kind);
    pattern.id = "jk-legend-" + kind;
    definitions.appendChild(pattern);
    picture.appendChild(definitions);
    picture.appendChild(shape("rect", { width: 16, height: 16, fill: "url(#jk-legend-" + kind + ")",
      stroke: config.landColours[kind] }));
    const box = element("span", "jk-picture");
    box.appendChild(picture);
    return legendRow([box, element("span", null, config.text.land[kind])], landCounts[kind]);
  }

  function addSubdistricts(data) {
    L.geoJSON(data, { pane: "borders", interactive: false,
      style: { fill: false, color: "#FFFFFF", weight: 3.2, opacity: 0.9 } }).addTo(map);
    L.geoJSON(data, { pane: "borders", interactive: false,
      style: { fill: false, color: "#44525F", weight: 1.1, opacity: 0.9 } }).addTo(map);
    data.features.forEach((feature) =>
      label(feature.properties.name, feature.properties.at, "jk-label jk-subdistrict", "labels").addTo(map));
  }

  function nameVillages() {
    names.clearLayers();
    if (!villages || map.getZoom() < NAMES_FROM) { return; }
    const seen = map.getBounds();
    Object.values(byCode).map((layer) => layer.feature.properties)
      .filter((facts) => seen.contains(facts.at)).slice(0, NAMES_AT_MOST)
      .forEach((facts) => names.addLayer(label(facts.name, facts.at, "jk-label jk-village", "labels")));
  }

  /** Pockets without service, from where villages carry their names on, under the rule that found them. */
  async function showPockets() {
    const near = () => choice.rule === config.pocketRule && map.getZoom() >= NAMES_FROM;
    const wanted = () => config.pockets && near();
    showLandmarks(near);
    if (wanted() && !pockets) {
      pockets = L.geoJSON(null, { pane: "pockets", interactive: false,
        style: { fill: false, color: config.outline, weight: 1.8, opacity: 0.9, dashArray: "2 4" } });
      pockets.addData(await fetched(config.pockets));
    }
    if (!pockets) { return; }
    if (wanted()) { pockets.addTo(map); } else { pockets.remove(); }
    map.getContainer().classList.toggle("jk-pockets", Boolean(wanted()));
    if (!wanted()) { return; }
    const seen = map.getBounds();
    pockets.eachLayer((layer) => {
      const facts = layer.feature.properties;
      if (facts.people === null || !seen.contains(facts.at)) { return; }
      const text = config.text.pocket.replace("{people}", number.format(facts.people));
      names.addLayer(label(text, facts.at, "jk-label jk-pocket", "labels"));
    });
    spread();
  }

  /** Hamlets and service points with their state, where pockets are shown; hamlets, and closer by all, with names. */
  async function showLandmarks(near) {
    if (near() && config.landmarks && !landmarks) {
      landmarks = L.geoJSON(null, { pointToLayer: (feature, at) => L.circleMarker(at, { pane: "assets",
        radius: feature.properties.hamlet ? 4 : 5, weight: 1.5, color: "#22303D", interactive: false,
        fillColor: config.colours[feature.properties.state], fillOpacity: 1,
        dashArray: feature.properties.hamlet ? null : "2 2" }) });
      landmarks.addData(await fetched(config.landmarks));
    }
    if (!landmarks) { return; }
    if (!near()) { landmarks.remove(); return; }
    landmarks.addTo(map);
    const seen = map.getBounds();
    const named = [];
    landmarks.eachLayer((layer) => {
      const facts = layer.feature.properties;
      if (seen.contains(layer.getLatLng()) && (facts.hamlet || map.getZoom() > NAMES_FROM + 1)) { named.push(layer); }
    });
    named.slice(0, NAMES_AT_MOST).forEach((layer) =>
      names.addLayer(label(layer.feature.properties.name, layer.getLatLng(), "jk-label jk-landmark", "labels")));
    spread();
  }

  // ------------------------------------------------------------------ the plan

  /** Routes and new places by year, each village of the plan with its year. */
  function addPlan(data) {
    L.geoJSON(data.lines, { pane: "routes", interactive: false,
      style: (feature) => ({ color: config.plan.colours[feature.properties.year], weight: 3.5, opacity: 1 }) }).addTo(map);
    data.sites.forEach((at, index) => {
      L.circleMarker(at, { pane: "assets", radius: 7, color: "#FFFFFF", weight: 2, fillColor: "#882255", fillOpacity: 1, interactive: false }).addTo(map);
      label(String(index + 1), at, "jk-label jk-place", "labels").addTo(map);
    });
    villages.eachLayer((layer) => {
      const built = plannedIn(layer.feature);
      if (built && built.left) { layer.bringToFront(); }
      if (built) { label(String(built.year), layer.feature.properties.at, "jk-label jk-year", "labels").addTo(map); }
    });
  }

  function planLegend(details) {
    const title = element("h2", null, config.plan.title);
    details.appendChild(title);
    const counts = {};
    Object.values(plan.villages).forEach((built) => { counts[built.year] = (counts[built.year] || 0) + 1; });
    config.plan.years.forEach((year) => {
      const patch = element("span", "jk-swatch");
      patch.style.background = config.plan.colours[year];
      details.appendChild(legendRow([patch, element("span", null, String(year))], counts[year] || 0));
    });
    const built = Object.values(plan.villages);
    if (!built.length) { return; }
    details.appendChild(element("h2", null, config.plan.after));
    config.plan.outcomes.forEach(([name, label]) => {
      const found = built.filter((one) => name === "left" ? one.left : one.outcome === name);
      if (!found.length) { return; }
      const shown = outcomeStyle({ year: config.plan.years[0], outcome: name === "left" ? "one_point" : name, left: name === "left" });
      const patch = element("span", "jk-swatch");
      patch.style.background = "color-mix(in srgb, " + shown.fillColor + " " + 100 * shown.fillOpacity + "%, #FFFFFF)";
      patch.style.border = (name === "left" ? "3px" : "1px") + (shown.dashArray ? " dashed " : " solid ") + shown.color;
      details.appendChild(legendRow([patch, element("span", null, label)], found.length));
    });
  }

  // ------------------------------------------------------------------ assets

  function assetMarker(feature) {
    const facts = feature.properties;
    const hollow = facts.status !== "operational";
    let made;
    if (feature.geometry.type === "Point") {
      const [lon, lat] = feature.geometry.coordinates;
      made = L.marker([lat, lon], {
        keyboard: false, pane: "assets",
        icon: L.divIcon({ className: "jk-asset", iconSize: [16, 16], html: symbol(facts.kind, hollow) }),
      });
    } else {
      const sign = config.signs[facts.kind] || { colour: "#444444" };
      made = L.geoJSON(feature, { pane: "routes",
        style: { color: sign.colour, weight: 2, opacity: 0.75, dashArray: hollow ? "6 5" : null } });
    }
    made.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      if (tools.take(event.latlng)) { return; }
      tell({ village: null, asset: facts.id, lat: event.latlng.lat, lon: event.latlng.lng });
    });
    made.on("mouseover", (event) => {
      hover(null);
      if (!window.matchMedia("(hover: hover)").matches) { return; }
      const text = element("div");
      text.appendChild(element("strong", null, facts.name || facts.id));
      text.appendChild(element("span", null, config.text.kinds[facts.kind] + " · " + config.text.statuses[facts.status] + (facts.outside ? " · " + config.text.outside : "")));
      if (facts.sample) { text.appendChild(element("span", "jk-mark", config.text.sample)); }
      hovered = L.tooltip({ direction: "top", offset: [0, -8], className: "jk-tip" })
        .setLatLng(event.latlng).setContent(text).addTo(map);
    });
    made.on("mouseout", () => hover(null));
    return made;
  }

  function clusterIcon(kind) {
    return (cluster) => {
      const made = element("div", "jk-many-in");
      made.appendChild(symbol(kind, false));
      made.appendChild(element("span", null, number.format(cluster.getChildCount())));
      return L.divIcon({ className: "jk-many", iconSize: [44, 24], html: made });
    };
  }

  function showKind(kind, wanted) {
    const group = assetGroups[kind];
    if (!group) { return; }
    if (wanted && !group.layer) {
      const many = group.features.length > config.clusterFrom;
      group.layer = many
        ? L.markerClusterGroup({ clusterPane: "assets", showCoverageOnHover: false, maxClusterRadius: 46, chunkedLoading: true,
          disableClusteringAtZoom: 14, iconCreateFunction: clusterIcon(kind) })
        : L.layerGroup();
      const made = group.features.map(assetMarker);
      if (many) { group.layer.addLayers(made); } else { made.forEach((marker) => group.layer.addLayer(marker)); }
    }
    group.shown = wanted;
    if (wanted) { group.layer.addTo(map); } else if (group.layer) { group.layer.remove(); }
  }

  function addAssets(data) {
    data.features.forEach((feature) => {
      const kind = feature.properties.kind;
      (assetGroups[kind] = assetGroups[kind] || { features: [], layer: null, shown: false }).features.push(feature);
    });
    config.kinds.filter((kind) => assetGroups[kind])
      .forEach((kind) => showKind(kind, !config.plan && config.shownKinds.includes(kind)));
  }

  // ------------------------------------------------------------------ marks: places of a list that is not taken in yet

  const MARKS = {
    new: { radius: 6, weight: 1.5, color: "#FFFFFF", fillColor: "#0072B2", fillOpacity: 1 },
    changed: { radius: 6.5, weight: 2.5, color: "#5B3A00", fillColor: "#E69F00", fillOpacity: 1 },
    unchanged: { radius: 4, weight: 1, color: "#FFFFFF", fillColor: "#6B7780", fillOpacity: 1 },
    missing: { radius: 6, weight: 2.5, color: "#AA3377", fillColor: "#FFFFFF", fillOpacity: 1 },
    refused: { radius: 5, weight: 3, color: "#D55E00", fillColor: "#FFFFFF", fillOpacity: 1 },
    before: { radius: 5, weight: 3, color: "#D55E00", fillColor: "#FFFFFF", fillOpacity: 1 },
    after: { radius: 6, weight: 1.5, color: "#FFFFFF", fillColor: "#0072B2", fillOpacity: 1 },
    accepted: { radius: 6, weight: 1.5, color: "#FFFFFF", fillColor: "#009E73", fillOpacity: 1 },
  };
  const CLOSE_FROM = 1500;    // more marks than this are drawn smaller
  const markCounts = {};
  let marksBeside = 0;        // marks so far from the region that the map does not open on them

  function markPicture(group) {
    const look = MARKS[group];
    const picture = shape("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
    picture.appendChild(shape("circle", { cx: 8, cy: 8, r: look.radius - 0.5, fill: look.fillColor,
      stroke: look.color, "stroke-width": look.weight }));
    return picture;
  }

  function sayMark(made, facts) {
    made.on("mouseover click", (event) => {
      hover(null);
      const text = element("div");
      text.appendChild(element("strong", null, new Map(config.groups).get(facts.group)));
      facts.said.forEach((line) => text.appendChild(element("span", null, line)));
      hovered = L.tooltip({ direction: "top", offset: [0, -8], className: "jk-tip" })
        .setLatLng(event.latlng).setContent(text).addTo(map);
      L.DomEvent.stopPropagation(event);
    });
    made.on("mouseout", () => hover(null));
    return made;
  }

  function addMarks(data) {
    const renderer = L.canvas({ padding: 0.5, pane: "assets" });
    const far = L.latLngBounds([]);
    const around = L.latLngBounds(config.bounds).pad(0.5);
    const see = (bounds, group) => { if (group === "before" || around.intersects(bounds)) { far.extend(bounds); } else { marksBeside += 1; } };
    marksBeside = 0;
    const order = Object.keys(MARKS);
    const size = data.features.length > CLOSE_FROM ? 0.6 : 1;
    data.features.slice().sort((a, b) => order.indexOf(b.properties.group) - order.indexOf(a.properties.group))
      .forEach((feature) => {
        const facts = feature.properties;
        const look = Object.assign({}, MARKS[facts.group]);
        look.radius *= size;
        look.weight *= size;
        markCounts[facts.group] = (markCounts[facts.group] || 0) + 1;
        if (feature.geometry.type === "Point") {
          const [lon, lat] = feature.geometry.coordinates;
          if (facts.to) {
            L.polyline([[lat, lon], facts.to], { renderer: renderer, interactive: false, color: "#44525F", weight: 1.5,
              dashArray: "5 5" }).addTo(map);
          }
          see(L.latLngBounds([lat, lon], [lat, lon]), facts.group);
          sayMark(L.circleMarker([lat, lon], Object.assign({ renderer: renderer }, look)), facts).addTo(map);
        } else {
          const color = look.fillColor === "#FFFFFF" ? look.color : look.fillColor;
          const made = L.geoJSON(feature, { renderer: renderer, style: { color: color, weight: 3 } });
          see(made.getBounds(), facts.group);
          sayMark(made, facts).addTo(map);
        }
      });
    if (far.isValid() && !L.latLngBounds(config.bounds).contains(far)) {
      map.setMinZoom(3);
      map.fitBounds(far.extend(config.bounds), { padding: [30, 30], animate: false });
      moved = true;
    }
  }

  // ------------------------------------------------------------------ what is laid over it

  function showRelief(wanted) {
    if (wanted && !relief) {
      relief = L.imageOverlay(config.relief.url, config.relief.bounds, { pane: "relief", interactive: false });
    }
    if (relief && wanted) { relief.addTo(map); } else if (relief) { relief.remove(); }
  }

  function showPicture(wanted, opacity) {
    if (picture && (!wanted || picture.url !== wanted.url)) { picture.layer.remove(); picture = null; }
    if (!wanted) { return; }
    if (!picture) {
      const layer = L.imageOverlay(wanted.url, wanted.bounds, { pane: "picture", interactive: false, className: "jk-signal" });
      picture = { url: wanted.url, layer: layer.addTo(map) };
    }
    picture.layer.setOpacity(opacity);
  }

  function badge(at, className, child, title) {
    const box = element("div", "jk-badge " + className);
    if (typeof child === "string") { box.textContent = child; } else if (child) { box.appendChild(child); }
    return L.marker(at, { pane: "links", interactive: Boolean(title), keyboard: false, title: title || "",
      icon: L.divIcon({ className: "jk-badge-place", iconSize: [0, 0], html: box }) });
  }

  function draw() {
    if (drawn) { drawn.remove(); drawn = null; }
    const wanted = choice.drawing;
    showPicture(wanted && wanted.picture, wanted ? wanted.opacity : 1);
    showMeasured(wanted && wanted.measured);
    if (!wanted) { return; }
    const parts = [];
    if (wanted.line) {
      parts.push(L.polyline(wanted.line, { pane: "links", interactive: false, color: "#FFFFFF", weight: 5 }));
      parts.push(L.polyline(wanted.line, { pane: "links", interactive: false, color: "#0B2239", weight: 2.2 }));
    }
    if (wanted.blocked) { parts.push(badge(wanted.blocked, "jk-blocked", "×")); }
    wanted.sites.forEach((at, rank) => parts.push(
      badge(at, "jk-site", String(rank + 1), config.text.site.replace("{rank}", number.format(rank + 1)))));
    wanted.proposed.forEach((one) => parts.push(badge(one.at, "jk-proposed", symbol(one.kind, true))));
    if (wanted.point) { parts.push(badge(wanted.point, "jk-point")); }
    drawn = L.layerGroup(parts).addTo(map);
    const found = JSON.stringify(wanted.sites);
    if (found !== sought && wanted.sites.length) {
      map.fitBounds(L.latLngBounds(wanted.sites), { padding: [60, 60], maxZoom: 13, animate: false });
    }
    sought = found;
  }

  function showMeasured(url) {
    if (measured && measured.url !== url) { measured.layer.remove(); measured = null; }
    if (!url || measured) { return; }
    const group = L.layerGroup().addTo(map);
    measured = { url: url, layer: group };
    fetched(url).then((data) => data.features.forEach((feature) => {
      const [lon, lat] = feature.geometry.coordinates;
      group.addLayer(L.circleMarker([lat, lon], { pane: "links", radius: 5, color: "#0B2239", weight: 1.5, fillOpacity: 1,
        interactive: false, fillColor: config.classColours[feature.properties.class].replace(/,[^,]*\)$/, ", 1)") }));
    }));
  }

  // ------------------------------------------------------------------ legend

  function reliefRow() {
    const row = element("label", "jk-row");
    const box = element("input");
    box.type = "checkbox";
    box.checked = Boolean(relief && map.hasLayer(relief));
    box.addEventListener("change", () => showRelief(box.checked));
    row.appendChild(box);
    row.appendChild(element("span", null, config.text.relief));
    return row;
  }

  /** Switches of what the villages lie on. */
  function groundRows() {
    return [[base && base.layer, config.text.basemap], [pictures, config.text.pictures]].filter(([layer]) => layer).map(([layer, text]) => {
      const row = element("label", "jk-row");
      const box = element("input");
      box.type = "checkbox";
      box.checked = map.hasLayer(layer);
      box.addEventListener("change", () => { if (box.checked) { layer.addTo(map); } else { layer.remove(); } lift(); spread(); });
      row.appendChild(box);
      row.appendChild(element("span", null, text));
      return row;
    });
  }

  function signalRows() {
    const rows = config.classes.map((name) => {
      const patch = element("span", "jk-swatch jk-class");
      patch.style.backgroundColor = config.classColours[name];
      const row = element("div", "jk-row");
      row.appendChild(patch);
      row.appendChild(element("span", null, config.text.classes[name]));
      return row;
    });
    if (choice.drawing && Object.keys(choice.drawing.states).length) {
      const row = element("div", "jk-row");
      row.appendChild(element("span", "jk-swatch jk-changed"));
      row.appendChild(element("span", null, config.text.changed));
      rows.push(row);
    }
    if (choice.drawing && choice.drawing.measured) {
      const row = element("div", "jk-row");
      row.appendChild(element("span", "jk-measured"));
      row.appendChild(element("span", null, config.text.measured));
      rows.push(row);
    }
    rows.push(element("p", null, config.text.signalNote));
    return rows;
  }

  function stateCounts() {
    const counts = { served: 0, weak: 0, blank: 0, unknown: 0 };
    villages.eachLayer((layer) => { if (!plannedIn(layer.feature)) { counts[stateOf(layer.feature)] += 1; } });
    return counts;
  }

  function legendRow(parts, count) {
    const row = element("div", "jk-row");
    parts.forEach((part) => row.appendChild(part));
    row.appendChild(element("span", "jk-count", number.format(count)));
    return row;
  }

  function assetCount(features) {   // those outside the region apart
    const outside = features.filter((feature) => feature.properties.outside).length;
    const inside = number.format(features.length - outside);
    return outside ? config.text.andOutside.replace("{count}", inside).replace("{outside}", number.format(outside)) : inside;
  }

  function fillLegend() {
    const box = legend.getContainer();
    const open = box.firstChild ? box.firstChild.open : map.getSize().x > 560;
    const details = element("details");
    details.open = open;
    details.appendChild(element("summary", null, config.text.legend));
    if (config.marks) {
      config.groups.forEach(([group, caption]) => {
        const picture = element("span", "jk-picture");
        picture.appendChild(markPicture(group));
        details.appendChild(legendRow([picture, element("span", null, caption)], markCounts[group] || 0));
      });
      if (marksBeside) { details.appendChild(element("p", null, config.text.beside.replace("{count}", number.format(marksBeside)))); }
      box.replaceChildren(details);
      return;
    }
    if (plan && config.plan.years.length) { planLegend(details); }
    const withSignal = config.shows === "signal";
    if (config.figureNames && !plan && !withSignal && villages) { paintRows(details); }
    const title = plan && config.plan.years.length ? config.plan.left : withSignal ? config.text.signalTitle : config.text.statesTitle;
    const listsStates = config.legendStates || plan || withSignal;   // page Peta counts them above the map
    if (listsStates) { details.appendChild(element("h2", null, title)); }
    if (withSignal) { signalRows().forEach((row) => details.appendChild(row)); }
    const counts = stateCounts();
    config.states.filter((state) => listsStates && !withSignal && (!plan || state === "weak" || state === "blank")).forEach((state) =>
      details.appendChild(legendRow([swatch(state), element("span", null, called(state))], counts[state])));
    const possible = withSignal || plan || figure || !villages ? 0 : villages.getLayers().filter((layer) => isPossible(layer.feature)).length;
    if (possible) { details.appendChild(legendRow([element("span", "jk-swatch jk-possible"), element("span", null, config.text.possibleLegend)], possible)); }
    groundRows().forEach((row) => details.appendChild(row));
    if (config.relief) { details.appendChild(reliefRow()); }
    const land = Object.keys(landCounts);
    if (land.length) { details.appendChild(element("h2", null, config.text.landTitle)); }
    land.forEach((kind) => details.appendChild(landRow(kind)));
    const kinds = config.kinds.filter((kind) => assetGroups[kind]);
    if (kinds.length) {
      const title = element("h2", null, config.text.assetsTitle);
      if (config.sampleAssets) { title.appendChild(element("span", "jk-mark", config.text.sample)); }
      details.appendChild(title);
    }
    kinds.forEach((kind) => {
      const row = element("label", "jk-row");
      const box = element("input");
      box.type = "checkbox";
      box.checked = assetGroups[kind].shown;
      box.addEventListener("change", () => showKind(kind, box.checked));
      const picture = element("span", "jk-picture");
      picture.appendChild(symbol(kind, false));
      [box, picture, element("span", null, config.text.kinds[kind]),
        element("span", "jk-count", assetCount(assetGroups[kind].features))].forEach((part) => row.appendChild(part));
      details.appendChild(row);
    });
    if (kinds.length && !plan) { details.appendChild(element("p", null, config.text.hollow)); }
    if (config.landmarks && !plan) { details.appendChild(element("p", null, config.text.landmarks)); }
    box.style.display = details.children.length > 1 ? "" : "none";   // nothing to explain
    box.replaceChildren(details);
  }

  function addLegend() {
    const Legend = L.Control.extend({
      onAdd: () => {
        const box = element("div", "jk-legend leaflet-control");
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
      },
    });
    legend = new Legend({ position: "bottomleft" }).addTo(map);
  }

  // ------------------------------------------------------------------ view

  function whole() {
    const wide = map.getSize().x > 560;   // room for the legend beside the region, where there is room
    map.fitBounds(config.bounds, { paddingTopLeft: [wide ? 205 : 10, 12], paddingBottomRight: [wide ? 12 : 10, wide ? 12 : 48], animate: false });
    moved = false;
  }

  function addControls() {
    map.attributionControl.setPrefix(false);
    tools = window.jangkauTools(map, config.text, config.locale, element);
    if (config.text.attribution) { map.attributionControl.addAttribution(config.text.attribution); }
    L.control.zoom({ position: "topleft", zoomInTitle: config.text.zoomIn, zoomOutTitle: config.text.zoomOut }).addTo(map);
    const Home = L.Control.extend({
      onAdd: () => {
        const box = element("div", "leaflet-bar leaflet-control");
        const button = element("a", "jk-home");
        button.href = "#";
        button.title = config.text.whole;
        button.setAttribute("role", "button");
        button.setAttribute("aria-label", config.text.whole);
        const picture = shape("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" });
        picture.appendChild(shape("path", { d: "M1.5 8 8 2l6.5 6M3.5 7v6.5h9V7M6.5 13.5v-4h3v4", fill: "none",
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

  /** Hide labels that would lie over one another; the ones drawn first stay. */
  function spread() {
    const kept = [];
    map.getPane("labels").querySelectorAll("span").forEach((text) => {
      text.style.visibility = "";
      const box = text.getBoundingClientRect();
      const hits = kept.some((other) => box.left < other.right + 3 && other.left < box.right + 3
        && box.top < other.bottom && other.top < box.bottom);
      if (hits) { text.style.visibility = "hidden"; } else { kept.push(box); }
    });
    if (base) { base.rename(kept, new Set([...map.getPane("labels").querySelectorAll("span")].map((text) => text.textContent.toLowerCase()))); }
  }

  /** Let what the villages lie on show through, the more the nearer. */
  function lift() {
    const shown = [base && base.layer, pictures].some((layer) => layer && map.hasLayer(layer));
    const zoom = map.getZoom();
    const wanted = paint * (!shown ? 1 : zoom < 11 ? 0.8 : zoom < 13 ? 0.55 : 0.4);
    if (wanted === veil) { return; }
    veil = wanted;
    if (villages) { villages.setStyle(style); }
  }

  async function credit(url) {
    (await fetched(url)).credits.forEach((line) => map.attributionControl.addAttribution(element("span", null, line).innerHTML));
  }

  /** What the villages lie on: tiles of an outside server that an administrator has set, the office's own, the base map. */
  function addGround() {
    const outside = config.tiles, own = config.pictures;
    if (outside) { pictures = L.tileLayer(outside.url, { attribution: outside.attribution, maxZoom: 18 }).addTo(map); }
    if (own) { pictures = L.tileLayer(own.url, { maxZoom: 18, maxNativeZoom: own.most, zIndex: 2 }).addTo(map); credit(own.credits); }
    if (config.basemap) {
      base = window.jangkauBasemap(map, config.basemap, spread);
      base.layer.addTo(map);
      credit(config.basemap.credits);
    }
  }

  function zoomed() {
    const box = map.getContainer();
    box.classList.toggle("jk-far", map.getZoom() < FAR);
    box.classList.toggle("jk-farthest", map.getZoom() < FARTHEST);
    map.getPane("labels").style.display = config.marks && map.getZoom() < NAMED_FROM ? "none" : "";
    box.classList.toggle("jk-near", map.getZoom() >= NAMES_FROM);
    lift();
    nameVillages();
    spread();
    showPockets();
  }

  function apply() {
    if (!villages) { return; }
    villages.setStyle(style);
    blankToFront();
    showPockets();
    draw();
    fillLegend();
    select(choice.village);
    mark(choice.pin);
    const layer = choice.village && byCode[choice.village];
    if (layer && choice.fly > flown) {
      map.fitBounds(layer.getBounds(), { padding: [40, 40], maxZoom: 13.5, animate: false });
      comeIntoView();
    }
    flown = Math.max(flown, choice.fly);
  }

  /** Mark the place that something is to be put at. */
  function mark(at) {
    if (pin) { pin.remove(); pin = null; }
    if (!at) { return; }
    pin = L.marker(at, { pane: "assets", interactive: false, keyboard: false, zIndexOffset: 1000,
      icon: L.divIcon({ className: "jk-pin", iconSize: [22, 22], html: element("span") }) }).addTo(map);
  }

  /** Where the map has been scrolled away, bring it back to whoever asked for a village from below it. */
  function comeIntoView() {
    const frame = window.frameElement;
    const box = frame && frame.getBoundingClientRect();
    if (box && box.width > 560 && box.top < -0.3 * box.height) { frame.scrollIntoView({ block: "center" }); }
  }

  async function fetched(url) {
    const answer = await fetch(url);
    if (!answer.ok) { throw new Error(url + " " + answer.status); }
    return answer.json();
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
    number = new Intl.NumberFormat(config.locale);
    document.documentElement.lang = config.language;
    Object.entries(config.colours).concat([["outline", config.outline]])
      .forEach(([name, colour]) => document.documentElement.style.setProperty("--jk-" + name, colour));
    map.options.maxZoom = 18;
    [["picture", 390], ["land", 403], ["pockets", 404], ["relief", 405], ["borders", 410], ["routes", 420], ["chosen", 430], ["links", 435], ["assets", 440],
      ["labels", 450]].forEach(([name, level]) => {
      map.createPane(name).style.zIndex = level;
      if (["picture", "land", "pockets", "relief", "borders", "chosen", "labels"].includes(name)) { map.getPane(name).style.pointerEvents = "none"; }
    });
    names = L.layerGroup().addTo(map);
    const layers = Promise.all([config.villages, config.subdistricts, config.assets, config.plan && config.plan.url, config.marks,
      config.other_land].map((url) => (url ? fetched(url) : null)));
    await stylesLoaded();
    addControls();
    addLegend();
    map.invalidateSize({ animate: false });
    whole();
    map.setMinZoom(Math.floor(map.getZoom()) - 1);
    if (config.view) {
      map.setView(config.view.slice(0, 2), config.view[2], { animate: false });
      moved = true;
    }
    map.on("dragstart zoomstart", () => { moved = true; });
    map.on("zoomend moveend viewreset", () => requestAnimationFrame(zoomed));  // once the labels are in their new places
    new ResizeObserver(() => {
      const still = !moved && flown === 0;
      map.invalidateSize({ animate: false });
      if (still) { whole(); }
    }).observe(map.getContainer());
    addGround();
    const [villageData, subdistrictData, assetData, planData, markData, landData] = await layers;
    plan = planData;
    addVillages(villageData);
    if (plan) { addPlan(plan); }
    addSubdistricts(subdistrictData);
    if (landData) { addOtherLand(landData); }
    if (assetData) { addAssets(assetData); }
    if (markData) { addMarks(markData); }
    if (config.showRelief && config.relief) { showRelief(true); }
    zoomed();
    apply();
    document.fonts.ready.then(spread);
    map.getContainer().classList.add("jk-ready");
  }

  function show(wanted) {
    choice = Object.assign({}, choice, wanted);
    apply();
  }

  /** What is seen, for a link: the place where the map was moved, and the layers. */
  function seen() {
    const at = map.getCenter();
    const kinds = Object.keys(assetGroups).filter((kind) => assetGroups[kind].shown);
    const layers = relief && map.hasLayer(relief) ? [...kinds, "medan"] : kinds;
    return Object.assign(moved ? { pandangan: [at.lat.toFixed(5), at.lng.toFixed(5), map.getZoom().toFixed(1)].join(",") } : {},
      Object.keys(assetGroups).length ? { lapis: layers.join(",") } : {});
  }

  window.jangkau = { start: start, show: show, seen: seen };
})();
