/* Search on the map: what is typed is matched on the server, the answer is a list by what things are (a combobox with a
 * listbox of groups), and what is chosen is gone to and lit up. Names only ever become text content. */
(function () {
  "use strict";

  const WAITS_MS = 160;       // after the last key
  const NEAR = 15;            // zoom at which a single place is shown

  window.jangkauFind = function (m) {
    const { map, element, choice } = m, text = m.config.text;
    const box = element("div", "jk-find leaflet-control");
    const input = element("input");
    const list = element("div", "jk-found");
    const said = element("div", "jk-said");
    const name = element("label", "jk-said", text.find);
    Object.assign(input, { type: "search", id: "jk-find", placeholder: text.findHint, autocomplete: "off", spellcheck: false, maxLength: 300 });
    Object.assign(list, { id: "jk-found", hidden: true });
    name.htmlFor = input.id;
    Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", enterkeyhint: "search" })
      .forEach(([key, value]) => input.setAttribute(key, value));
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", text.find);
    said.setAttribute("role", "status");
    [name, input, list, said].forEach((part) => box.appendChild(part));
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);

    let rows = [];
    let at = -1;
    let stop = null;
    let waiting = null;
    let lit = null;
    const options = () => [...list.querySelectorAll("[role=option]")];

    function open(shown) {
      list.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown));
      if (!shown) { input.removeAttribute("aria-activedescendant"); }
    }

    function point(wanted) {
      const all = options();
      at = all.length ? (wanted + all.length) % all.length : -1;
      all.forEach((one, k) => one.setAttribute("aria-selected", String(k === at)));
      if (at < 0) { return; }
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    }

    function fill(answer) {
      rows = [];
      list.replaceChildren();
      if (answer.note) { list.appendChild(element("p", null, answer.note)); }
      answer.groups.forEach((group) => {
        const part = element("div"), title = element("h2", null, group.title);
        title.id = "jk-found-" + group.name;
        part.setAttribute("role", "group");
        part.setAttribute("aria-labelledby", title.id);
        part.appendChild(title);
        group.rows.forEach((row) => {
          const option = element("div"), place = rows.length;
          option.id = "jk-found-at-" + place;
          option.setAttribute("role", "option");
          option.appendChild(element("strong", null, row.name));
          option.appendChild(element("span", null, row.said));
          option.addEventListener("click", () => go(place));
          part.appendChild(option);
          rows.push(Object.assign({ whole: group.name === "villages" }, row));
        });
        list.appendChild(part);
      });
      if (!rows.length && !answer.note) { list.appendChild(element("p", null, text.findNone)); }
      said.textContent = rows.length ? text.findCount.replace("{count}", String(rows.length)) : list.textContent;
      open(true);
      point(0);
    }

    async function ask() {
      if (stop) { stop.abort(); }
      const typed = input.value.trim();
      if (typed.length < 2) { rows = []; open(false); return; }
      stop = new AbortController();
      try {
        const answer = await fetch(m.config.find + "?kata=" + encodeURIComponent(typed), { signal: stop.signal });
        if (!answer.ok) { throw new Error(String(answer.status)); }
        fill(await answer.json());
      } catch (problem) {
        if (problem.name !== "AbortError") { fill({ groups: [], note: text.findFailed }); }
      }
    }

    function unlight() {
      if (lit) { lit.remove(); lit = null; }
    }

    /** Tell the page of it: an asset, or else its village. */
    function choose(row) {
      const groups = m.assets.groups;
      const kind = row.asset && Object.keys(groups).find((one) => groups[one].features.some((asset) => asset.properties.id === row.asset));
      m.moved = true;
      if (kind) { m.assets.showKind(kind, true); m.legend.fill(); }
      if (!row.asset) { choice.village = row.village; m.villages.select(row.village); }
      const [lat, lon] = row.at || [0, 0];
      m.tell({ village: row.asset ? null : row.village, asset: row.asset, lat: lat, lon: lon });
    }

    function go(place) {
      const row = rows[place];
      if (!row) { return; }
      unlight();
      open(false);
      input.value = row.name;
      const outline = (row.whole || !row.at) && m.villages.byCode[row.village];
      if (outline) {
        map.fitBounds(outline.getBounds(), { padding: [40, 40], maxZoom: 13.5, animate: false });
      } else if (row.at) {
        map.setView(row.at, Math.max(map.getZoom(), NEAR), { animate: false });
        const ring = { pane: "links", interactive: false, radius: 15, fill: false };
        lit = L.layerGroup([
          L.circleMarker(row.at, Object.assign({ color: "#FFFFFF", weight: 7, opacity: 0.9 }, ring)),
          L.circleMarker(row.at, Object.assign({ color: "#D5006D", weight: 3.5 }, ring))
            .bindTooltip(element("strong", null, row.name), { permanent: true, direction: "top", offset: [0, -14], className: "jk-tip" }),
        ]).addTo(map);
      }
      choose(row);
      said.textContent = row.name + ", " + row.said;
    }

    input.addEventListener("input", () => { clearTimeout(waiting); unlight(); waiting = setTimeout(ask, WAITS_MS); });
    input.addEventListener("focus", () => { if (rows.length && input.value.trim().length > 1) { open(true); } });
    input.addEventListener("blur", () => setTimeout(() => { if (!box.contains(document.activeElement)) { open(false); } }, 150));
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && rows.length) { event.preventDefault(); open(true); point(at + step); }
      if (event.key === "Enter") { event.preventDefault(); if (!list.hidden) { go(at); } }
      if (event.key === "Escape") { open(false); unlight(); }
      event.stopPropagation();   // the map has keys of its own
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    const Control = L.Control.extend({ onAdd: () => box });
    new Control({ position: "topleft" }).addTo(map);
  };
})();
