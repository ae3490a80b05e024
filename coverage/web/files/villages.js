/* The villages: their colours, the chosen one, and the years of a plan. */
(function () {
  "use strict";

  const CANVAS_FROM = 2500;   // more villages than this are drawn on a canvas, without a hatch

  const BARE = { fillColor: "#FFFFFF", fillOpacity: 0, color: "#2B3946", weight: 0.7, opacity: 0.7, dashArray: null };

  window.jangkauVillages = function (m) {
    const { map, config, choice, element, shape, swatch, label, tell, canHover } = m;
    let rules = [];
    let selection = null;

    function stateOf(feature) {
      const tried = choice.drawing && choice.drawing.states[feature.properties.code];
      if (tried) { return tried; }
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
      return m.plan && m.plan.villages[feature.properties.code];
    }

    function plain(feature) {
      const state = choice.drawing && choice.drawing.states[feature.properties.code];
      if (!state) { return BARE; }
      const under = choice.drawing.reach ? 0.15 : 0.75;    // where a picture says why it changes
      return { fillColor: config.colours[state], fillOpacity: under, color: "#0B2239", weight: 2.5, opacity: 1 };
    }

    /** Faint where the table beside the map has filtered the village out. */
    function style(feature) {
      const look = fullStyle(feature);
      if (!m.only || m.only.has(feature.properties.code)) { return look; }
      return { ...look, fillOpacity: look.fillOpacity * 0.15, color: "#AAB6C1", weight: 0.6, opacity: 0.6, dashArray: null };
    }

    function fullStyle(feature) {
      if (config.marks) { return { fillColor: "#FFFFFF", fillOpacity: 0.75, color: "#AAB6C1", weight: 0.8, opacity: 1 }; }
      if (config.shows === "signal") { return plain(feature); }
      if (!m.panel.on("villages")) { return BARE; }
      const built = plannedIn(feature);
      if (built) { return outcomeStyle(built); }
      const state = stateOf(feature);
      if (m.plan) {
        const left = state === "blank" || state === "weak";
        const hatched = state === "blank" && !config.canvas;
        return { fillColor: hatched ? "url(#jk-hatch)" : left ? config.colours[state] : "#FFFFFF", fillOpacity: m.veil * (left ? 0.45 : 0.55),
          color: left ? config.outline : "#C3CCD4", weight: left ? 1 : 0.6, opacity: 1 };
      }
      const blank = state === "blank";
      const hatched = blank && !config.canvas;
      const possible = isPossible(feature);
      if (m.figure) {
        const at = m.painting.classOf(m.figure.of[feature.properties.code]);
        return { fillColor: at < 0 ? config.colours.unknown : m.painting.RAMP[at], fillOpacity: m.veil * 0.9, color: blank ? config.outline : "#FFFFFF",
          weight: blank ? 2 : 0.8, opacity: 1 };
      }
      return {
        fillColor: hatched ? "url(#jk-hatch)" : config.colours[state],
        fillOpacity: m.veil * { served: 0.5, weak: 0.8, blank: 1, unknown: 0.65 }[state],
        color: blank ? config.outline : possible ? config.possibleOutline : "#FFFFFF",
        weight: blank || possible ? 2 : 0.8,
        opacity: blank ? 1 : 0.95,
        dashArray: possible ? "5 4" : null,
      };
    }

    /** Paler and dashed where the plan serves a village in part or at one point; outlined where it is on the official list. */
    function outcomeStyle(built) {
      const full = built.outcome === "served" || !built.outcome;
      return { fillColor: config.plan.colours[built.year], fillOpacity: m.veil * ({ partly: 0.5, one_point: 0.12 }[built.outcome] || 0.95),
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

    function add(data) {
      rules = data.rules;
      if (!config.marks && config.shows !== "signal") { m.panel.add("villages", config.text.layer.villages, { show: () => { if (self.layer) { self.restyle(); } } }); }
      config.canvas = data.features.length > CANVAS_FROM;
      const renderer = config.canvas ? L.canvas({ padding: 0.5 }) : L.svg({ padding: 0.5 });
      self.layer = L.geoJSON(data, {
        renderer: renderer,
        style: style,
        onEachFeature: (feature, layer) => { self.byCode[feature.properties.code] = layer; },
      });
      self.layer.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        choose(event.layer.feature.properties.code, event.latlng);
      });
      self.layer.on("mouseover", (event) => hover(event.layer));
      self.layer.on("mouseout", () => hover(null));
      self.layer.on("mousemove", (event) => m.tip.move(event.latlng));
      self.layer.addTo(map);
      if (!config.canvas) { hatch(renderer); }
      blankToFront();
    }

    function blankToFront() {
      if (config.marks) { return; }
      self.layer.eachLayer((layer) => { if (isPossible(layer.feature)) { layer.bringToFront(); } });
      self.layer.eachLayer((layer) => { if (stateOf(layer.feature) === "blank") { layer.bringToFront(); } });
    }

    function hover(layer) {
      m.tip(null);
      if (!layer || !canHover || choice.draw) { return; }   // it would lie over the handles
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
      m.tip(text, layer.getBounds().getCenter(), -6);
    }

    function select(code) {
      if (selection) { selection.remove(); selection = null; }
      const layer = code && self.byCode[code];
      if (!layer || config.shows === "signal") { return; }
      const halo = L.geoJSON(layer.feature, { pane: "chosen", interactive: false,
        style: { fill: false, color: "#FFFFFF", weight: 7, opacity: 0.95 } });
      const line = L.geoJSON(layer.feature, { pane: "chosen", interactive: false,
        style: { fill: false, color: "#0B2239", weight: 3.5, opacity: 1 } });
      selection = L.layerGroup([halo, line]).addTo(map);
    }

    function choose(code, latlng) {
      if (m.assets.press(latlng) || m.tools.take(latlng)) { return; }
      choice.village = code;
      select(code);
      tell({ village: code, asset: null, lat: latlng.lat, lon: latlng.lng });
    }

    function stateCounts() {
      const counts = { served: 0, weak: 0, blank: 0, unknown: 0 };
      self.layer.eachLayer((layer) => { if (!plannedIn(layer.feature)) { counts[stateOf(layer.feature)] += 1; } });
      return counts;
    }
    /** Routes and new places by year, each village of the plan with its year. */
    function addPlan(data) {
      L.geoJSON(data.lines, { pane: "routes", interactive: false,
        style: (feature) => ({ color: config.plan.colours[feature.properties.year], weight: 3.5, opacity: 1 }) }).addTo(map);
      data.sites.forEach((at, index) => {
        L.circleMarker(at, { pane: "assets", radius: 7, color: "#FFFFFF", weight: 2, fillColor: "#882255", fillOpacity: 1, interactive: false }).addTo(map);
        label(String(index + 1), at, "jk-label jk-place", "labels").addTo(map);
      });
      self.layer.eachLayer((layer) => {
        const built = plannedIn(layer.feature);
        if (built && built.left) { layer.bringToFront(); }
        if (built) { label(String(built.year), layer.feature.properties.at, "jk-label jk-year", "labels").addTo(map); }
      });
    }

    const self = { layer: null, byCode: {}, add, addPlan, restyle: () => self.layer.setStyle(style), blankToFront, select, hover, counts: stateCounts,
      called, isPossible, outcomeStyle };
    return self;
  };
})();
