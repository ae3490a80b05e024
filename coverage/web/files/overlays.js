/* What lies over and under the villages: borders and names, forests and waters, pockets, hamlets, the hillshade, a signal. */
(function () {
  "use strict";

  const NAMES_FROM = 12.5;    // from this zoom villages carry their names
  const NAMES_AT_MOST = 160;

  window.jangkauOverlays = function (m) {
    const { map, config, number, choice, shape, label, badge, fetched } = m;
    const landCounts = {};      // forests and waters by kind
    const names = L.layerGroup().addTo(map);
    let landmarks = null;       // the layer, once the map was near enough
    let pockets = null;         // likewise
    let relief = null;
    let picture = null;         // the signal: {url, layer}
    let drawn = null;           // the rest of what is laid over it
    const points = {};          // measured points and circles of reach: {url, layer}
    let sought = "[]";          // the places that the map has gone to

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
      const layer = L.geoJSON(data, { pane: "land", interactive: false, renderer: renderer, style: (feature) => ({
        fillColor: "url(#jk-land-" + feature.properties.land + ")", fillOpacity: 1, weight: 1, opacity: 0.9,
        color: config.landColours[feature.properties.land], dashArray: "4 3" }) }).addTo(map);
      m.panel.add("land", config.text.layer.land, { show: switched(layer) });
      const definitions = shape("defs", {});
      Object.keys(config.landColours).forEach((kind) => definitions.appendChild(landPattern(kind)));
      renderer._container.insertBefore(definitions, renderer._container.firstChild);
      data.features.forEach((feature) => {
        landCounts[feature.properties.land] = (landCounts[feature.properties.land] || 0) + 1;
      });
      m.legend.fill();
    }

    function addSubdistricts(data) {
      const lines = [["#FFFFFF", 3.2], ["#44525F", 1.1]].map(([color, weight]) => L.geoJSON(data, { pane: "borders", interactive: false,
        style: { fill: false, color, weight, opacity: 0.9 } }));
      m.panel.add("borders", config.text.layer.borders, { show: switched(L.layerGroup(lines)) });
      data.features.forEach((feature) =>
        label(feature.properties.name, feature.properties.at, "jk-label jk-subdistrict", "labels").addTo(map));
    }

    function nameVillages() {
      names.clearLayers();
      if (!m.villages.layer || map.getZoom() < NAMES_FROM) { return; }
      const seen = map.getBounds();
      Object.values(m.villages.byCode).map((layer) => layer.feature.properties)
        .filter((facts) => seen.contains(facts.at)).slice(0, NAMES_AT_MOST)
        .forEach((facts) => names.addLayer(label(facts.name, facts.at, "jk-label jk-village", "labels")));
    }

    /** Pockets without service, from where villages carry their names on, under the rule that found them. */
    async function showPockets() {
      const near = () => choice.rule === config.pocketRule && map.getZoom() >= NAMES_FROM;
      const wanted = () => config.pockets && near() && m.panel.on("pockets");
      showLandmarks(() => near() && m.panel.on("landmarks"));
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
      m.spread();
    }

    /** Hamlets and service points with their state, where pockets are shown; hamlets, and closer by all, with names. */
    async function showLandmarks(near) {
      if (near() && config.landmarks && !landmarks) {
        landmarks = L.geoJSON(null, { pointToLayer: (feature, at) => L.circleMarker(at, { pane: "landmarks",
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
      m.spread();
    }

    function showRelief(wanted) {
      if (wanted && !relief) {
        relief = L.imageOverlay(config.relief.url, config.relief.bounds, { pane: "relief", interactive: false });
      }
      if (relief && wanted) { relief.addTo(map); } else if (relief) { relief.remove(); }
    }

    /** What the panel does with a layer that is here already. */
    function switched(layer) {
      return (on) => { if (on) { layer.addTo(map); } else { layer.remove(); } };
    }

    /** Offer what is drawn when the map is near enough, and the hillshade. */
    function offer() {
      const again = () => { nameVillages(); m.spread(); showPockets(); };
      ["pockets", "landmarks"].filter((name) => config[name]).forEach((name) => m.panel.add(name, config.text.layer[name], { show: again }));
      if (config.relief) { m.panel.add("relief", config.text.layer.relief, { on: false, show: showRelief }); }
      m.ground().forEach(([layer, name]) => m.panel.add(name, config.text.layer[name], { show: (on) => { switched(layer)(on); m.lift(); m.spread(); } }));
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

    function draw() {
      if (drawn) { drawn.remove(); drawn = null; }
      const wanted = choice.drawing;
      showPicture(wanted && wanted.picture, wanted ? wanted.opacity : 1);
      showPoints("measured", wanted && wanted.measured, measuredPoint);
      showPoints("circles", wanted && wanted.circles, reachCircle);
      m.trial.draw(wanted);
      if (!wanted) { return; }
      const parts = [];
      if (wanted.line) {
        parts.push(L.polyline(wanted.line, { pane: "links", interactive: false, color: "#FFFFFF", weight: 5 }));
        parts.push(L.polyline(wanted.line, { pane: "links", interactive: false, color: "#0B2239", weight: 2.2 }));
      }
      if (wanted.blocked) { parts.push(badge(wanted.blocked, "jk-blocked", "×")); }
      wanted.sites.forEach((at, rank) => parts.push(
        badge(at, "jk-site", String(rank + 1), config.text.site.replace("{rank}", number.format(rank + 1)))));
      if (wanted.point) { parts.push(badge(wanted.point, "jk-point")); }
      drawn = L.layerGroup(parts).addTo(map);
      const found = JSON.stringify(wanted.sites);
      if (found !== sought && wanted.sites.length) {
        map.fitBounds(L.latLngBounds(wanted.sites), { padding: [60, 60], maxZoom: 13, animate: false });
      }
      sought = found;
    }

    /** Points of a layer, each as ``mark`` makes it. */
    function showPoints(name, url, mark) {
      if (points[name] && points[name].url !== url) { points[name].layer.remove(); points[name] = null; }
      if (!url || points[name]) { return; }
      const group = L.layerGroup().addTo(map);
      points[name] = { url: url, layer: group };
      fetched(url).then((data) => data.features.forEach((feature) => {
        const [lon, lat] = feature.geometry.coordinates;
        group.addLayer(mark([lat, lon], feature.properties));
      }));
    }

    const measuredPoint = (at, facts) => L.circleMarker(at, { pane: "links", radius: 5, color: "#0B2239", weight: 1.5,
      fillOpacity: 1, interactive: false, fillColor: config.classColours[facts.class].replace(/,[^,]*\)$/, ", 1)") });
    const reachCircle = (at, facts) => L.circle(at, { pane: "picture", radius: facts.reach_m, color: "#0B2239", weight: 1.2,
      opacity: 0.7, fillColor: "#56B4E9", fillOpacity: 0.05, interactive: false });

    return { NAMES_FROM, landCounts, landPattern, addOtherLand, addSubdistricts, nameVillages, showPockets, draw, offer };
  };
})();
