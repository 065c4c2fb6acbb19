// Upload with progress that survives cut connections: tus 1.0 against the API. A zip or .mlmodel goes as it is, a folder
// as a zip made here, stored and not compressed. What the model has already, by digest, is not sent; what an earlier try
// has brought is not sent again, even after this page was closed. Without script the plain form does it alone.
const form = document.getElementById("upload");
const part = name => form.querySelector(`[data-${name}]`);
const secret = document.body.dataset.form;
const file = form.elements.package, folder = part("folder-input"), name = form.elements.model;
const PIECE = 64 << 20, HASHED = 1 << 29, TRIES = 12;
let chosen = null; // {name, list: [{path, file}], folder}
let running = null; // {request, id, stopped}

part("scripted").hidden = part("folder").hidden = false;
part("folder").addEventListener("click", () => folder.click());
folder.addEventListener("change", () => take([...folder.files].map(one => ({ path: one.webkitRelativePath, file: one }))));
file.addEventListener("change", () => { if (file.files[0]) choose({ name: file.files[0].name, list: [{ path: file.files[0].name, file: file.files[0] }] }); });

for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, event => { event.preventDefault(); form.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, event => { event.preventDefault(); form.classList.remove("over"); });
form.addEventListener("drop", async event => {
  if (running) return;
  const item = event.dataTransfer.items?.[0]?.webkitGetAsEntry?.();
  if (item?.isDirectory) return take(await walk(item, item.name));
  const [dropped] = event.dataTransfer.files;
  if (dropped) choose({ name: dropped.name, list: [{ path: dropped.name, file: dropped }] });
});

async function walk(entry, path) {
  if (entry.isFile) return [{ path, file: await new Promise((done, fail) => entry.file(done, fail)) }];
  const reader = entry.createReader(), found = [];
  for (;;) { // A reader gives at most a hundred at a time.
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found;
    for (const one of some) found.push(...await walk(one, `${path}/${one.name}`));
  }
}

function take(all) {
  const list = all.filter(one => !one.path.endsWith(".DS_Store")).sort((a, b) => a.path < b.path ? -1 : 1);
  const top = list[0]?.path.split("/")[0] ?? "folder";
  if (!list.some(one => one.path === `${top}/Manifest.json`))
    return wrong(`“${top}” is no package: it has no Manifest.json. Choose the .mlpackage folder itself.`);
  choose({ name: top, list, folder: true });
}

function choose(what) {
  chosen = what;
  chosen.bytes = what.list.reduce((sum, one) => sum + one.file.size, 0);
  part("error").hidden = true;
  file.required = false;
  part("picked").hidden = false;
  form.querySelector(".zone").classList.toggle("folder", Boolean(what.folder));
  part("picked-name").textContent = what.name;
  part("picked-what").textContent = `${what.folder ? `folder, ${what.list.length} files, ` : ""}${bytes(chosen.bytes)}`;
  const stem = what.name.replace(/\.(mlpackage|zip|mlmodel)/g, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  if (stem && !name.value) name.value = stem;
}

// Words, as the server writes them.
function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count, unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit++; }
  return `${unit && value < 99.95 ? value.toFixed(value < 9.995 ? 2 : 1) : Math.round(value)}\u202f${units[unit]}`;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => { for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1; return n >>> 0; });
const hex = buffer => [...new Uint8Array(buffer)].map(byte => byte.toString(16).padStart(2, "0")).join("");
const utf8 = text => new TextEncoder().encode(text);
const sha256 = blob => blob.arrayBuffer().then(all => crypto.subtle.digest("SHA-256", all)).then(hex);

async function crc32(blob) {
  let crc = 0xffffffff;
  for (const reader = blob.stream().getReader();;) {
    const { done, value } = await reader.read();
    if (done) return (crc ^ 0xffffffff) >>> 0;
    for (const byte of value) crc = table[(crc ^ byte) & 255] ^ crc >>> 8;
  }
}

