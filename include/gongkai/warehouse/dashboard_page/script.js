"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const asked = new URLSearchParams(location.search);
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a page from disk may store nothing */ } };
  let lang = [asked.get("lang"), kept("lang")].find((one) => one === "zh" || one === "en") || "zh";
  const t = (key) => (data.labels[key] ? data.labels[key][lang] : key);
  const code = (kind, value) => (value === null || value === "" ? "" : data.labels[`${kind}.${value}`] ? t(`${kind}.${value}`) : value);

  // Texts of documents reach the page only as text nodes.
  const h = (tag, attributes, ...children) => {
    const one = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) one.setAttribute(name, value);
    one.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return one;
  };
  const number = (value) => {
    if (value === null || value === undefined) return "—";
    if (typeof value === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
    return value.startsWith("=") ? value.slice(1) : value;
  };
  const percent = (value) => (value === null || value === undefined ? "—" : `${(value * 100).toFixed(1)}%`);
  const fill = (id, ...children) => $(id).replaceChildren(...children.flat());

  // Tables: columns as [name, label, how]; how is n (number), p (percent), or a function that gives a node or text.
  const grid = (rows, columns) => {
    if (!rows.length) return h("p", { class: "empty" }, t("nothing"));
    const head = h("tr", {}, columns.map(([name, label, how]) => h("th", { scope: "col", class: how === "n" || how === "p" ? "n" : null }, label || t(name))));
    const body = rows.map((row) => h("tr", {}, columns.map(([name, , how]) => {
      if (how === "n" || how === "p") return h("td", { class: "n", "data-c": name }, how === "p" ? percent(row[name]) : number(row[name]));
      return h("td", { "data-c": name }, typeof how === "function" ? how(row) : String(row[name] ?? ""));
    })));
    return h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body)));
  };
  const folded = (title, rows, columns) => h("details", {}, h("summary", {}, title), grid(rows, columns));
  const first = (rows, most) => (rows.length < most ? [] : [h("p", { class: "soft" }, `${t("shown_first")} ${most} ${t("entries")}`)]);
  const year = ["report_year", null, (row) => String(row.report_year)];
  const link = (id, text) => h("a", { href: `#report=${encodeURIComponent(id)}` }, text || id);

  // Charts
  const charts = new Map();
  const dark = () => root.dataset.theme === "dark";
  const palette = () => (dark()
    ? ["#6ea4f4", "#f2b45a", "#ef7d6f", "#63c99b", "#b796f0", "#8d97a6", "#e58fc0"]
    : ["#1d5fbf", "#d98a12", "#c8402f", "#23875a", "#7a4fc2", "#7b8593", "#b84e8c"]);
  // A chart follows the width of its card, which is known late on a phone that is turned.
  const fit = new ResizeObserver((entries) => { for (const { target } of entries) charts.get(target.id)?.resize(); });
  const draw = (id, label, option) => {
    const place = $(id), style = getComputedStyle(root), ink = style.getPropertyValue("--ink").trim(), line = style.getPropertyValue("--line").trim();
    charts.get(id)?.dispose();
    place.setAttribute("aria-label", label);
    const chart = echarts.init(place, null, { renderer: "svg" });
    charts.set(id, chart);
    fit.observe(place);
    const axis = (one) => ({ ...one, axisLabel: { color: ink, fontSize: 12, ...one.axisLabel }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } }, nameTextStyle: { color: ink } });
    chart.setOption({
      animation: false,
      color: palette(),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      legend: { type: "scroll", pageIconColor: ink, pageIconInactiveColor: line, pageTextStyle: { color: ink }, top: 0, left: 0, textStyle: { color: ink }, itemWidth: 14, itemHeight: 10 },
      tooltip: { trigger: "axis", confine: true, backgroundColor: style.getPropertyValue("--card").trim(), borderColor: line, textStyle: { color: ink } },
      aria: { enabled: true },
      ...option,
      grid: { left: 8, right: 12, top: 42, bottom: 8, containLabel: true, ...option.grid },
      xAxis: [].concat(option.xAxis).map(axis),
      yAxis: [].concat(option.yAxis).map(axis),
    });
  };
  const bar = (name, values, more) => ({ name, type: "bar", data: values, barMaxWidth: 46, ...more });
  const years = (rows) => [...new Set(rows.map((row) => row.report_year))].sort();
  const whole = (value) => (value === null || value === undefined ? "—" : number(value));

  const coverage = () => {
    const rows = data.coverage, at = rows.map((row) => String(row.report_year)), take = (name) => rows.map((row) => row[name]);
    draw("chart-coverage", t("coverage.title"), {
      xAxis: { type: "category", data: at }, yAxis: { type: "value", minInterval: 1 },
      series: [
        bar(t("accepted"), take("accepted"), { stack: "all" }), bar(t("accepted_with_errors"), take("accepted_with_errors"), { stack: "all" }),
        bar(t("quarantined"), take("quarantined"), { stack: "all" }), bar(t("missing"), take("missing"), { stack: "all", itemStyle: { color: palette()[5] } }),
        // Where no source says what to expect, a line along 0 would say that nothing was.
        ...(take("expected").some(Boolean) ? [{ name: t("expected"), type: "line", data: take("expected"), symbolSize: 9, lineStyle: { type: "dashed" }, itemStyle: { color: palette()[3] } }] : []),
        { name: t("late"), type: "line", data: take("late"), symbolSize: 7, itemStyle: { color: palette()[4] } },
      ],
    });
    const numbers = ["expected", "found", "missing", "not_due", "late", "changed", "accepted", "accepted_with_errors", "quarantined"];
    fill("table-coverage", folded(t("table"), rows, [year, ...numbers.map((name) => [name, null, "n"]), ["share_found", null, "p"]]));
    fill("table-missing", folded(`${t("missing.title")} (${number(data.release.n_missing)})`, data.missing,
      [year, ["agency_name"], ["outcome", null, (row) => code("outcome", row.outcome)], ["reason"]]), first(data.missing, 200));
  };

  const trends = () => {
    const kind = $("kind").value, level = $("level").value;
    const mine = (rows) => rows.filter((row) => row.kind === kind && row.level === level);
    const received = mine(data.applications), at = received.map((row) => String(row.report_year));
    const group = `${code("level", level)} · ${code("kind", kind)}`;
    draw("chart-received", `${t("received.title")} ${group}`, {
      xAxis: { type: "category", data: at },
      yAxis: [{ type: "value" }, { type: "value", minInterval: 1, min: 0, splitLine: { show: false } }],
      series: [bar(t("received"), received.map((row) => row.received)),
        { name: t("n_received"), type: "line", yAxisIndex: 1, data: received.map((row) => row.n_received), symbolSize: 8, itemStyle: { color: palette()[1] } }],
    });
    fill("table-received", folded(t("table"), received, [year, ...["received", "n_received", "carried_in", "resolved", "n_resolved", "carried_out", "n_reports"].map((name) => [name, null, "n"])]));

    const rates = data.rates.filter((row) => row.kind === kind), span = years(rates);
    const levels = ["national", "province", "city", "county", "township", "unknown"].filter((one) => rates.some((row) => row.level === one));
    draw("chart-rate", `${t("rate.title")} ${code("kind", kind)}`, {
      xAxis: { type: "category", data: span.map(String) }, yAxis: { type: "value", min: 0, max: 1, axisLabel: { formatter: (value) => `${Math.round(value * 100)}%` } },
      tooltip: { trigger: "axis", confine: true, valueFormatter: percent },
      series: levels.map((one) => ({ name: code("level", one), type: "line", symbolSize: 8, connectNulls: false, lineStyle: { width: one === level ? 3 : 1.5 },
        data: span.map((when) => rates.find((row) => row.level === one && row.report_year === when)?.rate ?? null) })),
    });
    fill("table-rate", folded(t("table"), rates, [year, ["level", null, (row) => code("level", row.level)], ["rate", null, "p"], ["median", null, "p"],
      ["disclosed", null, "n"], ["resolved", null, "n"], ["n_reports", null, "n"], ["n_all", null, "n"]]));

    const disposal = mine(data.disposal), ways = ["granted", "partial", "refused", "unavailable", "declined", "other"];
    const share = (row, way) => (row.resolved > 0 && row[way] !== null ? row[way] / row.resolved : null);
    draw("chart-disposal", `${t("disposal.title")} ${group}`, {
      xAxis: { type: "category", data: disposal.map((row) => String(row.report_year)) },
      yAxis: { type: "value", min: 0, max: (range) => Math.max(1, Math.ceil(range.max * 20) / 20), axisLabel: { formatter: (value) => `${Math.round(value * 100)}%` } },
      tooltip: { trigger: "axis", confine: true, valueFormatter: percent },
      series: ways.map((way) => bar(t(way), disposal.map((row) => share(row, way)), { stack: "all" })),
    });
    fill("table-disposal", folded(t("table"), disposal.map((row) => ({ ...row, ...Object.fromEntries(ways.map((way) => [`${way}_share`, share(row, way)])) })),
      [year, ["n_reports", null, "n"], ["n_all", null, "n"], ["resolved", null, "n"], ...ways.flatMap((way) => [[way, null, "n"], [`${way}_share`, "%", "p"]])]));
  };

  const quality = () => {
    const chosen = $("findings-year").value, rows = data.findings.filter((row) => !chosen || String(row.report_year) === chosen);
    const group = (row) => (row.outcome === "fail" ? row.attribution || "unknown" : row.outcome);
    const sum = (family, name) => rows.filter((row) => row.family === family && group(row) === name).reduce((all, row) => all + row.findings, 0);
    const total = (family) => rows.filter((row) => row.family === family).reduce((all, row) => all + row.findings, 0);
    const families = [...new Set(rows.map((row) => row.family))].sort((a, b) => total(a) - total(b));
    const groups = ["publisher", "extraction", "unknown", "pass_if_blank_is_zero", "undecidable"], colors = [2, 1, 4, 0, 5];
    $("chart-findings").hidden = !families.length;
    if (families.length) draw("chart-findings", t("findings.title"), {
      xAxis: { type: "value", minInterval: 1 }, yAxis: { type: "category", data: families.map((one) => code("family", one)) },
      series: groups.map((one, n) => bar(t(`group.${one}`), families.map((family) => sum(family, one) || null), { stack: "all", barMaxWidth: 26, itemStyle: { color: palette()[colors[n]] } })),
    });
    fill("table-findings", folded(t("table"), rows, [year, ["family", null, (row) => code("family", row.family)], ["outcome", null, (row) => code("outcome", row.outcome)],
      ["attribution", null, (row) => code("attribution", row.attribution)], ["findings", null, "n"], ["reports", null, "n"]]));
    fill("table-publishers", grid(data.publishers, [["agency_name"], ["errors", null, "n"], ["reports_with_errors", null, "n"], ["reports", null, "n"],
      ["report_id", null, (row) => link(row.report_id)]]), first(data.publishers, 50));
    fill("table-quarantined", grid(data.quarantined, [year, ["agency_name"], ["report_id", null, (row) => link(row.report_id)], ["reason", null, (row) => row[`reason_${lang}`] || ""]]), first(data.quarantined, 200));
  };

  // Reports: files that are loaded when they are asked for
  const files = new Map();
  window.gongkai = (name, value) => files.get(name)?.done(value);
  const load = (name) => {
    if (!files.has(name)) {
      const one = {};
      one.promise = new Promise((done, failed) => {
        one.done = done;
        const script = h("script", { src: `data/${name}.js` });
        script.onload = () => failed(new Error(name));
        script.onerror = () => { files.delete(name); failed(new Error(name)); };
        document.head.append(script);
      });
      files.set(name, one);
    }
    return files.get(name).promise;
  };
  const most = 200;
  let open = null;
  const list = async () => {
    const when = $("report-year").value, words = $("find").value.trim().toLowerCase();
    if (!when) return;
    let found;
    try { found = await load(`index-${when}`); } catch { fill("list", h("li", { class: "empty" }, t("failed_load"))); return; }
    if (when !== $("report-year").value || words !== $("find").value.trim().toLowerCase()) return;
    const hits = found.filter(([id, name]) => id.toLowerCase().includes(words) || name.toLowerCase().includes(words));
    fill("list", hits.slice(0, most).map(([id, name, kind, level, status, failed]) => h("li", {}, h("a", { href: `#report=${encodeURIComponent(id)}`, "aria-current": id === open ? "true" : null },
      h("span", {}, name), h("span", { class: "where" }, `${code("level", level)} · ${code("kind", kind)}`),
      failed ? h("span", { class: "fail" }, `${failed} ${t("failed")}`) : null, h("span", { class: `badge ${status}` }, code("status", status))))),
      hits.length > most ? [h("li", { class: "empty" }, `${t("shown_first")} ${most} / ${number(hits.length)}`)] : [],
      hits.length ? [] : [h("li", { class: "empty" }, t("nothing"))]);
  };
  const rule = (id) => { const [family, place] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1).split("/")]; return { family, place }; };
  const figures = (one) => Object.entries(data.forms[one.template] || {}).filter(([name]) => one.cells[name]).map(([name, form]) => {
    // Values stand row by row in the order of the form; null is a cell that the form does not have.
    const values = {}, flat = one.cells[name].values();
    for (const [row, , , columns] of form.rows) for (const column of columns) {
      const { value } = flat.next();
      if (value !== null) values[`${row}/${form.columns[column][0]}`] = value;
    }
    const judged = new Set(one.findings.filter((finding) => finding.outcome === "fail").map((finding) => rule(finding.rule_id).place.join("/")));
    const columns = form.columns.filter(([column]) => form.rows.some(([row]) => `${row}/${column}` in values));
    const shown = (row, column) => {
      const key = `${row}/${column}`, value = values[key];
      if (value === undefined) return h("td", {});
      const state = typeof value === "string" && !value.startsWith("=");
      return h("td", { class: `n${judged.has(`${name}/${key}`) ? " judged" : ""}`, "data-cell": `${name}/${key}` }, state ? h("span", { class: "state" }, code("state", value)) : number(value));
    };
    const rows = form.rows.filter(([row]) => columns.some(([column]) => `${row}/${column}` in values)).map(([row, label, total]) =>
      h("tr", { class: total ? "sum" : null }, h("th", { scope: "row", class: "label" }, name === "legacy" ? label : code("row", row) === row ? label : t(`row.${row}`)), columns.map(([column]) => shown(row, column))));
    const head = h("tr", {}, h("th", {}, t("row")), columns.map(([column, label]) => h("th", { class: "n", scope: "col" }, code("column", column) === column ? label : t(`column.${column}`))));
    return [h("h4", {}, code("form", name) === name ? form.title : t(`form.${name}`)), h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows)))];
  });
  const fact = (name, value, broad) => h("div", { class: broad ? "broad" : null }, h("dt", {}, t(name)), h("dd", { "data-c": name }, value));
  const report = async (id) => {
    open = id;
    const when = id.slice(id.lastIndexOf("-") + 1);
    if (data.years.some(([one]) => String(one) === when)) $("report-year").value = when;
    list();
    fill("detail", h("p", { class: "soft" }, t("loading")));
    let one;
    try {
      const line = (await load(`index-${when}`)).find(([name]) => name === id);
      one = (await load(line[6]))[id];
    } catch { fill("detail", h("p", { class: "fail" }, t("failed_load"))); return; }
    if (open !== id) return;
    const safe = /^https?:\/\//i.test(one.url || "");
    fill("detail", h("h3", {}, `${one.agency_name} ${one.report_year} `, h("span", { class: `badge ${one.status}` }, code("status", one.status))), h("p", {}, one.title || ""),
      h("dl", {}, fact("template", code("template", one.template)), fact("published_on", one.published_on || t("unknown_date")), fact("due_on", one.due_on || t("unknown_date")),
        fact("days_late", one.days_late === null ? t("unknown_date") : number(one.days_late)), fact("n_revisions", number(one.n_revisions)), fact("format", one.format || ""),
        one[`reason_${lang}`] ? fact("reason", one[`reason_${lang}`], true) : null,
        fact("url", safe ? h("a", { href: one.url, rel: "noreferrer noopener", target: "_blank" }, one.url) : h("code", {}, one.url || "—"), true),
        fact("document_sha256", h("code", {}, one.document_sha256), true), fact("report_id", h("code", {}, one.report_id), true)),
      h("h4", {}, `${t("findings")} (${one.findings.length})`),
      one.findings.length ? one.findings.map((finding) => h("div", { class: `finding${finding.outcome === "fail" ? " failed" : ""}` },
        h("p", {}, h("b", { class: finding.outcome === "fail" ? "fail" : null }, code("outcome", finding.outcome)),
          ` · ${code("family", rule(finding.rule_id).family)} · ${code("severity", finding.severity)}${finding.attribution ? ` · ${code("attribution", finding.attribution)}` : ""}`),
        h("p", {}, finding[lang]), h("small", {}, `${t("printed")} ${whole(finding.printed)} · ${t("due_value")} ${whole(finding.expected)} · ${finding.rule_id}`)))
        : [h("p", { class: "empty" }, t("no_findings"))],
      h("h4", {}, t("figures")), ...figures(one).flat());
  };
  const follow = () => {
    const id = location.hash.startsWith("#report=") ? decodeURIComponent(location.hash.slice(8)) : null;
    if (!id) return;
    report(id).then(() => $("detail").scrollIntoView({ block: "start" }));
  };

  const options = (id, values, label, chosen) => {
    const before = $(id).value || chosen;
    fill(id, values.map((value) => h("option", { value }, label(value))));
    if (values.map(String).includes(String(before))) $(id).value = before;
  };
  const pickLevels = () => {
    const rows = data.applications.filter((row) => row.kind === $("kind").value), size = (level) => rows.filter((row) => row.level === level).reduce((all, row) => all + row.n_reports, 0);
    const levels = ["national", "province", "city", "county", "township", "unknown"].filter((one) => size(one));
    options("level", levels, (one) => code("level", one), [...levels].sort((a, b) => size(b) - size(a))[0]);
  };
  const everything = () => {
    root.lang = lang;
    document.title = t("title");
    for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
    for (const one of document.querySelectorAll("[data-lang]")) one.setAttribute("aria-pressed", String(one.dataset.lang === lang));
    $("theme").setAttribute("aria-label", t("theme")); $("theme").title = t("theme"); $("language").setAttribute("aria-label", t("language"));
    const about = data.release;
    fill("release-id", about.release_id); fill("built-at", about.built_at); fill("years", about.first_year === null ? "—" : `${about.first_year}–${about.last_year}`);
    fill("tiles", [["reports", about.n_reports], ["agencies", about.n_agencies], ["missing", about.n_missing], ["errors", about.n_with_errors], ["quarantined", about.n_quarantined]]
      .map(([name, value]) => h("li", { "data-tile": name }, h("b", {}, number(value)), h("span", {}, t(`tile.${name}`)))));
    const here = data.years.reduce((all, [, n]) => all + n, 0);
    fill("limit", about.n_reports > here ? `${number(about.n_reports - here)} ${t("report.limit")}` : "");
    const kinds = ["government", "department", "office", "zone", "institution"].filter((one) => data.applications.some((row) => row.kind === one));
    options("kind", kinds, (one) => code("kind", one), kinds[0]);
    pickLevels();
    options("findings-year", ["", ...years(data.findings).reverse().map(String)], (one) => one || t("all_years"), "");
    options("report-year", data.years.map(([one]) => String(one)), (one) => one, "");
    coverage(); trends(); quality(); list();
  };
  const theme = (value) => { root.dataset.theme = value; };
  const system = matchMedia("(prefers-color-scheme: dark)"), wanted = [asked.get("theme"), kept("theme")].find((one) => one === "light" || one === "dark");
  theme(wanted || (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => { if (!kept("theme")) { theme(system.matches ? "dark" : "light"); everything(); } });
  $("theme").addEventListener("click", () => { theme(dark() ? "light" : "dark"); keep("theme", root.dataset.theme); everything(); });
  for (const one of document.querySelectorAll("[data-lang]")) one.addEventListener("click", () => { lang = one.dataset.lang; keep("lang", lang); everything(); follow(); });
  $("kind").addEventListener("change", () => { pickLevels(); trends(); });
  $("level").addEventListener("change", trends);
  $("findings-year").addEventListener("change", quality);
  $("report-year").addEventListener("change", list);
  $("find").addEventListener("input", list);
  addEventListener("hashchange", follow);
  everything();
  follow();
})();
