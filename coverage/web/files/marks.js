/* Marks in place of the states and the assets: places of a list that is not taken in yet. */
(function () {
  "use strict";

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

  window.jangkauMarks = function (m) {
    const { map, config, element, shape } = m;
    const counts = {};
    let beside = 0;             // marks so far from the region that the map does not open on them

    function picture(group) {
      const look = MARKS[group];
      const made = shape("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
      made.appendChild(shape("circle", { cx: 8, cy: 8, r: look.radius - 0.5, fill: look.fillColor,
        stroke: look.color, "stroke-width": look.weight }));
      return made;
    }

    function sayMark(made, facts) {
      made.on("mouseover click", (event) => {
        m.tip(null);
        const text = element("div");
        text.appendChild(element("strong", null, new Map(config.groups).get(facts.group)));
        facts.said.forEach((line) => text.appendChild(element("span", null, line)));
        m.tip(text, event.latlng);
        L.DomEvent.stopPropagation(event);
      });
      made.on("mouseout", () => m.tip(null));
      return made;
    }

    function add(data) {
      const renderer = L.canvas({ padding: 0.5, pane: "assets" });
      const far = L.latLngBounds([]);
      const around = L.latLngBounds(config.bounds).pad(0.5);
      const see = (bounds, group) => { if (group === "before" || around.intersects(bounds)) { far.extend(bounds); } else { beside += 1; } };
      beside = 0;
      const order = Object.keys(MARKS);
      const size = data.features.length > CLOSE_FROM ? 0.6 : 1;
      data.features.slice().sort((a, b) => order.indexOf(b.properties.group) - order.indexOf(a.properties.group))
        .forEach((feature) => {
          const facts = feature.properties;
          const look = Object.assign({}, MARKS[facts.group]);
          look.radius *= size;
          look.weight *= size;
          counts[facts.group] = (counts[facts.group] || 0) + 1;
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
            const rings = { Polygon: (of) => of, MultiPolygon: (of) => of.flat() }[feature.geometry.type];
            const made = rings   // edges alone: what lies in an area can be pointed at
              ? L.polyline(rings(feature.geometry.coordinates).map((ring) => ring.map(([lon, lat]) => [lat, lon])), { renderer: renderer, color: color, weight: 3 })
              : L.geoJSON(feature, { renderer: renderer, style: { color: color, weight: 3 } });
            see(made.getBounds(), facts.group);
            sayMark(made, facts).addTo(map);
          }
        });
      if (far.isValid() && !L.latLngBounds(config.bounds).contains(far)) {
        map.setMinZoom(3);
        map.fitBounds(far.extend(config.bounds), { padding: [30, 30], animate: false });
        m.moved = true;
      }
    }

    return { counts, beside: () => beside, picture, add };
  };
})();