// PKWARE's APPNOTE: local headers with files, then the directory. Method 0; names are UTF-8 (bit 11); the date is 1980.
async function zip(list) {
  const parts = [], directory = [];
  let at = 0;
  for (const { path, file } of list) {
    const bytes = utf8(path), crc = await crc32(file), local = new DataView(new ArrayBuffer(30)), central = new DataView(new ArrayBuffer(46));
    if (at + file.size > 0xfffffff0) throw new Error("this folder is too large for the browser; `coreanvil push` sends it");
    const both = (view, from) => { view.setUint16(from, 20, true); view.setUint16(from + 2, 0x800, true); view.setUint16(from + 8, 33, true);
      view.setUint32(from + 10, crc, true); view.setUint32(from + 14, file.size, true); view.setUint32(from + 18, file.size, true); view.setUint16(from + 22, bytes.length, true); };
    local.setUint32(0, 0x04034b50, true); both(local, 4);
    central.setUint32(0, 0x02014b50, true); central.setUint16(4, 20, true); both(central, 6); central.setUint32(42, at, true);
    parts.push(local, bytes, file);
    directory.push(central, bytes);
    at += 30 + bytes.length + file.size;
  }
  const size = directory.reduce((sum, piece) => sum + piece.byteLength, 0), end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true); end.setUint16(8, list.length, true); end.setUint16(10, list.length, true);
  end.setUint32(12, size, true); end.setUint32(16, at, true);
  return new Blob([...parts, ...directory, end]);
}

// Whether hashing is possible (it needs https or this very machine) and takes no memory that a browser lacks.
const hashes = list => globalThis.crypto?.subtle && list.every(one => one.file.size <= HASHED);

// The canonical digest (docs/contract.md, section 1); null where it cannot be told before the server has the package.
async function digest({ list, folder, name }) {
  if (!hashes(list) || !folder && !name.endsWith(".mlmodel")) return null;
  if (!folder) return sha256(list[0].file);
  const lines = [];
  for (const { path, file } of list) lines.push({ path: path.split("/").slice(1).join("/"), size: file.size, hash: await sha256(file) });
  lines.sort((a, b) => { const [x, y] = [utf8(a.path), utf8(b.path)]; for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i]; return x.length - y.length; });
  return hex(await crypto.subtle.digest("SHA-256", utf8(lines.map(one => `${one.path}\0${one.size}\0${one.hash}\n`).join(""))));
}

// A refusal is final; whatever else went wrong may pass.
class Refused extends Error {}
class Passing extends Error { constructor(message, after_s) { super(message); this.after_s = after_s; } }

const passes = status => status >= 500 || [408, 409, 423, 429, 460].includes(status);
const json = text => { try { return JSON.parse(text); } catch { return {}; } };
function judge(status, text, after) {
  const detail = json(text).detail ?? `the server answered ${status}`;
  if (status === 401) throw new Refused("you are signed out; sign in in another tab, then upload again: it goes on where it stopped");
  if (status >= 400) throw passes(status) ? new Passing(detail, Number(after) || 0) : new Refused(detail);
}

async function api(path, options = {}, fine = []) {
  const headers = { ...options.headers, "x-form": secret };
  const answer = await fetch(`/api/v1${path}`, { ...options, headers }).catch(() => { throw new Passing("the server cannot be reached"); });
  if (fine.includes(answer.status)) return answer;
  if (!answer.ok) judge(answer.status, await answer.text(), answer.headers.get("retry-after"));
  return answer;
}

