/* Tools of the map: coordinates under the pointer, measuring a distance or an area, the own place, the whole screen. */
(function () {
  "use strict";

  const EARTH_M = 6371008.8;

  /** Area of a ring on the sphere, in square metres. */
  function areaOf(points) {
    const rad = Math.PI / 180;
    let sum = 0;
    points.forEach((a, k) => {
      const b = points[(k + 1) % points.length];
      sum += (b.lng - a.lng) * rad * (2 + Math.sin(a.lat * rad) + Math.sin(b.lat * rad));
    });
    return Math.abs(sum) * EARTH_M * EARTH_M / 2;
  }

  function lengthOf(points) {
    return points.slice(1).reduce((sum, at, k) => sum + points[k].distanceTo(at), 0);
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
      box.textContent = points.length < 2 ? text.measureHint : text.distance.replace("{distance}", said(lengthOf(points))) +
        (points.length > 2 ? " · " + text.area.replace("{area}", area < 1e5 ? short.format(area) + " m²" : short.format(area / 1e6) + " km²") : "");
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
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && points) { measure(false); } });
    return { take: take, button: button };
  };
})();
