// What script adds to pages that work without it: keys, live parts, theme, marked rows. Nothing is fetched from elsewhere.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// Live parts: an element with an id and data-poll is fetched again with its page, and replaced where it changed.
let latest = Date.now(), source = null, timer = null, waiting = false;

async function refresh() {
  const part = $("[data-poll]");
  if (!part || waiting) return;
  waiting = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(10000) });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    latest = Date.now();
    lost(false);
    if (part.hasAttribute("data-reload") && !fresh?.hasAttribute("data-poll")) return location.reload();
    if (!fresh) return;
    swap(part, fresh);
    document.title = page.title;
  } catch {
    lost(true);
  } finally {
    waiting = false;
    plan();
  }
}

function swap(part, fresh) {
  const active = document.activeElement, held = part.contains(active) && active.getAttribute("href");
  const logs = $$(".log, .scroll", part).map(box => [box.getAttribute("aria-label"), box.scrollTop, box.scrollLeft,
    box.scrollTop + box.clientHeight >= box.scrollHeight - 4]);
  const at = $$("tr", part).findIndex(row => row.classList.contains("at"));
  part.replaceWith(fresh);
  for (const [label, top, left, end] of logs) {
    const box = $(`[aria-label="${label}"]`, fresh);
    if (box) { box.scrollTop = end && box.matches(".log") ? box.scrollHeight : top; box.scrollLeft = left; }
  }
  if (at >= 0) $$("tr", fresh)[at]?.classList.add("at");
  if (held) $(`[href="${CSS.escape(held)}"]`, fresh)?.focus();
}

function lost(is) {
  const part = $("[data-poll]"), note = $("[data-lost]");
  part?.classList.toggle("stale", is);
  if (note) { note.hidden = !is; note.textContent = `reconnecting, last event ${Math.round((Date.now() - latest) / 1000)} s ago`; }
}

function plan() {
  const part = $("[data-poll]");
  clearTimeout(timer);
  if (!part) { source?.close(); source = null; return; }
  const listening = source && source.readyState === EventSource.OPEN;
  timer = setTimeout(refresh, document.hidden ? 15000 : listening ? 5000 : Number(part.dataset.poll));
}

function listen() {
  const url = $("[data-events]")?.dataset.events;
  if (!url) return;
  source = new EventSource(url);
  let soon = null;
  const hear = () => { latest = Date.now(); soon ??= setTimeout(() => { soon = null; refresh(); }, 250); };
  for (const kind of ["message", "queued", "running", "phase", "progress", "cancel_requested", "succeeded", "failed", "cancelled", "lost", "retried"])
    source.addEventListener(kind, hear);
  source.onopen = () => { latest = Date.now(); };
  source.onerror = () => { if (source?.readyState === EventSource.CLOSED) source = null; plan(); };
}
plan();
listen();
document.addEventListener("visibilitychange", () => document.hidden || refresh());
const log = $(".log");
if (log && $("[data-poll]")) log.scrollTop = log.scrollHeight;

// Marked rows.
function marked() {
  for (const box of $$("tbody input[type=checkbox]")) box.closest("tr").classList.toggle("sel", box.checked);
  const count = $$("tbody input[type=checkbox]:checked").length;
  for (const place of $$("[data-marked]")) place.textContent = count ? ` ${count}` : "";
  const chosen = $$("input[name=recipe]:checked").length;
  for (const place of $$("[data-chosen]")) place.textContent = chosen > 1 ? ` with ${chosen} recipes` : "";
}
addEventListener("change", marked);
addEventListener("pageshow", marked);
addEventListener("submit", event => {
  const question = event.submitter?.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// Theme, at once and without a request.
const order = ["auto", "light", "dark"];
const button = $("[data-theme-button]");
button?.addEventListener("click", event => {
  event.preventDefault();
  const field = $("[name=theme]", button.form), theme = field.value;
  document.cookie = `theme=${theme}; path=/; samesite=lax; max-age=31536000`;
  if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  field.value = order[(order.indexOf(theme) + 1) % order.length];
  button.textContent = `Theme: ${theme}`;
  button.setAttribute("aria-label", `Theme: ${theme}. Change`);
});

// Keys. Off while typing.
const keys = [["/", "filter"], ["g m", "models"], ["g j", "jobs"], ["g r", "recipes"], ["j k", "next, previous row"], ["Enter", "open the row"],
  ["x", "mark the row"], ["c", "compare the marked"], ["s", "swap"], ["[ ]", "previous, next revision"], ["t", "light, dark, auto"], ["?", "this list"], ["Esc", "back out"]];
$$(".keys-hint").forEach(hint => { hint.hidden = false; });

function help() {
  let list = $("dialog.keys");
  if (!list) {
    list = document.createElement("dialog");
    list.className = "keys";
    list.setAttribute("aria-label", "Keys");
    const title = document.createElement("h2"), table = document.createElement("dl");
    title.textContent = "Keys";
    table.className = "kv";
    for (const [key, what] of keys) {
      const term = document.createElement("dt"), words = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = key; words.textContent = what; term.append(cap); table.append(term, words);
    }
    list.append(title, table);
    document.body.append(list);
  }
  if (list.open) list.close(); else list.showModal();
}

function move(by) {
  const rows = $$("table[data-rows] tbody tr");
  if (!rows.length) return;
  const now = rows.findIndex(row => row.classList.contains("at"));
  const next = Math.min(rows.length - 1, Math.max(0, now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by));
  rows[now]?.classList.remove("at");
  rows[next].classList.add("at");
  const link = $("a", rows[next]);
  link?.focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

function back() {
  const open = $("dialog[open]");
  if (open) return open.close();
  if (document.activeElement?.matches("input, textarea, select")) return document.activeElement.blur();
  const crumbs = $$(".crumbs a");
  crumbs.at(-1)?.click();
}

let begun = 0;
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") { if (!$("dialog[open]")) back(); return; }
  const box = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (box) return;
  const after = Date.now() - begun < 1200;
  begun = 0;
  const row = $("table[data-rows] tr.at"), tap = key => $(`[data-key="${key}"]`)?.click();
  const acts = {
    "/": () => $("input[type=search]")?.focus(), "?": help, t: () => button?.click(),
    j: () => after ? go("/jobs") : move(1), k: () => move(-1), g: () => { begun = Date.now(); },
    m: () => after && go("/models"), r: () => after && go("/recipes"),
    x: () => { const mark = row && $("input[type=checkbox]", row); if (mark) { mark.checked = !mark.checked; marked(); } },
    c: () => tap("c"), s: () => tap("s"), "[": () => tap("["), "]": () => tap("]"),
  };
  const act = acts[event.key];
  if (act) { event.preventDefault(); act(); }
});
function go(path) { location.href = path; }
