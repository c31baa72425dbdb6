"use strict";
(() => {
  const root = document.documentElement;
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a page from disk may store nothing */ } };
  const buttons = [...document.querySelectorAll("button[data-set]")];
  const language = (value) => {
    root.dataset.lang = value;
    root.lang = value === "en" ? "en" : "zh";
    for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset.set === value));
  };
  for (const one of buttons) one.addEventListener("click", () => { language(one.dataset.set); keep("lang", one.dataset.set); });
  const asked = new URLSearchParams(location.search);
  const first = [asked.get("lang"), kept("lang")].find((one) => ["zh", "en", "both"].includes(one));
  language(first || "both");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = [asked.get("theme"), kept("theme")].find((one) => ["light", "dark"].includes(one));
  if (theme) root.dataset.theme = theme;
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    keep("theme", root.dataset.theme);
  });

  if (matchMedia("(max-width: 760px)").matches) for (const one of document.querySelectorAll("nav details")) one.open = false;

  const find = document.getElementById("find"), count = document.getElementById("count");
  const sections = [...document.querySelectorAll("main section")].map((section) => {
    const rows = [...section.querySelectorAll("tbody tr")].map((row) => [row, row.textContent.toLowerCase()]);
    const head = [...section.querySelectorAll("h2, p, dl, .checks")].map((one) => one.textContent).join(" ").toLowerCase();
    const link = document.querySelector(`nav a[href="#${CSS.escape(section.id).replace(/\\/g, "")}"]`);
    return { section, rows, head, link: link.parentElement };
  });
  const nothing = document.getElementById("nothing");
  const search = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    for (const { section, rows, head, link } of sections) {
      // Words may stand apart: one in the table's text, another in the column's.
      const whole = words.every((word) => head.includes(word));
      let shown = 0;
      for (const [row, text] of rows) {
        const hit = whole || (words.some((word) => text.includes(word)) && words.every((word) => text.includes(word) || head.includes(word)));
        row.hidden = !hit;
        shown += hit;
      }
      section.hidden = link.hidden = !(whole || shown);
      hits += section.hidden ? 0 : shown;
    }
    count.textContent = words.length ? String(hits) : "";
    nothing.hidden = !words.length || sections.some(({ section }) => !section.hidden);
  };
  find.addEventListener("input", search);
  find.value = asked.get("q") || "";
  search();
  // A link into a section that the search hides shows everything again.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) { find.value = ""; search(); target.scrollIntoView(); }
  });
})();
