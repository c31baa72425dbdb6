"use strict";
(() => {
  const places = new Map();
  for (const element of document.querySelectorAll("[data-c]")) {
    for (const key of element.dataset.c.split(" ")) {
      if (!places.has(key)) places.set(key, []);
      places.get(key).push(element);
    }
  }
  const detail = document.getElementById("detail");
  const hint = detail.textContent;
  let pinned = null;
  let lit = [];
  const alike = (element) => [...new Set(element.dataset.c.split(" ").flatMap((key) => places.get(key)))];
  const show = (element) => {
    for (const one of lit) one.classList.remove("on");
    lit = element ? alike(element) : [];
    for (const one of lit) one.classList.add("on");
    const title = element && (element.getAttribute("title") || element.querySelector("title")?.textContent);
    detail.textContent = title || hint;
  };
  const marked = (event) => (event.target instanceof Element ? event.target.closest("[data-c]") : null);
  const pin = (element) => {
    pinned = element;
    show(element);
    if (!element) return;
    for (const side of ["page", "values"]) {
      if (side === element.dataset.side) continue;
      const other = lit.find((one) => one.dataset.side === side);
      if (other) other.scrollIntoView({ block: "center", inline: "nearest" });
    }
  };
  document.addEventListener("mouseover", (event) => show(marked(event) || pinned));
  document.addEventListener("focusin", (event) => { if (marked(event)) show(marked(event)); });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary, #detail")) return;
    pin(marked(event));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && marked(event)) pin(marked(event));
    if (event.key === "Escape") pin(null);
  });
  const jump = () => {  // document.html#c17 shows the value with key 17
    const found = /^#c(\d+)$/.exec(location.hash);
    const there = found && (places.get(found[1]) || []);
    if (there && there.length) {
      there.find((one) => one.dataset.side === "values")?.scrollIntoView({ block: "center" });
      pin(there.find((one) => one.dataset.side === "values") || there[0]);
    }
  };
  addEventListener("hashchange", jump);
  addEventListener("load", jump);
  document.getElementById("zoom").addEventListener("click", () => document.body.classList.toggle("large"));
})();
