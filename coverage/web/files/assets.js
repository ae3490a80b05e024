/* Assets by kind. */
(function () {
  "use strict";

  window.jangkauAssets = function (m) {
    const { map, config, number, element, symbol, tell, canHover } = m;
    const NEAR = 6;             // pixels beside a route that still open it
    const groups = {};          // by kind: {features, layer, shown}
    const hidden = new Set(m.panel.taken.hidden);   // statuses
    const usual = config.plan ? [] : config.shownKinds;

    const signs = {};           // symbols as pictures: as elements, hundreds of them slow every frame of a moved map

    function sign(kind, hollow) {
      const key = kind + hollow;
      if (!signs[key]) {
        const drawn = symbol(kind, hollow);
        signs[key] = { size: drawn.getAttribute("width") + "px", url: "url(\"data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(drawn)) + "\")" };
      }
      const made = element("i");
      made.style.setProperty("--jk-size", signs[key].size);
      made.style.backgroundImage = signs[key].url;
      return made;
    }

    function assetMarker(feature) {
      const facts = feature.properties;
      const hollow = facts.status !== "operational";
      let made;
      if (feature.geometry.type === "Point") {
        const [lon, lat] = feature.geometry.coordinates;
        made = new m.Pinned([lat, lon], {
          keyboard: false, pane: "assets",
          icon: L.divIcon({ className: "jk-asset", iconSize: [16, 16], html: sign(facts.kind, hollow) }),
        });
      } else {
        const sign = config.signs[facts.kind] || { colour: "#444444" };
        made = L.geoJSON(feature, { pane: "routes",
          style: { color: sign.colour, weight: 2, opacity: 0.75, fill: false, dashArray: hollow ? "6 5" : null } });   // what lies in an area can be clicked
      }
      made.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        open(facts, event.latlng);
      });
      made.on("mouseover", (event) => {
        m.tip(null);
        if (!canHover) { return; }
        const text = element("div");
        text.appendChild(element("strong", null, facts.name || facts.id));
        text.appendChild(element("span", null, config.text.kinds[facts.kind] + " · " + config.text.statuses[facts.status] + (facts.outside ? " · " + config.text.outside : "")));
        if (facts.sample) { text.appendChild(element("span", "jk-mark", config.text.sample)); }
        m.tip(text, event.latlng);
      });
      made.on("mouseout", () => m.tip(null));
      return made;
    }

    function open(facts, latlng) {
      if (!m.tools.take(latlng, true)) { tell({ village: null, asset: facts.id, lat: latlng.lat, lon: latlng.lng }); }
    }

    /** A click beside the nearest route that is shown: whether there is one. Looked for then, as wider lines slow each frame.
     * Not on page Sinyal, where every place is asked of, nor where a point is drawn already, which may lie beside a route. */
    function press(latlng) {
      if (config.shows === "signal" || (m.drawing && m.drawing.hasPoint())) { return false; }
      const at = map.latLngToLayerPoint(latlng);
      const around = L.bounds(at.subtract([NEAR, NEAR]), at.add([NEAR, NEAR]));
      let facts = null, least = NEAR;
      const look = (line) => {
        const near = line._parts && line._pxBounds && around.intersects(line._pxBounds) && line.closestLayerPoint(at);
        if (near && near.distance <= least) { [facts, least] = [line.feature.properties, near.distance]; }
      };
      Object.values(groups).filter((group) => group.layer && map.hasLayer(group.layer))
        .forEach((group) => group.layer.eachLayer((one) => {   // a group of many holds the lines themselves
          if (one.eachLayer) { one.eachLayer(look); } else if (one.closestLayerPoint) { look(one); }
        }));
      if (facts) { open(facts, latlng); }
      return Boolean(facts);
    }

    function clusterIcon(kind) {
      return (cluster) => {
        const made = element("div", "jk-many-in");
        made.appendChild(sign(kind, false));
        made.appendChild(element("span", null, number.format(cluster.getChildCount())));
        return L.divIcon({ className: "jk-many", iconSize: [44, 24], html: made });
      };
    }

    function showKind(kind, wanted) {
      const group = groups[kind];
      if (!group) { return; }
      if (wanted && !group.layer) {
        const many = group.features.length > config.clusterFrom;
        group.layer = many
          ? L.markerClusterGroup({ clusterPane: "assets", showCoverageOnHover: false, maxClusterRadius: 46, chunkedLoading: true, animate: false,
            disableClusteringAtZoom: 14, iconCreateFunction: clusterIcon(kind) })
          : L.layerGroup();
        const made = group.features.filter((feature) => !hidden.has(feature.properties.status)).map(assetMarker);
        if (many) { group.layer.addLayers(made); } else { made.forEach((marker) => group.layer.addLayer(marker)); }
      }
      group.shown = wanted;
      if (wanted && m.panel.on("assets")) { group.layer.addTo(map); } else if (group.layer) { group.layer.remove(); }
    }

    function add(data) {
      data.features.forEach((feature) => {
        const kind = feature.properties.kind;
        (groups[kind] = groups[kind] || { features: [], layer: null, shown: false }).features.push(feature);
      });
      config.kinds.filter((kind) => groups[kind])
        .forEach((kind) => { groups[kind].shown = (m.panel.taken.kinds || usual).includes(kind); });
      m.panel.add("assets", config.text.layer.assets, { show, more: statuses });
    }

    function show() {
      Object.keys(groups).forEach((kind) => showKind(kind, groups[kind].shown));
    }

    /** Switches of the statuses there are. */
    function statuses(row) {
      const counts = {};
      Object.values(groups).forEach((group) => group.features.filter(({ properties }) => !properties.beside).forEach(({ properties }) => { counts[properties.status] = (counts[properties.status] || 0) + 1; }));
      const found = Object.keys(config.text.statuses).filter((status) => counts[status]).sort((a, b) => counts[b] - counts[a]);
      if (found.length < 2) { return; }
      const list = element("div", "jk-parts");
      list.appendChild(element("strong", null, config.text.statusTitle));
      found.forEach((status) => list.appendChild(m.panel.part(config.text.statuses[status] + " (" + number.format(counts[status]) + ")", !hidden.has(status), (on) => {
        if (on) { hidden.delete(status); } else { hidden.add(status); }
        Object.values(groups).forEach((group) => { if (group.layer) { group.layer.remove(); group.layer = null; } });
        show();
      })));
      row.appendChild(list);
    }

    function state() {
      const kinds = Object.keys(groups).filter((kind) => groups[kind].shown);
      const same = kinds.length === usual.filter((kind) => groups[kind]).length && kinds.every((kind) => usual.includes(kind));
      return { ...(same ? {} : { kinds }), ...(hidden.size ? { hidden: [...hidden] } : {}) };
    }

    return { groups, add, showKind, state, press };
  };
})();
