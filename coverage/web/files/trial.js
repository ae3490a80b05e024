/* Assets tried out: dragged over the map with what they reach. */
(function () {
  "use strict";

  window.jangkauTrial = function (m) {
    const { map, config, element, symbol, tell } = m;
    map.createPane("reach").style.zIndex = 406;
    map.getPane("reach").style.pointerEvents = "none";
    map.createPane("trial").style.zIndex = 445;
    let drawn = null;
    let reach = null;           // {url, layer}
    let dragged = false;

    function circle(one) {
      return L.circle(one.at, { pane: "links", interactive: false, radius: one.circle, color: "#0B2239", weight: 2, dashArray: "6 4",
        fillColor: config.reachColours.new, fillOpacity: 0.18 });
    }

    function marker(one, number) {
      const box = element("div", "jk-badge jk-proposed");
      box.appendChild(symbol(one.kind, true));
      const made = L.marker(one.at, { pane: "trial", draggable: true, autoPan: true, title: config.text.drag, alt: config.text.drag,
        icon: L.divIcon({ className: "jk-badge-place jk-dragged", iconSize: [0, 0], html: box }) });
      const around = one.circle && circle(one);
      made.on("dragstart", () => { dragged = true; if (reach) { reach.layer.setOpacity(0.3); } });
      made.on("drag", () => { if (around) { around.setLatLng(made.getLatLng()); } });
      made.on("dragend", () => {
        const at = made.getLatLng();
        dragged = false;
        tell({ village: null, asset: null, proposed: number, lat: at.lat, lon: at.lng });
      });
      return around ? [around, made] : [made];
    }

    function showReach(wanted) {
      if (reach && (!wanted || reach.url !== wanted.url)) { reach.layer.remove(); reach = null; }
      if (!wanted) { return; }
      if (!reach) { reach = { url: wanted.url, layer: L.imageOverlay(wanted.url, wanted.bounds, { pane: "reach", interactive: false, className: "jk-reach" }).addTo(map) }; }
      reach.layer.setOpacity(1);
    }

    function draw(wanted) {
      if (dragged) { return; }  // an answer that comes while the next place is sought
      if (drawn) { drawn.remove(); drawn = null; }
      showReach(wanted && wanted.reach);
      if (wanted && wanted.proposed.length) { drawn = L.layerGroup(wanted.proposed.flatMap(marker)).addTo(map); }
    }

    /** What its colours mean, for the legend. */
    function rows() {
      const wanted = m.choice.drawing;
      if (!wanted) { return []; }
      const shown = [...(wanted.reach ? ["new", "reached"] : []), ...(wanted.proposed.some((one) => one.circle) ? ["circle"] : [])];
      return shown.map((name) => {
        const row = element("div", "jk-row");
        const patch = element("span", "jk-swatch");
        patch.style.background = config.reachColours[name] || "transparent";
        if (name === "circle") { patch.style.border = "2px dashed #0B2239"; }
        row.appendChild(patch);
        row.appendChild(element("span", null, config.text[name]));
        return row;
      });
    }

    return { draw, rows };
  };
})();
