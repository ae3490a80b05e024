/* The layer panel: what is drawn, in which order and how strongly. What was chosen stays with the window
 * (sessionStorage), and goes into the link as one small object that holds only what differs from the usual.
 */
(function () {
  "use strict";

  // From the ground up.
  const ORDER = ["pictures", "basemap", "villages", "people", "areas", "land", "relief", "borders", "pockets", "landmarks", "proposals",
    "evidence", "measured", "assets"];
  const PANES = { basemap: ["tilePane"], villages: ["overlayPane"], assets: ["routes", "assets"] };
  const QUIET = ["picture", "people", "areas", "land", "relief", "borders", "pockets", "landmarks", "chosen", "labels"];   // not clicked

  window.jangkauPanel = function (m) {
    const { map, config, element } = m;
    const layers = {};          // by name: {text, on, usual, show, more}
    const kept = "jangkau.lapisan:" + config.seat;
    let order = ORDER.slice();
    let opacity = {};           // by name, in percent, where it is not the usual
    const usually = (name) => Math.round(100 * (config.opacity[name] || 1));
    const strength = (name) => (opacity[name] === undefined ? usually(name) : opacity[name]);
    let box = null;

    ["routes", "chosen", "links", "labels", "picture", ...ORDER.filter((name) => !PANES[name]), "assets"].forEach((name) => {
      if (!map.getPane(name)) { map.createPane(name); }
      if (QUIET.includes(name)) { map.getPane(name).style.pointerEvents = "none"; }
    });

    function stack() {
      const level = (name, above) => { map.getPane(name).style.zIndex = above; };
      order.forEach((name, at) => (PANES[name] || [name]).forEach((pane) => level(pane, 150 + 20 * at)));
      const [ground, top] = ["villages", "assets"].map((name) => 150 + 20 * order.indexOf(name));
      level("picture", ground - 1);
      level("routes", top - 8);
      level("chosen", Math.max(ground + 1, top - 6));
      level("links", top - 3);
      level("labels", 450);
    }

    function fade(name) {
      const share = strength(name) / 100;
      if (name === "villages") { m.paint = share; m.lift(); return; }   // colours alone: outlines and the hatch stay
      (PANES[name] || [name]).forEach((pane) => { map.getPane(pane).style.opacity = share; });
    }

    /** Offer a layer; `show` switches it, `more` adds what can be chosen in it. */
    function add(name, text, { on = true, show, more }) {
      const chosen = (taken.on || {})[name];
      layers[name] = { text, usual: on, on: chosen === undefined ? on : chosen, show, more };
      if (layers[name].on !== on || on) { show(layers[name].on); }
    }

    function turn(name, on) {
      layers[name].on = on;
      layers[name].show(on);
      changed();
    }

    /** Swap with the next layer that is offered. */
    function move(name, up) {
      const offered = order.filter((one) => layers[one]);
      const other = offered[offered.indexOf(name) + (up ? 1 : -1)];
      if (!other) { return; }
      const [a, b] = [order.indexOf(name), order.indexOf(other)];
      [order[a], order[b]] = [order[b], order[a]];
      stack();
      changed();
      fill();
      const again = box.querySelector(`[data-layer=${name}] .jk-${up ? "up" : "down"}`);
      (again.disabled ? again.parentElement.querySelector("button:enabled") : again).focus();
    }

    /** What differs from the usual, for a link. */
    function state() {
      const on = Object.fromEntries(Object.entries(layers).filter(([, one]) => one.on !== one.usual).map(([name, one]) => [name, one.on]));
      const said = { ...m.assets.state(), ...m.painting.state(), ...m.areas.state() };
      if (order.join() !== ORDER.join()) { said.order = order; }
      if (Object.keys(on).length) { said.on = on; }
      if (Object.keys(opacity).length) { said.opacity = opacity; }
      return said;
    }

    function changed() {
      m.legend.fill();
      keep();
    }

    function keep() {
      try { sessionStorage.setItem(kept, JSON.stringify({ address: config.layers, state: state() })); } catch { /* a closed browser keeps nothing */ }
    }

    /** What was chosen in this window since its address was opened, else what the address says. */
    function read() {
      try {
        const found = JSON.parse(sessionStorage.getItem(kept));
        if (found && JSON.stringify(found.address) === JSON.stringify(config.layers)) { return found.state; }
      } catch { /* likewise */ }
      return config.layers || {};
    }

    function button(className, text, title, press, enabled) {
      const made = element("button", className, text);
      made.type = "button";
      made.title = title;
      made.setAttribute("aria-label", title);
      made.disabled = !enabled;
      made.addEventListener("click", press);
      return made;
    }

    function row(name, at, offered) {
      const one = layers[name];
      const made = element("div", "jk-layer");
      made.dataset.layer = name;
      const label = element("label");
      const tick = element("input");
      tick.type = "checkbox";
      tick.checked = one.on;
      tick.addEventListener("change", () => turn(name, tick.checked));
      label.append(tick, element("span", null, one.text));
      const range = element("input");
      Object.assign(range, { type: "range", min: 10, max: 100, step: 5, value: strength(name), title: config.text.opacity });
      range.setAttribute("aria-label", config.text.opacity + ": " + one.text);
      range.addEventListener("input", () => {
        if (Number(range.value) === usually(name)) { delete opacity[name]; } else { opacity[name] = Number(range.value); }
        fade(name);
      });
      range.addEventListener("change", changed);
      made.append(label, button("jk-up", "▲", config.text.up + ": " + one.text, () => move(name, true), at > 0),
        button("jk-down", "▼", config.text.down + ": " + one.text, () => move(name, false), at < offered - 1), range);
      if (one.more) { one.more(made); }
      return made;
    }

    /** A switch of one of the things in a layer. */
    function part(text, on, turned, picture) {
      const label = element("label", "jk-part");
      const tick = element("input");
      tick.type = "checkbox";
      tick.checked = on;
      tick.addEventListener("change", () => { turned(tick.checked); changed(); });
      label.append(tick, ...(picture ? [picture] : []), element("span", null, text));
      return label;
    }

    function fill() {
      if (!box) {
        box = element("details", "jk-panel");
        box.addEventListener("toggle", () => {
          m.areas.know();
          if (box.open) { box.scrollIntoView({ block: "nearest" }); }   // within the legend, which scrolls
        });
      }
      const offered = order.filter((name) => layers[name]).reverse();
      box.replaceChildren(element("summary", null, config.text.layers), ...offered.map((name, at) => row(name, at, offered.length)));
      m.legend.beside(box);
    }

    const taken = read();
    if (Array.isArray(taken.order)) { order = [...taken.order.filter((name) => ORDER.includes(name)), ...ORDER.filter((name) => !taken.order.includes(name))]; }
    opacity = { ...taken.opacity };
    stack();
    Object.keys({ ...config.opacity, ...opacity }).filter((name) => ORDER.includes(name) && name !== "villages").forEach(fade);
    m.paint = strength("villages") / 100;
    return { taken, add, part, fill, state, keep, on: (name) => Boolean(layers[name] && layers[name].on) };
  };
})();
