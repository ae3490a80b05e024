/* Tools of the map: coordinates under the pointer, measuring a distance or an area, the own place, the whole screen. */
(function () {
  "use strict";

  const RAD = Math.PI / 180;
  const WIDE_M = 6378137, FLAT = 1 / 298.257223563;   // WGS 84
  const ECCENTRIC = Math.sqrt(FLAT * (2 - FLAT));

  /** Area between the equator and a latitude, for one radian of longitude (Snyder, Map Projections, 3-12), in square metres. */
  function beltTo(lat) {
    const sine = Math.sin(lat * RAD), e = ECCENTRIC;
    return WIDE_M * WIDE_M / 2 * (1 - e * e) * (sine / (1 - (e * sine) ** 2) + Math.atanh(e * sine) / e);
  }

  /** Area of a ring on the ellipsoid, in square metres. */
  function areaOf(points) {
    return Math.abs(points.reduce((sum, a, k) => {
      const b = points[(k + 1) % points.length];
      return sum + (b.lng - a.lng) * RAD * (beltTo(a.lat) + beltTo(b.lat)) / 2;
    }, 0));
  }

  /** Distance on the ellipsoid by Lambert's formula, in metres. */
  function between(a, b) {
    const [p, q] = [a, b].map((at) => Math.atan((1 - FLAT) * Math.tan(at.lat * RAD)));
    const [mean, half] = [(p + q) / 2, (q - p) / 2];
    const angle = 2 * Math.asin(Math.sqrt(Math.sin(half) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin((b.lng - a.lng) * RAD / 2) ** 2));
    if (!angle) { return 0; }
    const x = (angle - Math.sin(angle)) * (Math.sin(mean) * Math.cos(half) / Math.cos(angle / 2)) ** 2;
    const y = (angle + Math.sin(angle)) * (Math.cos(mean) * Math.sin(half) / Math.sin(angle / 2)) ** 2;
    return WIDE_M * (angle - FLAT / 2 * (x + y));
  }

  function lengthOf(points) {
    return points.slice(1).reduce((sum, at, k) => sum + between(points[k], at), 0);
  }

  window.jangkauTools = function (map, text, locale, element) {
    const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
    const said = (metres) => (metres < 1000 ? short.format(metres) + " m" : short.format(metres / 1000) + " km");
    let points = null;        // while measuring
    let drawn = null;
    const box = element("div", "jk-measure leaflet-control");
    box.setAttribute("role", "status");
    box.hidden = true;

    function draw() {
      if (drawn) { drawn.remove(); }
      const look = { pane: "links", interactive: false, color: "#D5006D", weight: 2.5 };
      const shape = points.length > 2 ? L.polygon(points, Object.assign({ fillOpacity: 0.08 }, look)) : L.polyline(points, look);
      drawn = L.layerGroup([shape, ...points.map((at) => L.circleMarker(at, Object.assign({}, look, { radius: 3.5, fillColor: "#FFFFFF", fillOpacity: 1 })))]).addTo(map);
      const area = areaOf(points);
      const long = (name, along) => text[name].replace("{distance}", said(lengthOf(along)));
      box.textContent = points.length < 2 ? text.measureHint : points.length < 3 ? long("distance", points)
        : [long("path", points), long("around", [...points, points[0]]),
          text.area.replace("{area}", area < 1e5 ? short.format(area) + " m²" : short.format(area / 1e6) + " km²")].join(" · ");
    }

    function measure(on) {
      points = on ? [] : null;
      box.hidden = !on;
      buttons.measure.setAttribute("aria-pressed", String(on));
      map.getContainer().classList.toggle("jk-measuring", on);
      if (on) { draw(); } else if (drawn) { drawn.remove(); drawn = null; }
    }

    function take(latlng) {
      if (!points) { return false; }
      points.push(latlng);
      draw();
      return true;
    }

    let watched = null;       // number of the watch of the own place, while it is shown
    let own = null;
    function say(message) {
      box.textContent = message;
      box.hidden = !message;
    }

    function found(position) {
      const at = [position.coords.latitude, position.coords.longitude], accuracy = position.coords.accuracy;
      const look = { pane: "links", interactive: false, color: "#0057D9" };
      const first = !own;
      if (own) { own.remove(); }
      own = L.layerGroup([L.circle(at, Object.assign({ radius: accuracy, weight: 1, fillOpacity: 0.12 }, look)),
        L.circleMarker(at, Object.assign({}, look, { color: "#FFFFFF", radius: 7, weight: 2.5, fillColor: "#0057D9", fillOpacity: 1 }))]).addTo(map);
      if (first) { map.setView(at, Math.max(map.getZoom(), 15), { animate: false }); }
      if (!points) { say(text.located.replace("{accuracy}", said(accuracy))); }
    }

    /** Show where this device is until pressed again; browsers tell it over https, or on the same computer, only. */
    function locate() {
      const on = watched === null;
      if (!on) { navigator.geolocation.clearWatch(watched); }
      if (own) { own.remove(); own = null; }
      if (points) { measure(false); }
      watched = null;
      say(on ? text.locating : "");
      if (on && !window.isSecureContext) { say(text.locateInsecure); return; }
      if (on && !navigator.geolocation) { say(text.locateFailed); return; }
      if (on) {
        watched = navigator.geolocation.watchPosition(found, (problem) => say(problem.code === 1 ? text.locateDenied : text.locateFailed),
          { enableHighAccuracy: true, maximumAge: 10000, timeout: 30000 });
      }
      buttons.locate.setAttribute("aria-pressed", String(on));
    }

    const buttons = {};
    const ICONS = {
      print: "M4 6V2h8v4M4 12H2V6h12v6h-2M4 10h8v4H4Z",
      locate: "M8 1v3M8 12v3M1 8h3M12 8h3M8 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8",
      measure: "M1.5 10.5 10.5 1.5l4 4-9 9ZM4 8l2 2M6.5 5.5l1.5 1.5M9 3l2 2",
      screen: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
    };
    function button(name, title, press, icon) {
      const made = element("a", "jk-tool");
      made.href = "#";
      made.title = title;
      made.setAttribute("role", "button");
      made.setAttribute("aria-label", title);
      const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      Object.entries({ viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }).forEach(([key, value]) => picture.setAttribute(key, value));
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      Object.entries({ d: icon || ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.5 }).forEach(([key, value]) => path.setAttribute(key, value));
      picture.appendChild(path);
      made.appendChild(picture);
      L.DomEvent.on(made, "click", (event) => { L.DomEvent.stop(event); press(); });
      buttons[name] = made;
      return made;
    }

    const Bar = L.Control.extend({
      onAdd: () => {
        const bar = element("div", "leaflet-bar leaflet-control");
        bar.appendChild(button("measure", text.measure, () => measure(!points)));
        buttons.measure.setAttribute("aria-pressed", "false");
        if (text.print) { bar.appendChild(button("print", text.print, () => window.jangkau.print())); }
        bar.appendChild(button("locate", text.locate, locate));
        buttons.locate.setAttribute("aria-pressed", "false");
        if (document.fullscreenEnabled) {
          bar.appendChild(button("screen", text.screen, () =>
            (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())));
        }
        return bar;
      },
    });
    new Bar({ position: "topright" }).addTo(map);
    const Told = L.Control.extend({ onAdd: () => box });
    new Told({ position: "topright" }).addTo(map);
    const place = element("div", "jk-place-under leaflet-control");
    const Place = L.Control.extend({ onAdd: () => place });
    if (window.matchMedia("(hover: hover)").matches) { new Place({ position: "bottomright" }).addTo(map); }
    map.on("mousemove", (event) => { place.textContent = event.latlng.lat.toFixed(5) + ", " + event.latlng.lng.toFixed(5); });
    map.on("mouseout", () => { place.textContent = ""; });
    const isTyping = (event) => event.target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range])");
    document.addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.getAttribute("role") === "button") {
        event.preventDefault();
        if (!event.repeat) { event.target.click(); }
      }
      if (!points || isTyping(event)) { return; }
      if (event.key === "Escape") { measure(false); }
      if (event.key === "Backspace") {   // the last point, and none of a drawing
        event.preventDefault();
        event.stopImmediatePropagation();
        points.pop();
        draw();
      }
    });
    return { take: take, button: button, isTyping: isTyping };
  };
})();