// One request of an upload; resolves with the revision where this was the end of it.
function piece(id, blob, at) {
  const request = new XMLHttpRequest();
  running.request = request;
  request.open("PATCH", `/api/v1/uploads/${id}`);
  for (const [key, value] of Object.entries({ "x-form": secret, "tus-resumable": "1.0.0", "upload-offset": at, "content-type": "application/offset+octet-stream" }))
    request.setRequestHeader(key, value);
  request.upload.onprogress = event => sending(at + event.loaded);
  return new Promise((done, fail) => {
    request.onerror = () => fail(new Passing("the connection broke"));
    request.onabort = () => fail(new Refused("stopped"));
    request.onload = () => {
      try { judge(request.status, request.responseText, request.getResponseHeader("retry-after")); } catch (why) { return fail(why); }
      done(request.getResponseHeader("location")?.split("/").at(-1));
    };
    request.send(blob);
  });
}

// The upload of these bytes that has come furthest, here or elsewhere; or a new one.
async function begun(model, body, hash, kept) {
  const known = localStorage.getItem(kept);
  const found = [];
  if (known) found.push(await api(`/uploads/${known}`, {}, [404]));
  if (hash) found.push(await api(`/uploads?digest=sha256:${hash}`));
  const uploads = (await Promise.all(found.filter(answer => answer.ok).map(answer => answer.json()))).flatMap(one => one.items ?? [one]);
  const usable = uploads.filter(one => one.model_id === model && one.size_bytes === body.size && one.state === "receiving");
  if (usable.length) return usable.reduce((a, b) => a.offset_bytes >= b.offset_bytes ? a : b);
  const pair = (key, value) => `${key} ${btoa(String.fromCharCode(...utf8(value)))}`;
  const metadata = [pair("model", model), pair("filename", chosen.name), ...hash ? [pair("digest", `sha256:${hash}`)] : []].join(",");
  const made = await api("/uploads", { method: "POST", headers: { "tus-resumable": "1.0.0", "upload-length": body.size, "upload-metadata": metadata } });
  return { id: made.headers.get("location").split("/").at(-1), offset_bytes: 0 };
}

async function transfer(model, body, hash) {
  const newest = Math.max(...chosen.list.map(one => one.file.lastModified));
  const kept = `upload ${model} ${chosen.name} ${body.size} ${newest}`;
  let upload = null, best = -1;
  for (let tries = 0; ;) {
    try {
      if (upload?.id) {
        const answer = await api(`/uploads/${upload.id}`, {}, [404]);
        upload = answer.ok ? await answer.json() : null;
        if (upload?.state === "failed") throw new Refused(upload.error?.detail ?? "the package was refused");
        if (upload?.revision_id) return upload.revision_id;
      }
      upload ??= await begun(model, body, hash, kept);
      localStorage.setItem(kept, upload.id);
      running.id = upload.id;
      const at = running.there = upload.offset_bytes;
      if (at > best) [best, tries] = [at, 0];
      if (at > 0) part("safe").textContent = `${bytes(at)} were there already.`;
      rate.length = 0;
      sending(at, true);
      const revision = await piece(upload.id, body.slice(at, at + PIECE), at);
      if (revision) { localStorage.removeItem(kept); return revision; }
    } catch (why) {
      if (!(why instanceof Passing)) { localStorage.removeItem(kept); throw why; }
      if (++tries > TRIES) throw new Error(`${why.message}, and stays so. What has arrived is kept for a day: upload again to go on`);
      await pause(why, Math.max(why.after_s ?? 0, Math.min(15, 2 ** (tries - 1))));
    }
  }
}

// Waits, says so, and goes on at once when one asks for it or the network is back.
async function pause(why, seconds) {
  const now = part("now"), until = Date.now() + seconds * 1000;
  bar(running.there / running.bytes);
  stage("send", `${why.message[0].toUpperCase()}${why.message.slice(1)}. Nothing is lost; trying again.`);
  form.classList.add("broken");
  now.hidden = false;
  await new Promise(done => {
    const tick = setInterval(() => { part("numbers").textContent = `again in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))}\u202fs`; if (Date.now() >= until || running.stopped) go(); }, 250);
    const go = () => { clearInterval(tick); removeEventListener("online", go); now.removeEventListener("click", go); done(); };
    addEventListener("online", go);
    now.addEventListener("click", go);
  });
  form.classList.remove("broken");
  now.hidden = true;
  if (running.stopped) throw new Refused("stopped");
}

