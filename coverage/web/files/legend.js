/* The legend: what is shown, in which colours, how much of it, with switches. */
(function () {
  "use strict";

  window.jangkauLegend = function (m) {
    const { map, config, number, choice, element, shape, swatch, symbol, legendRow } = m;
    let legend = null;
    let panel = null;           // of the layers, under the legend

    function landRow(kind) {
      const picture = shape("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
      const definitions = shape("defs", {});
      const pattern = m.overlays.landPattern(kind);
      pattern.id = "jk-legend-" + kind;
      definitions.appendChild(pattern);
      picture.appendChild(definitions);
      picture.appendChild(shape("rect", { width: 16, height: 16, fill: "url(#jk-legend-" + kind + ")",
        stroke: config.landColours[kind] }));
      const box = element("span", "jk-picture");
      box.appendChild(picture);
      return legendRow([box, element("span", null, config.text.land[kind])], m.overlays.landCounts[kind]);
    }
    function planLegend(details) {
      const title = element("h2", null, config.plan.title);
      details.appendChild(title);
      const counts = {};
      Object.values(m.plan.villages).forEach((built) => { counts[built.year] = (counts[built.year] || 0) + 1; });
      config.plan.years.forEach((year) => {
        const patch = element("span", "jk-swatch");
        patch.style.background = config.plan.colours[year];
        details.appendChild(legendRow([patch, element("span", null, String(year))], counts[year] || 0));
      });
      const built = Object.values(m.plan.villages);
      if (!built.length) { return; }
      details.appendChild(element("h2", null, config.plan.after));
      config.plan.outcomes.forEach(([name, label]) => {
        const found = built.filter((one) => name === "left" ? one.left : one.outcome === name);
        if (!found.length) { return; }
        const shown = m.villages.outcomeStyle({ year: config.plan.years[0], outcome: name === "left" ? "one_point" : name, left: name === "left" });
        const patch = element("span", "jk-swatch");
        patch.style.background = "color-mix(in srgb, " + shown.fillColor + " " + 100 * shown.fillOpacity + "%, #FFFFFF)";
        patch.style.border = (name === "left" ? "3px" : "1px") + (shown.dashArray ? " dashed " : " solid ") + shown.color;
        details.appendChild(legendRow([patch, element("span", null, label)], found.length));
      });
    }
    function signalRows() {
      const own = choice.drawing && choice.drawing.legend;
      const shown = own && own.length ? own : config.classes.map((name) => [config.classColours[name], config.text.classes[name]]);
      const rows = shown.map(([colour, text]) => {
        const patch = element("span", "jk-swatch jk-class");
        patch.style.backgroundColor = colour;
        const row = element("div", "jk-row");
        if (colour) { row.appendChild(patch); }
        row.appendChild(element("span", null, text));
        return row;
      });
      m.trial.rows().forEach((row) => rows.push(row));
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
    function assetCount(listed) {   // masts, those outside the region apart
      const features = listed.filter((feature) => !feature.properties.beside);
      const outside = features.filter((feature) => feature.properties.outside).length;
      const inside = number.format(features.length - outside);
      return outside ? config.text.andOutside.replace("{count}", inside).replace("{outside}", number.format(outside)) : inside;
    }

    function fill() {
      const box = legend.getContainer();
      const open = box.firstChild ? box.firstChild.open : map.getSize().x > 560;
      const details = element("details");
      details.open = open;
      details.appendChild(element("summary", null, config.text.legend));
      if (config.marks) {
        config.groups.forEach(([group, caption]) => {
          const picture = element("span", "jk-picture");
          picture.appendChild(m.marks.picture(group));
          details.appendChild(legendRow([picture, element("span", null, caption)], m.marks.counts[group] || 0));
        });
        if (m.marks.beside()) { details.appendChild(element("p", null, config.text.beside.replace("{count}", number.format(m.marks.beside())))); }
        box.replaceChildren(details);
        return;
      }
      if (m.plan && config.plan.years.length) { planLegend(details); }
      const withSignal = config.shows === "signal";
      if (config.figureNames && !m.plan && !withSignal && m.villages.layer) { m.painting.rows(details); }
      const title = m.plan && config.plan.years.length ? config.plan.left : withSignal ? (choice.drawing && choice.drawing.legendTitle) || config.text.signalTitle
        : config.text.statesTitle;
      const listsStates = config.legendStates || m.plan || withSignal;   // page Peta counts them above the map
      if (listsStates) { details.appendChild(element("h2", null, title)); }
      if (withSignal) { signalRows().forEach((row) => details.appendChild(row)); }
      const counts = m.villages.counts();
      config.states.filter((state) => listsStates && !withSignal && (!m.plan || state === "weak" || state === "blank")).forEach((state) =>
        details.appendChild(legendRow([swatch(state), element("span", null, m.villages.called(state))], counts[state])));
      const possible = withSignal || m.plan || m.figure || !m.villages.layer ? 0 : m.villages.layer.getLayers().filter((layer) => m.villages.isPossible(layer.feature)).length;
      if (possible) { details.appendChild(legendRow([element("span", "jk-swatch jk-possible"), element("span", null, config.text.possibleLegend)], possible)); }
      m.areas.legendRows().forEach((row) => details.appendChild(row));
      if (!withSignal) { m.trial.rows().forEach((row) => details.appendChild(row)); }
      const land = Object.keys(m.overlays.landCounts);
      if (land.length) { details.appendChild(element("h2", null, config.text.landTitle)); }
      land.forEach((kind) => details.appendChild(landRow(kind)));
      const kinds = config.kinds.filter((kind) => m.assets.groups[kind]);
      if (kinds.length) {
        const title = element("h2", null, config.text.assetsTitle);
        if (config.sampleAssets) { title.appendChild(element("span", "jk-mark", config.text.sample)); }
        details.appendChild(title);
      }
      kinds.forEach((kind) => {
        const row = element("label", "jk-row");
        const box = element("input");
        box.type = "checkbox";
        box.checked = m.assets.groups[kind].shown;
        box.addEventListener("change", () => { m.assets.showKind(kind, box.checked); m.panel.keep(); });
        const picture = element("span", "jk-picture");
        picture.appendChild(symbol(kind, false));
        [box, picture, element("span", null, config.text.kinds[kind]),
          element("span", "jk-count", assetCount(m.assets.groups[kind].features))].forEach((part) => row.appendChild(part));
        details.appendChild(row);
      });
      if (kinds.length && !m.plan) { details.appendChild(element("p", null, config.text.hollow)); }
      if (config.landmarks && !m.plan) { details.appendChild(element("p", null, config.text.landmarks)); }
      box.style.display = details.children.length > 1 || panel ? "" : "none";   // nothing to explain
      const painting = document.activeElement && document.activeElement.className === "jk-paint";
      if (box.firstChild) { box.firstChild.replaceWith(details); } else { box.appendChild(details); }
      if (panel && panel.parentNode !== box) { box.appendChild(panel); }   // else it stays, with the focus in it
      if (painting) { details.querySelector(".jk-paint").focus(); }
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

    addLegend();
    return { fill, beside: (made) => { panel = made; fill(); } };
  };
})();
