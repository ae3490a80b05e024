/* The base map under the villages: tiles of lines and areas (coverage/web/maps/basemap.py) drawn on canvases, and names
 * on one canvas above. A tile is drawn once; panning moves pictures. Names are only ever painted, never made HTML.
 */
(function () {
  "use strict";

  const STEPS = 4096;
  const TILE = 512;           // few large pictures pan more evenly than many small ones
  const BUDGET_MS = 6;        // of drawing in a frame
  // Widths in pixels at zoom 10, 14 and 18; a casing is drawn under all roads.
  const LOOK = {
    lake: { fill: "#BCD9EC" },
    river: { stroke: "#8FBEDC", width: [1.2, 3, 9] },
    canal: { stroke: "#A5CBE3", width: [0.5, 1.2, 4] },
    stream: { stroke: "#A5CBE3", width: [0.6, 1.2, 4] },
    building: { fill: "#D6D0C8" },
    rail: { stroke: "#7A828A", width: [0.7, 1.2, 2.4], dash: [5, 3] },
    path: { stroke: "#A8927A", width: [0.5, 0.8, 1.6], dash: [3, 2.5] },
    track: { stroke: "#A8927A", width: [0.5, 1, 2.2], dash: [6, 2] },
    service: { stroke: "#FFFFFF", casing: "#B4BCC4", width: [0.5, 1.2, 6] },
    local: { stroke: "#FFFFFF", casing: "#AAB3BC", width: [0.6, 2, 10] },
    tertiary: { stroke: "#FFFFFF", casing: "#939DA7", width: [1, 3, 13] },
    secondary: { stroke: "#FFF6D6", casing: "#A8975F", width: [1.4, 4, 15] },
    primary: { stroke: "#FFE9AE", casing: "#A4873F", width: [1.8, 5, 17] },
    trunk: { stroke: "#FFDF96", casing: "#9C7A2E", width: [2, 5.4, 18] },
    motorway: { stroke: "#FFCE8A", casing: "#96642A", width: [2.2, 5.8, 18] },
  };
  const NAMED = {   // size, weight, colour; road names from a zoom on
    city: [15, 650, "#26323D"], town: [14, 650, "#26323D"], village: [12.5, 600, "#3A4650"], suburb: [12.5, 600, "#3A4650"],
    hamlet: [12, 500, "#3A4650"], locality: [11.5, 500, "#4A5661"],
    lake: [11.5, 500, "#1F6391"], river: [11.5, 500, "#1F6391"], canal: [11, 500, "#1F6391"], stream: [11, 500, "#1F6391"],
    motorway: [11.5, 500, "#45505A", 13], trunk: [11.5, 500, "#45505A", 13], primary: [11.5, 500, "#45505A", 13],
    secondary: [11.5, 500, "#45505A", 14], tertiary: [11, 500, "#45505A", 14], local: [11, 500, "#45505A", 15],
    service: [11, 500, "#45505A", 17], track: [11, 500, "#45505A", 16], path: [11, 500, "#45505A", 17],
  };
  const APART = 260;          // pixels between two names of one road

  function between(widths, zoom) {
    const [low, from, to] = zoom < 14 ? [10, widths[0], widths[1]] : [14, widths[1], widths[2]];
    return from * Math.pow(to / from, Math.max(-0.5, Math.min(1, (zoom - low) / 4)));
  }

  function trace(context, parts, scale) {
    parts.forEach((flat) => {
      context.moveTo(flat[0] * scale, flat[1] * scale);
      for (let at = 2; at < flat.length; at += 2) { context.lineTo(flat[at] * scale, flat[at + 1] * scale); }
    });
  }

  /** Draw the rows of a tile: areas, then casings, then lines, each class in one path. */
  function paint(canvas, rows, order, zoom) {
    const context = canvas.getContext("2d");
    const pixels = canvas.width / TILE;
    const scale = canvas.width / STEPS;
    const classes = new Map();
    rows.forEach(([number, , parts]) => { if (!classes.has(number)) { classes.set(number, []); } classes.get(number).push(parts); });
    const sorted = [...classes.keys()].sort((a, b) => a - b);
    const draw = (number, how) => {
      context.beginPath();
      classes.get(number).forEach((parts) => trace(context, parts, scale));
      how(LOOK[order[number]]);
    };
    context.lineJoin = context.lineCap = "round";
    sorted.forEach((number) => {
      if (LOOK[order[number]].fill) { draw(number, (look) => { context.fillStyle = look.fill; context.fill("evenodd"); }); }
    });
    const line = (look, colour, more, dash) => {
      context.strokeStyle = colour;
      context.lineWidth = (between(look.width, zoom) + more) * pixels;
      context.setLineDash(dash ? dash.map((one) => one * pixels) : []);
      context.stroke();
    };
    sorted.forEach((number) => {
      const look = LOOK[order[number]];
      if (look.casing) { draw(number, () => line(look, look.casing, 1.4)); }
    });
    sorted.forEach((number) => {
      if (LOOK[order[number]].stroke) { draw(number, (look) => line(look, look.stroke, 0, look.dash)); }
    });
  }

  function makeLayer(url, order) {
    const waiting = [];
    let drawing = false;
    function work() {
      const ends = performance.now() + BUDGET_MS;
      while (waiting.length && performance.now() < ends) { waiting.shift()(); }
      drawing = waiting.length > 0;
      if (drawing) { requestAnimationFrame(work); }
    }
    const Tiles = L.GridLayer.extend({
      createTile(coords, done) {
        const canvas = L.DomUtil.create("canvas", "leaflet-tile");
        canvas.width = canvas.height = TILE * Math.min(2, Math.max(1, window.devicePixelRatio || 1));
        const stop = new AbortController();
        canvas.stop = () => stop.abort();
        fetch(url.replace("{z}", coords.z - 1).replace("{x}", coords.x).replace("{y}", coords.y), { signal: stop.signal })
          .then((answer) => { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
          .then((tile) => {
            waiting.push(() => {
              paint(canvas, tile.f, order, coords.z);
              canvas.roads = tile.f.filter((row) => (LOOK[order[row[0]]].casing || order[row[0]] === "track")).map((row) => row[2]);
              canvas.named = { lines: tile.f.filter((row) => row[1]), points: tile.p };
              done(null, canvas);
            });
            if (!drawing) { drawing = true; requestAnimationFrame(work); }
          })
          .catch((problem) => done(problem, canvas));
        return canvas;
      },
    });
    const layer = new Tiles({ pane: "tilePane", zIndex: 5, tileSize: TILE, minZoom: 7, maxZoom: 18, keepBuffer: 1, updateWhenZooming: false });
    layer.on("tileunload", (event) => event.tile.stop());
    return layer;
  }

  /** The nearest place on a road, at most so many pixels from a place; null where there is none. */
  function onRoad(map, layer, at, most) {
    const zoom = Math.round(map.getZoom());
    const far = most / (map.getZoomScale(map.getZoom(), zoom) * TILE / STEPS);
    const world = map.project(at, zoom).multiplyBy(STEPS / TILE);
    let best = null, least = far * far;
    Object.values(layer._tiles || {}).forEach((tile) => {
      if (!tile.current || !tile.el.roads || tile.coords.z !== zoom) { return; }
      const [left, top] = [tile.coords.x * STEPS, tile.coords.y * STEPS];
      const [x, y] = [world.x - left, world.y - top];
      if (x < -far || y < -far || x > STEPS + far || y > STEPS + far) { return; }
      tile.el.roads.flat().forEach((flat) => {
        for (let k = 2; k < flat.length; k += 2) {
          const [ax, ay, dx, dy] = [flat[k - 2], flat[k - 1], flat[k] - flat[k - 2], flat[k + 1] - flat[k - 1]];
          const part = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
          const away = (ax + part * dx - x) ** 2 + (ay + part * dy - y) ** 2;
          if (away < least) { least = away; best = [left + ax + part * dx, top + ay + part * dy]; }
        }
      });
    });
    return best && map.unproject(L.point(best).multiplyBy(TILE / STEPS), zoom);
  }

  // ------------------------------------------------------------------ names

  /** Middle of the longest part of a line that holds a text of so many pixels: place and angle; null where none does. */
  function alongLine(parts, width) {
    let best = null;
    parts.forEach((flat) => {
      let length = 0;
      const at = [0];
      for (let k = 2; k < flat.length; k += 2) {
        length += Math.hypot(flat[k] - flat[k - 2], flat[k + 1] - flat[k - 1]);
        at.push(length);
      }
      if (length < width * 1.15 || (best && best.length >= length)) { return; }
      const place = (wanted) => {
        let k = 1;
        while (k < at.length - 1 && at[k] < wanted) { k += 1; }
        const part = (wanted - at[k - 1]) / ((at[k] - at[k - 1]) || 1);
        return [flat[2 * k - 2] + part * (flat[2 * k] - flat[2 * k - 2]), flat[2 * k - 1] + part * (flat[2 * k + 1] - flat[2 * k - 1])];
      };
      const [from, to] = [place((length - width) / 2), place((length + width) / 2)];
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 0.9 * width) { return; }   // too bent
      let angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
      if (Math.abs(angle) > Math.PI / 2) { angle += angle > 0 ? -Math.PI : Math.PI; }
      best = { length: length, at: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], angle: angle };
    });
    return best;
  }

  function makeNames(map, layer, order) {
    map.createPane("placenames").style.zIndex = 445;
    const canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane("placenames"));
    canvas.style.pointerEvents = "none";
    const font = getComputedStyle(map.getContainer()).fontFamily;

    function candidates(context, zoom) {
      const found = [];
      const scaleOf = map.getZoomScale(zoom, Math.round(zoom)) * TILE / STEPS;
      const width = (text, look, slanted) => {
        context.font = (slanted ? "italic " : "") + look[1] + " " + look[0] + "px " + font;
        return context.measureText(text).width;
      };
      Object.values(layer._tiles || {}).forEach((tile) => {
        if (!tile.current || !tile.el.named || tile.coords.z !== Math.round(zoom)) { return; }
        const corner = map.latLngToContainerPoint(map.unproject(L.point(tile.coords.x, tile.coords.y).multiplyBy(TILE), tile.coords.z));
        const put = (x, y) => [corner.x + x * scaleOf, corner.y + y * scaleOf];
        tile.el.named.points.forEach(([number, text, x, y]) => {
          const look = NAMED[order[number]];
          found.push({ text: text, look: look, rank: number - 1000, at: put(x, y), angle: 0, width: width(text, look) });
        });
        tile.el.named.lines.forEach(([number, text, parts]) => {
          const look = NAMED[order[number]];
          if (!look || (look[3] && zoom < look[3])) { return; }
          const wet = order[number] in { lake: 1, river: 1, canal: 1, stream: 1 };
          const long = width(text, look, wet);
          const on = order[number] === "lake" ? { at: [parts[0][0], parts[0][1]], angle: 0 } : alongLine(parts, long / scaleOf);
          if (on) { found.push({ text: text, look: look, rank: -number, at: put(...on.at), angle: on.angle, width: long, wet: wet, line: true }); }
        });
      });
      return found.sort((a, b) => a.rank - b.rank);
    }

    /** Paint the names that fit between ``taken`` (boxes in the page), without those ``said`` already. */
    return function rename(taken, said) {
      const size = map.getSize();
      const pixels = Math.min(2, window.devicePixelRatio || 1);
      canvas.width = size.x * pixels;
      canvas.height = size.y * pixels;
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      if (!map.hasLayer(layer)) { return; }
      const context = canvas.getContext("2d");
      context.scale(pixels, pixels);
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      const kept = taken.slice();
      const places = {};
      candidates(context, map.getZoom()).forEach((one) => {
        const [x, y] = one.at;
        if (x < 0 || y < 0 || x > size.x || y > size.y || said.has(one.text.toLowerCase())) { return; }
        const [cos, sin] = [Math.abs(Math.cos(one.angle)), Math.abs(Math.sin(one.angle))];
        const [wide, high] = [(one.width * cos + one.look[0] * sin) / 2 + 3, (one.width * sin + one.look[0] * cos) / 2 + 2];
        const box = { left: x - wide, right: x + wide, top: y - high, bottom: y + high };
        if (kept.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom)) { return; }
        const before = places[one.text] = places[one.text] || [];
        if (before.some((at) => Math.hypot(at[0] - x, at[1] - y) < APART)) { return; }
        before.push(one.at);
        kept.push(box);
        context.save();
        context.translate(x, y);
        context.rotate(one.angle);
        context.font = (one.wet ? "italic " : "") + one.look[1] + " " + one.look[0] + "px " + font;
        context.strokeStyle = "rgba(255, 255, 255, .9)";
        context.lineWidth = 3;
        context.strokeText(one.text, 0, 0);
        context.fillStyle = one.look[2];
        context.fillText(one.text, 0, 0);
        context.restore();
      });
    };
  }

  /** The base map of ``config.basemap``; ``renamed`` is called when names may have to be painted anew. */
  window.jangkauBasemap = function (map, config, renamed) {
    const layer = makeLayer(config.url, config.classes);
    const rename = makeNames(map, layer, config.classes);
    let waiting = null;
    layer.on("tileload load", () => { clearTimeout(waiting); waiting = setTimeout(renamed, 90); });
    return { layer: layer, rename: rename, onRoad: (at, most) => onRoad(map, layer, at, most) };
  };
})();
