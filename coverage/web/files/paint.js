/* What villages are painted by in place of their state: a figure in classes. */
(function () {
  "use strict";

  window.jangkauPaint = function (m) {
    const { config, number, element, legendRow, fetched } = m;

    // ColorBrewer YlOrBr (5 classes): told apart without colour vision and in a black-and-white print.
    const RAMP = ["#FFFFD4", "#FED98E", "#FE9929", "#D95F0E", "#993404"];

    function classOf(value) {
      return value === null || value === undefined ? -1 : m.figure.breaks.filter((least) => value >= least).length - 1;
    }

    /** Paint the villages by a figure in classes of as many villages each; by their state without one. */
    async function paintBy(name) {
      m.figure = null;
      if (name) {
        const found = await fetched(config.figures);
        const values = found.figures[name];
        const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
        const parts = RAMP.map((_, k) => sorted[Math.floor(k * sorted.length / RAMP.length)]);
        m.figure = { name: name, of: Object.fromEntries(found.codes.map((code, at) => [code, values[at]])),
          breaks: [...new Set(parts)], most: sorted[sorted.length - 1] };
      }
      m.villages.restyle();
      m.legend.fill();
    }

    function figureRows() {
      const rows = [];
      const said = (value) => (m.figure.name === "share_served" || m.figure.name.startsWith("share_")
        ? new Intl.NumberFormat(config.locale, { style: "percent", maximumFractionDigits: 0 }).format(value) : number.format(value));
      const counts = new Array(RAMP.length + 1).fill(0);
      Object.values(m.figure.of).forEach((value) => { counts[classOf(value) + 1] += 1; });
      m.figure.breaks.forEach((least, at) => {
        const patch = element("span", "jk-swatch");
        patch.style.background = RAMP[at];
        const most = at + 1 < m.figure.breaks.length ? m.figure.breaks[at + 1] : m.figure.most;
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
        option.selected = m.figure ? m.figure.name === name : name === "state";
        select.appendChild(option);
      });
      select.addEventListener("change", async () => { await paintBy(select.value); m.panel.keep(); });
      details.appendChild(select);
      if (m.figure) { figureRows().forEach((row) => details.appendChild(row)); }
    }

    return { RAMP, classOf, rows: paintRows, paintBy, state: () => (m.figure ? { paint: m.figure.name } : {}) };
  };
})();
