/* Layers that are made when they are first switched on: coverage areas, people, and points of proposals, evidence, measurements. */
(function () {
  "use strict";

  // Tol's muted colours, told apart without colour vision; dashes tell them apart in a black-and-white print.
  const COLOURS = ["#332288", "#117733", "#882255", "#44AA99", "#AA4499", "#999933", "#88CCEE", "#CC6677"];
  const DASHES = [null, "8 4", "2 4", "10 4 2 4"];

  window.jangkauAreas = function (m) {
    const { map, config, element, fetched, legendRow } = m;
    const areas = new Map();    // that are shown, by id: {layer, colour, said}
    const points = {};          // {layer, count} by name, once fetched
    let groups = null;          // all coverage areas: {id, by, name, url}
    let people = null;
    let said = "";              // what is being made, or was not

    /** Fetch what may take a while, and say so. */
    async function asked(url) {
      said = config.text.making;
      m.legend.fill();
      try {
        const found = await fetched(url);
        said = "";
        return found;
      } catch {
        said = config.text.failed;
        return null;
      } finally {
        m.legend.fill();
      }
    }

    async function showArea(group, on) {
      const shown = areas.get(group.id);
      if (shown) { shown.layer.remove(); areas.delete(group.id); }
      if (!on) { return; }
      const used = [...areas.values()].map((one) => one.at);
      const at = [...COLOURS.keys()].find((one) => !used.includes(one)) || 0;
      const look = { color: COLOURS[at], fillColor: COLOURS[at], fillOpacity: 0.18, weight: 2, dashArray: DASHES[at % DASHES.length] };
      const one = { at, look, group, layer: L.geoJSON(null, { pane: "areas", interactive: false, style: look }) };
      areas.set(group.id, one);
      const found = await asked(group.url);
      if (!found) { areas.delete(group.id); m.panel.fill(); return; }
      one.layer.addData(found);
      if (areas.get(group.id) === one && on) { showAreas(m.panel.on("areas")); }
    }

    function showAreas(on) {
      areas.forEach(({ layer }) => { if (on) { layer.addTo(map); } else { layer.remove(); } });
    }

    /** The areas there are, grouped by what they are of; known once the panel was opened. */
    function choices(row) {
      if (!groups) { return; }
      const hint = element("p", "jk-choose", config.text.areasHint);
      hint.hidden = areas.size > 0;
      row.appendChild(hint);
      const list = element("div", "jk-parts");
      let by = null;
      groups.forEach((group) => {
        if (group.by !== by) { list.appendChild(element("strong", null, group.by)); by = group.by; }
        list.appendChild(m.panel.part(group.name, areas.has(group.id), (on) => {
          showArea(group, on);
          row.querySelectorAll(".jk-choose").forEach((hint) => { hint.hidden = areas.size > 0; });
        }));
      });
      row.appendChild(list);
    }

    async function know() {
      if (groups || !config.areas) { return; }
      groups = (await fetched(config.areas)).groups;
      m.panel.fill();
    }

    async function showPeople(on) {
      if (!on) { if (people) { people.remove(); } return; }
      if (!people) {
        const found = await asked(config.people);
        if (!found) { return; }
        people = L.imageOverlay(found.url, found.bounds, { pane: "people", interactive: false, className: "jk-signal" });
      }
      if (m.panel.on("people")) { people.addTo(map); }
    }

    function colourOf(name, facts) {
      if (facts.state) { return config.colours[facts.state]; }
      if (name === "evidence") { return "#FFFFFF"; }   // a hint, which proves no state
      return facts.class ? config.classColours[facts.class].replace(/,[^,]*\)$/, ", 1)") : "#332288";
    }

    function pointOf(name, feature, at, renderer) {
      const facts = feature.properties;
      const made = L.circleMarker(at, { pane: name, renderer, radius: name === "measured" ? 4.5 : 6.5, weight: 2,
        color: name === "evidence" ? "#1B2733" : "#FFFFFF", fillColor: colourOf(name, facts), fillOpacity: 1 });
      made.on("mouseover click", (event) => {
        L.DomEvent.stopPropagation(event);
        const text = element("div");
        facts.said.forEach((line, k) => text.appendChild(element(k ? "span" : "strong", null, line)));
        m.tip(text, event.latlng);
      });
      made.on("mouseout", () => m.tip(null));
      return made;
    }

    async function showPoints(name, on) {
      if (!on) { if (points[name]) { points[name].layer.remove(); } return; }
      if (!points[name]) {
        const found = await asked(config.points[name]);
        if (!found) { return; }
        const renderer = L.canvas({ pane: name, padding: 0.3 });
        points[name] = { count: found.features.length, layer: L.geoJSON(found, { pointToLayer: (feature, at) => pointOf(name, feature, at, renderer) }) };
      }
      if (m.panel.on(name)) { points[name].layer.addTo(map); }
      m.legend.fill();
    }

    /** Offer what there is in the panel, and switch on what was chosen before. */
    async function offer() {
      const text = config.text.layer;
      if (config.people) { m.panel.add("people", text.people, { on: false, show: showPeople }); }
      Object.keys(config.points || {}).forEach((name) =>
        m.panel.add(name, text[name], { on: false, show: (on) => showPoints(name, on) }));
      if (!config.areas) { return; }
      const { taken } = m.panel, wanted = taken.areas || [];
      taken.on = { ...(wanted.length ? { areas: true } : {}), ...taken.on };   // a link may name areas alone
      m.panel.add("areas", text.areas, { on: false, show: showAreas, more: choices });
      if (wanted.length) {
        await know();
        groups.filter((group) => wanted.includes(group.id)).forEach((group) => showArea(group, true));
        m.panel.fill();
      }
    }

    function legendRows() {
      const rows = [];
      const patch = (style) => { const made = element("span", "jk-swatch"); Object.assign(made.style, style); return made; };
      if (m.panel.on("areas")) {
        areas.forEach(({ group, look }) => rows.push(legendRow([patch({ background: look.color + "2E", border: "2px " + (look.dashArray ? "dashed " : "solid ") + look.color }),
          element("span", null, group.by + ": " + group.name)])));
      }
      if (m.panel.on("people")) {
        rows.push(element("h2", null, config.text.peopleTitle));
        config.peopleClasses.forEach(([least, colour]) => rows.push(legendRow([patch({ background: colour }), element("span", null, "≥ " + m.number.format(least))])));
        rows.push(element("p", null, config.text.peopleNote));
      }
      Object.keys(points).filter((name) => m.panel.on(name)).forEach((name) => rows.push(legendRow([patch({ borderRadius: "50%", width: "12px", height: "12px",
        background: name === "proposals" ? "#332288" : "#FFFFFF" }), element("span", null, config.text.layer[name])], points[name].count)));
      if (said) { rows.push(element("p", null, said)); }
      return rows;
    }

    return { offer, know, legendRows, state: () => (areas.size && m.panel.on("areas") ? { areas: [...areas.keys()] } : {}) };
  };
})();
