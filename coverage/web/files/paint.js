/* What villages are painted by in place of their state: a figure in classes, of as many villages each or drawn by hand. */
(function () {
  "use strict";

  window.jangkauPaint = function (m) {
    const { config, number, element, legendRow, fetched } = m;
    const percent = new Intl.NumberFormat(config.locale, { style: "percent", maximumFractionDigits: 0 });
    const RAMP = config.ramp;

    function classOf(value) {
      return value === null || value === undefined ? -1 : m.figure.breaks.filter((least) => value >= least).length - 1;
    }

    function isShare() { return m.figure.name.startsWith("share_"); }

    function said(value) {
      if (m.figure.name === "plan_year") { return String(value); }   // 2028, not 2.028
      return isShare() ? percent.format(value) : number.format(value);
    }

    /** Paint the villages by a figure; by their state without one. `breaks` is where its classes begin, but for the first. */
    async function paintBy(name, breaks) {
      m.figure = null;
      if (name && [...config.figureNames].includes(name)) {
        const found = await fetched(name === "plan_year" ? config.planYears : config.figures);
        const values = found.figures[name];
        const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
        m.figure = { name, of: Object.fromEntries(found.codes.map((code, at) => [code, values[at]])), sorted, most: sorted[sorted.length - 1] };
        classify(breaks);
      }
      m.villages.restyle();
      m.legend.fill();
    }

    /** Where classes of as many villages begin; a least or greatest figure that too many share, such as zero, is a class of
     * its own (map_choice.py has the same). */
    function quantiles(sorted) {
      const ends = [sorted[0], sorted[sorted.length - 1]].filter((end) => sorted.filter((value) => value === end).length > sorted.length / RAMP.length);
      const rest = sorted.filter((value) => !ends.includes(value));
      const begin = [rest[0]];
      for (let left = RAMP.length - ends.length, from = 0; left > 1; left -= 1) {
        const later = rest.find((value) => value > rest[from]);
        if (later === undefined) { break; }
        begin.push(Math.max(later, rest[from + Math.floor((rest.length - from) / left)]));
        from = rest.indexOf(begin[begin.length - 1]);
      }
      return [...begin, ...ends];
    }

    function classify(breaks) {
      const sorted = m.figure.sorted;
      const each = [...new Set(sorted)];
      const byHand = Boolean(breaks && breaks.length);
      const begin = byHand ? breaks : each.length <= RAMP.length ? each : quantiles(sorted);
      m.figure.byHand = byHand;
      m.figure.breaks = [...new Set([sorted[0], ...begin.filter((least) => least > sorted[0])])].sort((a, b) => a - b).slice(0, RAMP.length);
    }

    function figureRows() {
      const rows = [];
      const { breaks, most, name } = m.figure;
      const whole = Object.values(m.figure.of).concat(breaks).every((value) => value === null || Number.isInteger(value)) && !isShare();
      const counts = new Array(RAMP.length + 1).fill(0);
      Object.values(m.figure.of).forEach((value) => { counts[classOf(value) + 1] += 1; });
      breaks.forEach((least, at) => {
        const patch = element("span", "jk-swatch");
        patch.style.background = RAMP[at];
        const [first, ...others] = new Set(m.figure.sorted.filter((value) => classOf(value) === at));
        const upTo = first === least && !others.length ? least : at + 1 < breaks.length ? breaks[at + 1] - (whole ? 1 : 0) : most;
        rows.push(legendRow([patch, element("span", null, upTo === least ? said(least) : said(least) + " – " + said(upTo))], counts[at + 1]));
      });
      const without = name === "plan_year" ? config.text.unplanned : config.text.unstated;
      if (counts[0]) { rows.push(legendRow([element("span", "jk-swatch jk-unknown"), element("span", null, without)], counts[0])); }
      return rows;
    }

    /** Fields for where each class begins; an empty one makes a class less. */
    function byHandRows() {
      const box = element("details", "jk-breaks");
      box.open = m.figure.byHand;
      box.appendChild(element("summary", null, config.text.breaks));
      const scale = isShare() ? 100 : 1;
      const fields = RAMP.slice(1).map((colour, at) => {
        const field = element("input");
        const value = m.figure.breaks[at + 1];
        Object.assign(field, { type: "number", step: "any", value: value === undefined ? "" : Number((value * scale).toPrecision(6)) });
        field.setAttribute("aria-label", config.text.breaks + " " + (at + 2) + (scale === 100 ? " (%)" : ""));
        field.style.borderLeft = "8px solid " + colour;
        return field;
      });
      const taken = (breaks, focus) => {
        classify(breaks);
        m.villages.restyle();
        m.legend.fill();
        m.panel.keep();
        const again = document.querySelectorAll(".jk-breaks input")[focus];
        if (again) { again.focus(); }
      };
      fields.forEach((field, at) => field.addEventListener("change", () =>
        taken(fields.map((one) => one.valueAsNumber / scale).filter(Number.isFinite), at + 1)));
      const quantiles = element("button", null, config.text.quantiles);
      quantiles.type = "button";
      quantiles.addEventListener("click", () => taken(null));
      box.append(...fields, quantiles);
      return box;
    }

    /** What villages are painted by. */
    function rows(details) {
      const select = element("select", "jk-paint");
      select.setAttribute("aria-label", config.text.paint);
      ["state", ...config.figureNames].forEach((name) => {
        const option = element("option", null, config.text.paint + ": " + (config.text.figures[name] || name));
        option.value = name === "state" ? "" : name;
        option.selected = m.figure ? m.figure.name === name : name === "state";
        select.appendChild(option);
      });
      select.addEventListener("change", async () => { await paintBy(select.value); m.panel.keep(); });
      details.appendChild(select);
      if (m.figure) { details.append(...figureRows(), byHandRows()); }
    }

    const state = () => (m.figure ? { paint: m.figure.name, ...(m.figure.byHand ? { breaks: m.figure.breaks.slice(1) } : {}) } : {});
    return { RAMP, classOf, rows, paintBy, state };
  };
})();
