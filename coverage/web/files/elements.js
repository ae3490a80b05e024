/* Elements of the map's page. Text of users only ever becomes text content. */
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  /** A marker that is placed without a transform: a hundred transforms slow every frame. */
  const Pinned = L.Marker.extend({
    _setPos(at) {
      const { style } = this._icon;
      style.left = at.x + "px";
      style.top = at.y + "px";
    },
  });

  L.MarkerCluster.include({ _setPos: Pinned.prototype._setPos });

  window.jangkauElements = function (map, config) {
    const number = new Intl.NumberFormat(config.locale);
    const canHover = window.matchMedia("(hover: hover)").matches;
    let shown = null;           // the tooltip

    function element(name, className, text) {
      const made = document.createElement(name);
      if (className) { made.className = className; }
      if (text !== undefined && text !== null) { made.textContent = String(text); }
      return made;
    }

    function shape(name, attributes) {
      const made = document.createElementNS(SVG, name);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      return made;
    }

    const SHAPES = {
      circle: () => shape("circle", { cx: 8, cy: 8, r: 5.5 }),
      square: () => shape("rect", { x: 3, y: 3, width: 10, height: 10 }),
      triangle: () => shape("path", { d: "M8 1.6 14.6 13.6H1.4Z" }),
      diamond: () => shape("path", { d: "M8 1 15 8 8 15 1 8Z" }),
      star: () => shape("path", { d: "M8 1l2.1 4.6 5 .5-3.8 3.3 1.1 4.9L8 11.8l-4.4 2.5 1.1-4.9L.9 6.1l5-.5Z" }),
      cross: () => shape("path", { d: "M5.6 1.5h4.8v4.1h4.1v4.8h-4.1v4.1H5.6v-4.1H1.5V5.6h4.1Z" }),
      line: () => shape("path", { d: "M1 13 6 6l4 3 5-7" }),
      area: () => shape("path", { d: "M2.5 4.5 12 2l2 10.5-10.5 1.5Z" }),
  };

    /** Picture of a kind of asset; hollow where it is not in operation. */
    function symbol(kind, hollow) {
      const sign = config.signs[kind] || { shape: "circle", colour: "#444444", size: 1 };
      const size = Math.round(14 * sign.size);
      const picture = shape("svg", { viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" });
      const drawn = (SHAPES[sign.shape] || SHAPES.circle)();
      if (sign.shape === "line" || sign.shape === "area") {
        drawn.setAttribute("fill", "none");
        drawn.setAttribute("stroke", sign.colour);
        drawn.setAttribute("stroke-width", "2.4");
      } else {
        drawn.setAttribute("fill", hollow ? "#FFFFFF" : sign.colour);
        drawn.setAttribute("stroke", hollow ? sign.colour : "#FFFFFF");
        drawn.setAttribute("stroke-width", hollow ? "2" : "1.2");
      }
      picture.appendChild(drawn);
      return picture;
    }

    /** A patch of a state's colour, hatched where it is a blank spot. */
    function swatch(state) {
      return element("span", "jk-swatch jk-" + state);
    }

    function label(text, at, className, pane) {
      return new Pinned(at, {
        pane: pane, interactive: false, keyboard: false,
        icon: L.divIcon({ className: className, iconSize: [0, 0], html: element("span", null, text) }),
      });
    }

    function badge(at, className, child, title) {
      const box = element("div", "jk-badge " + className);
      if (typeof child === "string") { box.textContent = child; } else if (child) { box.appendChild(child); }
      return L.marker(at, { pane: "links", interactive: Boolean(title), keyboard: false, title: title || "",
        icon: L.divIcon({ className: "jk-badge-place", iconSize: [0, 0], html: box }) });
    }

    function legendRow(parts, count) {
      const row = element("div", "jk-row");
      parts.forEach((part) => row.appendChild(part));
      if (count !== undefined) { row.appendChild(element("span", "jk-count", number.format(count))); }
      return row;
    }

    async function fetched(url) {
      const answer = await fetch(url);
      if (!answer.ok) { throw new Error(url + " " + answer.status); }
      return answer.json();
    }

    /** Say something at a place, and nothing else; nothing without a text. */
    function tip(text, at, above = -8) {
      if (shown) { shown.remove(); }
      shown = text && L.tooltip({ direction: "top", offset: [0, above], className: "jk-tip" }).setLatLng(at).setContent(text).addTo(map);
    }
    tip.move = (at) => { if (shown) { shown.setLatLng(at); } };

    /** Tell Streamlit what was clicked. */
    function tell(value) {
      if (window.Streamlit) { window.Streamlit.setComponentValue(Object.assign({ at: Date.now() }, value)); }
    }

    return { Pinned, number, canHover, element, shape, symbol, swatch, label, badge, legendRow, fetched, tip, tell };
  };
})();
