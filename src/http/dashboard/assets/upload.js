// Upload with progress: a zip or .mlmodel as it is, an .mlpackage folder as a zip made here, stored and not compressed.
// What the model has already, by digest, is not sent. Everything goes to the API; without script the form does it alone.
const form = document.getElementById("upload");
const part = name => form.querySelector(`[data-${name}]`);
const secret = document.body.dataset.form;
const file = form.elements.package, folder = part("folder-input"), name = form.elements.model;
let entries = null; // [{path, file}] of a folder, or null

part("scripted").hidden = false;
part("folder").addEventListener("click", () => folder.click());
folder.addEventListener("change", () => take([...folder.files].map(one => ({ path: one.webkitRelativePath, file: one }))));
file.addEventListener("change", () => { entries = null; chosen(file.files[0]?.name); });

for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, event => { event.preventDefault(); form.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, event => { event.preventDefault(); form.classList.remove("over"); });
form.addEventListener("drop", async event => {
  const item = event.dataTransfer.items?.[0]?.webkitGetAsEntry?.();
  if (item?.isDirectory) return take(await walk(item, item.name));
  const [dropped] = event.dataTransfer.files;
  if (!dropped) return;
  const list = new DataTransfer();
  list.items.add(dropped);
  file.files = list.files;
  entries = null;
  chosen(dropped.name);
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

function take(list) {
  entries = list.filter(one => !one.path.endsWith(".DS_Store"));
  file.required = false;
  chosen(`${entries[0]?.path.split("/")[0] ?? "folder"}: ${entries.length} files`);
}

function chosen(text) {
  part("chosen-name").hidden = !text;
  part("chosen-name").textContent = text ?? "";
  const stem = text?.split(/[/:]/)[0].replace(/\.(mlpackage|zip|mlmodel)/g, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  if (stem && !name.value) name.value = stem;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => { for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1; return n >>> 0; });
const hex = buffer => [...new Uint8Array(buffer)].map(byte => byte.toString(16).padStart(2, "0")).join("");
const utf8 = text => new TextEncoder().encode(text);

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

// The canonical digest (docs/contract.md, section 1), or null where hashing would need too much memory.
async function digest(list, single) {
  const sha = blob => blob.arrayBuffer().then(bytes => crypto.subtle.digest("SHA-256", bytes)).then(hex);
  if (!globalThis.crypto?.subtle || list.some(one => one.file.size > 1 << 29)) return null;
  if (single) return sha(list[0].file);
  const lines = [];
  for (const { path, file } of list) lines.push({ path: path.split("/").slice(1).join("/"), size: file.size, hash: await sha(file) });
  lines.sort((a, b) => { const [x, y] = [utf8(a.path), utf8(b.path)]; for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i]; return x.length - y.length; });
  return hex(await crypto.subtle.digest("SHA-256", utf8(lines.map(one => `${one.path}\0${one.size}\0${one.hash}\n`).join(""))));
}

const api = (path, options = {}) => fetch(`/api/v1${path}`, { ...options, headers: { ...options.headers, "x-form": secret } });

async function send(model, body) {
  const request = new XMLHttpRequest();
  request.open("POST", `/api/v1/models/${encodeURIComponent(model)}/revisions`);
  request.setRequestHeader("x-form", secret);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.onprogress = event => progress(event.loaded / event.total, event.loaded === event.total ? "Verifying and storing" : "Sending");
  return new Promise((done, fail) => {
    request.onload = () => { const answer = JSON.parse(request.responseText || "{}"); request.status < 300 ? done(answer) : fail(new Error(answer.detail ?? `the server answered ${request.status}`)); };
    request.onerror = () => fail(new Error("the connection broke; nothing was stored"));
    request.send(body);
  });
}

function progress(share, step) {
  part("progress").hidden = false;
  const percent = Math.round(share * 100);
  part("bar").setAttribute("width", `${percent}%`);
  form.querySelector("[role=progressbar]").setAttribute("aria-valuenow", percent);
  part("step").textContent = share > 0 && share < 1 ? `${step}, ${percent} %` : step;
}

form.addEventListener("submit", async event => {
  event.preventDefault();
  const button = form.querySelector(".btn.main"), error = part("error");
  error.hidden = true;
  button.disabled = true;
  try {
    const single = !entries && file.files[0]?.name.endsWith(".mlmodel");
    const list = entries ?? [{ path: file.files[0].name, file: file.files[0] }];
    const model = name.value.trim();
    progress(0, "Looking whether it is known");
    const made = await api("/models", { method: "POST", body: JSON.stringify({ name: model }), headers: { "content-type": "application/json" } });
    if (!made.ok && made.status !== 409) throw new Error((await made.json()).detail);
    const hash = entries || single ? await digest(list, single) : null;
    if (hash) {
      const known = await api(`/models/${encodeURIComponent(model)}/revisions?digest=sha256:${hash}`).then(answer => answer.json());
      if (known.items?.length) { location.href = `/revisions/${known.items[0].id}`; return; }
    }
    progress(0, "Sending");
    const revision = await send(model, entries ? await zip(list) : list[0].file);
    location.href = `/revisions/${revision.id}`;
  } catch (why) {
    part("progress").hidden = true;
    error.hidden = false;
    error.querySelector("span").textContent = why.message;
    button.disabled = false;
  }
});
