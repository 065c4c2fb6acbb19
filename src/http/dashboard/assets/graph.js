// The graph of a program: pan by dragging, zoom by buttons and Ctrl + wheel, move along edges by arrow keys.
// Without it the graph scrolls in its box, its nodes are links, and a table says the same.
const box = document.getElementById("graph");
const picture = box?.querySelector("svg");
const tools = document.querySelector(".graph-tools");

if (box && picture && tools) {
  const width = Number(picture.getAttribute("width"));
  const height = Number(picture.getAttribute("height"));
  let scale = 1;
  tools.hidden = false;

  const zoom = (to, x = box.clientWidth / 2, y = box.clientHeight / 2) => {
    const next = Math.min(2.5, Math.max(0.15, to));
    const left = ((box.scrollLeft + x) / scale) * next - x;
    const top = ((box.scrollTop + y) / scale) * next - y;
    scale = next;
    picture.setAttribute("width", String(Math.round(width * scale)));
    picture.setAttribute("height", String(Math.round(height * scale)));
    box.scrollTo(left, top);
  };
  const fit = () => zoom(Math.min(1, (box.clientWidth - 8) / width));

  tools.addEventListener("click", (event) => {
    const what = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (what === "in") zoom(scale * 1.25);
    else if (what === "out") zoom(scale / 1.25);
    else if (what === "fit") fit();
  });
  box.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = box.getBoundingClientRect();
      zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
    },
    { passive: false },
  );

  // Dragging; a finger scrolls by itself.
  let from = null;
  let moved = false;
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    from = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
    moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [left, top] = [from.x - event.clientX, from.y - event.clientY];
    if (Math.abs(left - box.scrollLeft) + Math.abs(top - box.scrollTop) > 4) moved = true;
    if (moved) box.scrollTo(left, top);
  });
  window.addEventListener("pointerup", () => (from = null));
  box.addEventListener("dragstart", (event) => event.preventDefault());
  box.addEventListener("click", (event) => { if (moved) event.preventDefault(); moved = false; }, true);

  const node = (index) => picture.querySelector(`.node[data-node="${index}"]`);
  const middle = (element) => {
    const at = element.getBoundingClientRect();
    return { x: at.left + at.width / 2, y: at.top + at.height / 2 };
  };
  const show = (element) => {
    picture.querySelectorAll(".at").forEach((one) => one.classList.remove("at"));
    element.classList.add("at");
    if (element.tagName !== "a") element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    const [at, around] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
    box.scrollBy(
      at.left + at.width / 2 - around.left - around.width / 2,
      at.top + at.height / 2 - around.top - around.height / 2,
    );
    picture.querySelectorAll(".edge").forEach((edge) => {
      const own = [edge.dataset.from, edge.dataset.to].includes(element.dataset.node);
      edge.classList.toggle("on", own);
    });
  };
  // Down and up along edges to the nearest end; left and right to the neighbour in the row.
  const towards = (element, key) => {
    const own = element.dataset.node;
    const here = middle(element);
    let ends = [];
    if (key === "ArrowDown" || key === "ArrowUp") {
      const [a, b] = key === "ArrowDown" ? ["from", "to"] : ["to", "from"];
      ends = [...picture.querySelectorAll(`.edge[data-${a}="${own}"]`)].map((edge) => node(edge.dataset[b]));
    } else {
      const side = key === "ArrowRight" ? 1 : -1;
      ends = [...picture.querySelectorAll(".node")].filter((other) => {
        const there = middle(other);
        return Math.abs(there.y - here.y) < 4 && (there.x - here.x) * side > 4;
      });
    }
    return ends.filter(Boolean).sort((a, b) => Math.abs(middle(a).x - here.x) - Math.abs(middle(b).x - here.x))[0];
  };
  box.addEventListener("keydown", (event) => {
    const scaled = { "+": () => zoom(scale * 1.25), "=": () => zoom(scale * 1.25), "-": () => zoom(scale / 1.25), 0: fit }[event.key];
    if (scaled && !event.altKey && !event.ctrlKey && !event.metaKey) { event.preventDefault(); return scaled(); }
    if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
    const present = document.activeElement?.closest?.(".node");
    const next = present ? towards(present, event.key) : picture.querySelector(".node.this") ?? node(0);
    event.preventDefault();
    if (next) show(next);
  });
  picture.addEventListener("focusin", (event) => {
    const element = event.target.closest(".node");
    if (element && !element.classList.contains("at")) show(element);
  });

  const picked = picture.querySelector(".node.this");
  if (picked) {
    picked.classList.add("at");
    const [at, around] = [picked.getBoundingClientRect(), box.getBoundingClientRect()];
    box.scrollTo(at.left - around.left - around.width / 2 + at.width / 2, at.top - around.top - around.height / 2);
  } else if (width > box.clientWidth) {
    box.scrollTo((width - box.clientWidth) / 2, 0);
  }
}