// What is on the page.
const rate = []; // [ms, bytes] of the last seconds
const say = text => { if (part("step").textContent !== text) part("step").textContent = text; };

function stage(which, words) {
  const order = ["read", "send", "verify"];
  for (const one of form.querySelectorAll("[data-stage]")) {
    const is = order.indexOf(one.dataset.stage) - order.indexOf(which);
    one.className = `state ${is < 0 ? "succeeded" : is > 0 ? "queued" : "running"}`;
    one.querySelector("use").setAttribute("href", is < 0 ? "#ok" : is > 0 ? "#wait" : "#run");
  }
  say(words);
}

function bar(share) {
  part("progress").hidden = false;
  part("bar").setAttribute("width", `${(share * 100).toFixed(1)}%`);
  form.querySelector("[role=progressbar]").setAttribute("aria-valuenow", Math.round(share * 100));
}

function sending(at, fresh) {
  const whole = running.bytes, now = performance.now();
  bar(at / whole);
  if (at >= whole && !fresh) { part("numbers").textContent = ""; return stage("verify", "All bytes are there. The server verifies every file, hashes and stores it."); }
  stage("send", "Sending");
  rate.push([now, at]);
  while (rate.length > 2 && now - rate[0][0] > 5000) rate.shift();
  const [[from, first]] = rate, speed = now - from > 400 ? (at - first) / (now - from) * 1000 : 0;
  const left = speed > 0 ? Math.ceil((whole - at) / speed) : 0;
  part("numbers").textContent = [`${bytes(at)} of ${bytes(whole)}`, ...speed > 0 ? [`${bytes(speed)}/s`, left < 100 ? `${left}\u202fs left` : `${Math.ceil(left / 60)}\u202fmin left`] : []].join(" · ");
}

function wrong(text) {
  part("progress").hidden = true;
  part("error").hidden = false;
  part("error").querySelector("span").textContent = text;
}

part("stop").addEventListener("click", async () => {
  if (!running) return;
  const { id } = running;
  running.stopped = true;
  running.request?.abort();
  if (id) await api(`/uploads/${id}`, { method: "DELETE", headers: { "tus-resumable": "1.0.0" } }, [404, 423]).catch(() => {});
});

form.addEventListener("submit", async event => {
  event.preventDefault();
  if (running) return;
  if (!chosen) return wrong("Choose a package first: a zip, an .mlmodel, or a folder.");
  const button = form.querySelector(".btn.main"), model = name.value.trim();
  part("error").hidden = true;
  part("safe").textContent = "";
  running = { bytes: chosen.bytes, there: 0 };
  button.disabled = true;
  part("stop").hidden = false;
  try {
    bar(0);
    stage("read", "Reading and hashing here, to send nothing twice");
    await api("/models", { method: "POST", body: JSON.stringify({ name: model }), headers: { "content-type": "application/json" } }, [409]);
    const { id } = await api(`/models/${encodeURIComponent(model)}`).then(answer => answer.json());
    const hash = await digest(chosen);
    const known = hash && await api(`/models/${id}/revisions?digest=sha256:${hash}`).then(answer => answer.json());
    if (known?.items?.length) { location.href = `/revisions/${known.items[0].id}`; return; }
    const body = chosen.folder ? await zip(chosen.list) : chosen.list[0].file;
    running.bytes = body.size;
    const whole = hashes(chosen.list) && body.size <= HASHED ? await sha256(body) : null;
    location.href = `/revisions/${await transfer(id, body, whole)}`;
  } catch (why) {
    if (running.stopped) { part("progress").hidden = true; part("error").hidden = true; } else wrong(why.message);
    running = null;
    button.disabled = false;
    part("stop").hidden = true;
  }
});
