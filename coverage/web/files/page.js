/* What Streamlit cannot do by itself: its own words in the reader's language, and the session cookie.
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
    // tables
    "Search": "Cari", "Type to search": "Ketik untuk mencari", "Close Search": "Tutup pencarian",
    "Next Result": "Hasil berikutnya", "Previous Result": "Hasil sebelumnya", "Download as CSV": "Unduh CSV",
    "Fullscreen": "Layar penuh", "Close fullscreen": "Tutup layar penuh", "Show/hide columns": "Tampilkan/sembunyikan kolom",
    "Clear selection": "Hapus pilihan", "Dataframe column menu": "Menu kolom", "Copy column name": "Salin nama kolom",
    "Sort ascending": "Urutkan naik", "Sort descending": "Urutkan turun", "Autosize": "Lebar otomatis",
    "Pin column": "Tahan kolom", "Unpin column": "Lepas kolom", "Hide column": "Sembunyikan kolom", "Format": "Bentuk angka",
    "Automatic": "Otomatis", "Localized": "Menurut bahasa", "Plain": "Polos", "Compact": "Ringkas", "Percent": "Persen",
    "Scientific": "Ilmiah", "Accounting": "Akuntansi", "Dollar": "Dolar", "Distance": "Jarak", "Duration": "Lama",
    "Calendar": "Kalender", "Add row": "Tambah baris", "Delete row(s)": "Hapus baris", "No data": "Tidak ada data",
    "empty": "kosong", "Empty": "Kosong", "None": "–",
    // statistics of a column
    "Statistics": "Statistik", "Count": "Banyaknya", "Distinct": "Nilai berbeda", "Values": "Nilai", "Range": "Rentang",
    "Minimum": "Terkecil", "Maximum": "Terbesar", "Average": "Rata-rata", "Median": "Nilai tengah", "Sum": "Jumlah",
    "Standard deviation": "Simpangan baku", "25th percentile": "Persentil 25", "75th percentile": "Persentil 75",
    "Average length": "Panjang rata-rata", "Minimum length": "Terpendek", "Maximum length": "Terpanjang",
    "Based on sample": "Dari sebagian baris", "Distribution histogram": "Sebaran nilai", "Start": "Awal", "End": "Akhir",
    "Top values frequency chart": "Nilai yang paling sering", "True": "Ya", "False": "Tidak",
    "Incompatible value": "Nilai tidak cocok", "Invalid input.": "Isian tidak cocok.",
    "The value is not part of the allowed options.": "Nilai ini tidak ada di antara pilihan.",
    "The value cannot be interpreted as a number.": "Yang diperlukan angka.",
    // choices and fields
    "Choose an option": "Pilih", "Choose options": "Pilih", "Select...": "Pilih", "Select": "Pilih", "No options": "Tidak ada pilihan",
    "No results": "Tidak ditemukan", "Select all": "Pilih semua", "Clear all": "Hapus semua", "Clear value": "Hapus",
    "Clear entry": "Hapus", "Selected values": "Yang dipilih", "Multiselect": "Pilihan", "Multiselect options": "Pilihan",
    "Selectbox": "Pilihan", "Selectbox options": "Pilihan", "Open": "Buka", "Close": "Tutup", "Remove": "Hapus", "Help": "Bantuan",
    "Increment": "Tambah", "Decrement": "Kurangi", "Show password": "Tampilkan isinya", "Hide password": "Sembunyikan isinya",
    "Choose date": "Pilih tanggal", "Choose date range": "Pilih rentang tanggal", "Clear date": "Hapus tanggal",
    "Clear dates": "Hapus tanggal", "Date range": "Rentang tanggal", "Number is above the allowed range.": "Angka terlalu besar.",
    "Number is below the allowed range.": "Angka terlalu kecil.", "Press Enter to apply": "Tekan Enter",
    "Upload": "Unggah", "Browse files": "Pilih berkas", "Add files": "Tambah berkas", "Cancel": "Batal", "Copy": "Salin",
    "Drag and drop file here": "Letakkan berkas di sini", "Drag and drop files here": "Letakkan berkas di sini",
    "Drag and drop a file here": "Letakkan berkas di sini", "Download failed": "Unduhan gagal", "Show data": "Tampilkan data",
    "Show chart": "Tampilkan grafik", "Download as PNG": "Unduh gambar", "Scrollable table": "Tabel yang dapat digulir",
    // the frame of the page
    "App pages": "Halaman", "Logo": "Jangkau", "Navigate to home page": "Ke halaman pertama", "Skip to main content": "Langsung ke isi",
    "Sidebar": "Menu", "Open sidebar": "Buka menu", "Close sidebar": "Tutup menu", "Expand sidebar": "Buka menu",
    "Collapse sidebar": "Tutup menu", "Main menu": "Menu", "Notifications": "Pemberitahuan", "Theme": "Warna", "Print": "Cetak",
    "Connecting": "Menghubungkan", "CONNECTING": "MENGHUBUNGKAN", "Connection error": "Sambungan terputus",
    "Connection lost": "Sambungan terputus", "Connection timed out.": "Sambungan terputus.", "Running...": "Menghitung …",
    "The page that you have requested does not seem to exist. Running the app's main page.":
      "Alamat ini tidak ada. Yang ditampilkan halaman pertama.",
    "Stop": "Hentikan", "Try again": "Coba lagi", "Page not found": "Halaman tidak ditemukan", "Unknown error": "Kesalahan",
    "Script execution error": "Kesalahan program", "Error:": "Gagal:",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:":
      "Jangkau tidak menjawab. Jika Jangkau terhenti, jalankan lagi:",
    "streamlit run yourscript.py": "jangkau serve",
    "Streamlit server is not responding. Are you connected to the internet?": "Jangkau tidak menjawab. Coba muat ulang halaman ini.",
    "streamlit_folium.st_folium": "Peta desa",
  };
  const ENGLISH = { "streamlit_folium.st_folium": "Map of villages", "Peta desa": "Map of villages" };
  // An upload that a server refused, ours or one in front of it: what Streamlit says, and what it means.
  [
    ["Request failed with status code 413",
      "Server tidak menerima berkas sebesar ini, atau sudah memegang terlalu banyak unggahan Anda. Kecilkan atau bagi berkasnya, " +
        "muat ulang halaman, atau minta pengelola menaikkan batas unggahan server web.",
      "The server does not take a file this large, or holds too many of your uploads already. Make the file smaller or split it, " +
        "reload the page, or ask whoever keeps the web server to raise its upload limit."],
    ["Request failed with status code 403",
      "Server tidak menerima berkas ini dari Anda. Masuk lagi, lalu unggah lagi.",
      "The server does not take this file from you. Sign in again, then upload it again."],
    ["Network Error",
      "Sambungan terputus saat mengunggah. Periksa jaringan, lalu unggah lagi.",
      "The connection broke during the upload. Check the network, then upload again."],
  ].forEach(([said, indonesian, english]) => {
    WORDS["AxiosError: " + said] = indonesian;
    ENGLISH["AxiosError: " + said] = english;
  });
  // Words with something in between; "$1" is translated too where it is one of the words above.
  const PATTERNS = [
    [/^([A-Z][A-Za-z/() ]+): (.+)$/, "$1: $2"],
    [/^Remove (.+)$/, "Hapus $1"],
    [/^Select (\d+) matches$/, "Pilih $1 yang cocok"],
    [/^(.+) per file(.*)$/, "paling besar $1 per berkas$2"],
    [/^You can only select up to (\d+) options?\. Remove an option first\.$/, "Paling banyak $1 pilihan. Hapus satu lebih dulu."],
    [/^(.+) files are not allowed\.$/, "Berkas $1 tidak dapat dipakai."],
  ];
  // Text of ours or of a file, which only happens to be one of the words.
  const OURS = '[data-testid="stHtml"], [data-testid="stMarkdownContainer"], [data-testid="stAlert"], input, textarea, script, style';
  const ATTRIBUTES = ["title", "aria-label", "placeholder", "alt"];
  let indonesian = true;
  /** What a text or an attribute said before it was put into Indonesian: node, then name (none for a text), then both. */
  const before = new WeakMap();

  function note(node, name, said, now) {
    if (!indonesian) { return; }   // what is put into English is never to be put back: that would go round for ever
    if (!before.has(node)) { before.set(node, {}); }
    before.get(node)[name] = [said, now];
  }

  /** What Streamlit said itself, where it still stands as we put it; else null. */
  function original(node, name, now) {
    const noted = before.get(node);
    return !indonesian && noted && noted[name] && noted[name][1] === now ? noted[name][0] : null;
  }

  function word(text) {
    const bare = text.trim();
    if (!indonesian) { return Object.prototype.hasOwnProperty.call(ENGLISH, bare) ? ENGLISH[bare] : null; }
    if (Object.prototype.hasOwnProperty.call(WORDS, bare)) { return text.replace(bare, () => WORDS[bare]); }
    for (const [pattern, wanted] of PATTERNS) {
      const found = bare.match(pattern);
      const first = found && Object.prototype.hasOwnProperty.call(WORDS, found[1]) ? WORDS[found[1]] : found && found[1];
      if (found && (wanted !== "$1: $2" || first !== found[1])) {
        return wanted.replace(/\$(\d)/g, (_, at) => (at === "1" ? first : found[Number(at)]));
      }
    }
    return null;
  }

  function translateText(node) {
    if (!node.nodeValue || node.nodeValue.length > 200) { return; }
    const said = original(node, "", node.nodeValue);
    if (said !== null) { node.nodeValue = said; return; }
    const sentence = node.nodeValue.trim().split(" ").length > 4;   // nobody's name is a sentence of Streamlit's
    const parent = node.parentElement;
    if (!sentence && parent && parent.closest(OURS) && !parent.closest('[data-testid="stFileUploader"] button')) { return; }
    const wanted = word(node.nodeValue);
    if (wanted !== null) { note(node, "", node.nodeValue, wanted); node.nodeValue = wanted; }
  }

  function translateAttributes(element) {
    ATTRIBUTES.forEach((name) => {
      const value = element.getAttribute(name);
      const said = value ? original(element, name, value) : null;
      const wanted = value && said === null ? word(value) : null;
      if (said !== null) { element.setAttribute(name, said); }
      if (wanted !== null) { note(element, name, value, wanted); element.setAttribute(name, wanted); }
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

  /** What the address is to say: another page leaves it behind, and a reload would find the first region. */
  let addressed = null;
  function address(said) {
    const url = new URL(window.location.href), wanted = url.pathname + "?" + said;
    if (wanted === addressed) { return; }
    addressed = wanted;
    new URLSearchParams(said).forEach((value, name) => url.searchParams.set(name, value));
    window.history.replaceState(window.history.state, "", url);
  }

  function listen() {
    const said = document.querySelector(".jk-language");
    if (said) { address(said.dataset.address); }
    const language = said ? said.dataset.language : document.documentElement.lang;
    if (language && document.documentElement.lang !== language) { document.documentElement.lang = language; }
    const was = indonesian;
    indonesian = language !== "en";
    if (indonesian !== was) { translate(document.body); }
  }

  /** Skip links: Streamlit's own leads to the title of the page, past the header; ours to what comes after the map. */
  function skip(event) {
    const link = event.target.closest && event.target.closest('.jk-skip, [data-testid="stSkipToContent"]');
    if (!link) { return; }
    event.preventDefault();
    event.stopPropagation();
    const focusable = [...document.querySelectorAll("h1, iframe, input, button, a[href], [tabindex='0']")];
    const after = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
    const frame = focusable.find((one) => one.tagName === "IFRAME" && after(link, one));
    const wanted = link.matches(".jk-skip") ? focusable.find((one) => frame && after(frame, one) && one.offsetParent && !one.disabled)
      : document.querySelector("h1");
    if (!wanted) { return; }
    if (wanted.tagName === "H1") { wanted.tabIndex = -1; }
    wanted.focus();
  }
  document.addEventListener("click", skip, true);

  /** Whoever signed in or out on the page gets or loses the cookie: see coverage/web/server/tickets.py. */
  let handedIn = null;
  function handIn() {
    const said = document.querySelector(".jk-ticket");
    const ticket = said ? said.dataset.ticket : null;
    if (!ticket || ticket === handedIn) { return; }
    handedIn = ticket;
    const asked = ticket === "keluar" ? { method: "DELETE" } : { method: "POST", body: ticket };
    fetch(base + "sesi", asked).then(() => window.location.reload());
  }

  /** "Salin tautan": the address that the server wrote, with the map as it stands. */
  function link(button) {
    const url = new URL(button.dataset.link);
    const maps = [...document.querySelectorAll("iframe")].map((frame) => {
      try { return frame.contentWindow.jangkau; } catch { return null; }   // of another origin
    });
    const map = maps.find((one) => one && one.seen);
    if (map) {
      ["pandangan", "lapis"].forEach((name) => url.searchParams.delete(name));
      Object.entries(map.seen()).forEach(([name, value]) => url.searchParams.set(name, value));
    }
    return url.href;
  }

  function copy(text) {
    if (navigator.clipboard) { return navigator.clipboard.writeText(text); }
    const field = document.createElement("textarea");   // without TLS there is no clipboard
    field.value = text;
    document.body.appendChild(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copy"));
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".jk-copy") : null;
    if (!button) { return; }
    const url = link(button);
    copy(url).then(() => { button.textContent = button.dataset.done; }, () => window.prompt("", url));
  });

  new MutationObserver((changes) => {
    listen();
    handIn();
    changes.forEach((change) => {
      if (change.type === "childList") { change.addedNodes.forEach(translate); }
      else if (change.type === "characterData") { translateText(change.target); }
      else { translateAttributes(change.target); }
    });
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true,
    attributeFilter: [...ATTRIBUTES, "data-language", "data-address", "data-ticket"] });
})();
