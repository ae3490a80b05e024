/* Streamlit's own words in the reader's language, which Streamlit cannot do by itself.
 *
 * The page says which language it speaks in <span class="jk-language" data-language>. Where it is Indonesian, texts and
 * labels that are exactly one of the words below are replaced as they appear; all other text is left alone.
 */
(function () {
  "use strict";

  // Streamlit would look for its server below the page's own address first, and find nothing there.
  const base = new URL("../../", document.currentScript.src).href;
  window.__streamlit = { BACKEND_BASE_URL: base, HOST_CONFIG_BASE_URL: base, MAIN_PAGE_BASE_URL: base };

  const WORDS = {
    "Sort ascending": "Urutkan naik",
    "Sort descending": "Urutkan turun",
    "Format": "Format angka",
    "Autosize": "Lebar otomatis",
    "Pin column": "Tahan kolom",
    "Unpin column": "Lepas kolom",
    "Hide column": "Sembunyikan kolom",
    "Statistics": "Statistik",
    "Filter": "Saring",
    "Copy column name": "Salin nama kolom",
    "Download as CSV": "Unduh CSV",
    "Search": "Cari",
    "Fullscreen": "Layar penuh",
    "Close fullscreen": "Tutup layar penuh",
    "Show/hide columns": "Tampilkan/sembunyikan kolom",
    "Clear selection": "Hapus pilihan",
    "No results": "Tidak ditemukan",
    "Clear all": "Hapus semua",
    "Clear value": "Hapus",
    "Select all": "Pilih semua",
    "Remove": "Hapus",
    "Open": "Buka",
    "Close": "Tutup",
    "Help": "Bantuan",
    "Connecting": "Menghubungkan",
    "CONNECTING": "MENGHUBUNGKAN",
    "Connection error": "Sambungan terputus",
    "Connection lost": "Sambungan terputus",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:":
      "Jangkau tidak menjawab. Jika Jangkau terhenti, jalankan lagi:",
    "streamlit run yourscript.py": "jangkau serve",
    "Running...": "Menghitung …",
    "Stop": "Hentikan",
    "Page not found": "Halaman tidak ditemukan",
    "Open sidebar": "Buka menu",
    "Close sidebar": "Tutup menu",
    "Expand sidebar": "Buka menu",
    "Collapse sidebar": "Tutup menu",
    "streamlit_folium.st_folium": "Peta desa",
  };
  const ATTRIBUTES = ["title", "aria-label", "placeholder", "alt"];
  let indonesian = true;

  function word(text) {
    const bare = text.trim();
    return Object.prototype.hasOwnProperty.call(WORDS, bare) ? text.replace(bare, WORDS[bare]) : null;
  }

  function translateText(node) {
    const wanted = node.nodeValue && node.nodeValue.length < 200 ? word(node.nodeValue) : null;
    if (wanted !== null) { node.nodeValue = wanted; }
  }

  function translateAttributes(element) {
    ATTRIBUTES.forEach((name) => {
      const value = element.getAttribute(name);
      const wanted = value ? word(value) : null;
      if (wanted !== null) { element.setAttribute(name, wanted); }
    });
  }

  function translate(root) {
    if (root.nodeType === Node.TEXT_NODE) { translateText(root); return; }
    if (root.nodeType !== Node.ELEMENT_NODE) { return; }
    translateAttributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      if (walker.currentNode.nodeType === Node.TEXT_NODE) { translateText(walker.currentNode); }
      else { translateAttributes(walker.currentNode); }
    }
  }

  function listen() {
    const said = document.querySelector(".jk-language");
    const language = said ? said.dataset.language : document.documentElement.lang;
    if (language && document.documentElement.lang !== language) { document.documentElement.lang = language; }
    const before = indonesian;
    indonesian = language !== "en";
    if (indonesian && !before) { translate(document.body); }
  }

  new MutationObserver((changes) => {
    listen();
    if (!indonesian) { return; }
    changes.forEach((change) => {
      if (change.type === "childList") { change.addedNodes.forEach(translate); }
      else if (change.type === "characterData") { translateText(change.target); }
      else { translateAttributes(change.target); }
    });
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true,
    attributeFilter: [...ATTRIBUTES, "data-language"] });
})();
