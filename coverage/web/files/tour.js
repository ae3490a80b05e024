/* The manual in a window of its own, and the tour of one minute: the steps of <ol class="jk-tour">, each beside the
 * element that it is about.
 *
 * Offered by links to #tur, never forced; arrows and Escape work. That it was taken is remembered in this browser.
 */
(function () {
  "use strict";
  const SEEN = "jangkau-tur", root = document.documentElement;
  let box = null, at = 0, from = null;

  function remembered(now) {
    try {
      if (now) { localStorage.setItem(SEEN, "1"); }
      return localStorage.getItem(SEEN) === "1";
    } catch { return false; }   // a browser that keeps nothing
  }
  if (remembered(false)) { root.classList.add("jk-tour-seen"); }

  const list = () => document.querySelector(".jk-tour");
  const steps = () => [...list().children].filter((step) => document.querySelector(step.dataset.at));

  function mark(element) {
    document.querySelectorAll(".jk-tour-at").forEach((each) => each.classList.remove("jk-tour-at"));
    if (element) { element.classList.add("jk-tour-at"); }
  }

  function end() {
    if (!box) { return; }
    box.remove();
    box = null;
    mark(null);
    remembered(true);
    root.classList.add("jk-tour-seen");
    if (from && from.isConnected) { from.focus(); }
  }

  function button(said, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = said;
    made.addEventListener("click", act);
    return made;
  }

  function place(element) {
    const about = element.getBoundingClientRect(), own = box.getBoundingClientRect();
    const below = about.bottom + 12, above = about.top - own.height - 12, most = window.innerHeight - own.height - 12;
    box.style.top = `${below <= most ? below : above >= 60 ? above : most}px`;
    box.style.left = `${Math.max(12, Math.min(about.left, window.innerWidth - own.width - 12))}px`;
  }

  function show(wanted) {
    const all = steps(), words = list().dataset;
    if (wanted >= all.length) { end(); return; }
    at = Math.max(0, wanted);
    const element = document.querySelector(all[at].dataset.at), last = at === all.length - 1;
    const text = document.createElement("p"), row = document.createElement("div"), count = document.createElement("span");
    text.textContent = all[at].textContent;
    count.textContent = `${at + 1}/${all.length}`;
    const onward = button(last ? words.end : words.next, () => show(at + 1));
    row.append(count, ...(at ? [button(words.back, () => show(at - 1))] : []), ...(last ? [] : [button(words.end, end)]), onward);
    box.replaceChildren(text, row);
    mark(element);
    element.scrollIntoView({ block: "center" });
    place(element);
    onward.focus({ preventScroll: true });
  }

  function begin() {
    if (window.location.hash !== "#tur") { return; }
    if (!list() || !document.querySelector(".st-key-map iframe")) { window.setTimeout(begin, 300); return; }
    window.history.replaceState(null, "", window.location.pathname + window.location.search);   // so that it can be asked for again
    if (box) { return; }
    from = document.activeElement;
    box = document.createElement("div");
    box.className = "jk-tour-box";
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", list().dataset.start);
    box.setAttribute("aria-live", "polite");
    document.body.append(box);
    show(0);
  }

  document.addEventListener("keydown", (event) => {
    if (!box) { return; }
    if (event.key === "Escape") { end(); }
    if (event.key === "ArrowRight") { show(at + 1); }
    if (event.key === "ArrowLeft") { show(at - 1); }
  });
  document.addEventListener("click", (event) => {   // in a window of its own: what is on the page stays
    const manual = event.target.closest(".st-key-manual a");
    if (!manual || event.ctrlKey || event.metaKey) { return; }
    event.preventDefault();
    window.open(manual.href, "panduan");
  });
  window.addEventListener("hashchange", begin);
  window.addEventListener("resize", () => box && show(at));
  begin();
})();
