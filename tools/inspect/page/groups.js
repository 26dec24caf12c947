// The kernels: what each is made of, what it costs, and its code.

const sortings = {
  kernel: (a, b) => a.symbol.localeCompare(b.symbol),
  uses: (a, b) => b.uses - a.uses,
  operations: (a, b) => b.operations * b.uses - a.operations * a.uses,
  bytes: (a, b) => b.moved * b.uses - a.moved * a.uses,
  time: (a, b) => (b.time ?? 0) - (a.time ?? 0),
  roofline: (a, b) => (a.share ?? 9) - (b.share ?? 9),
};

const grouped = (n) => Math.round(n).toLocaleString("en");
function scaled(n, unit) {
  for (const [limit, prefix] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]])
    if (n >= limit) return `${(n / limit).toFixed(n < 10 * limit ? 1 : 0)} ${prefix}${unit}`;
  return `${n} ${unit}`;
}

// The groups of the chosen function, with how often and how long each runs there.
function groupsHere() {
  const target = index.targets[state.target];
  const entry = target.functions.find((f) => f.name === state.function) ?? target.functions[0];
  const here = new Map();
  entry.kernels.forEach(([group], i) => {
    if (!here.has(group)) here.set(group, { ...target.groups[group], uses: 0 });
    const row = here.get(group);
    row.uses++;
    if (entry.microseconds) row.time = (row.time ?? 0) + entry.microseconds[i];
  });
  const roofline = entry.roofline;
  for (const row of here.values())
    if (row.time > 0 && roofline)
      row.share = (row.uses * Math.max(row.operations / roofline.gflops, row.moved / roofline.gbytes)) / 1000 / row.time;
  return { entry, rows: [...here.values()] };
}

async function showKernels(main) {
  if (!index.targets.length) {
    main.replaceChildren(element("p", { className: "note", textContent: "No kernels: the compilation stopped before (--emit)." }));
    return;
  }
  const { entry, rows } = groupsHere();
  const hasTimes = Boolean(entry.microseconds);
  state.sorting ??= hasTimes ? "time" : "operations";
  rows.sort(sortings[state.sorting]);
  const total = rows.reduce((sum, row) => sum + (row.time ?? 0), 0);
  const head = element("tr");
  const columns = ["kernel", "uses", "operations", "bytes", ...(hasTimes ? ["time", "roofline"] : [])];
  for (const name of columns) {
    const button = element("button", { textContent: name + (name === state.sorting ? " ▾" : "") });
    button.addEventListener("click", () => go({ sorting: name }));
    head.append(element("th", {}, button));
  }
  const body = element("tbody");
  const trs = rows.map((row) => {
    const cells = [row.symbol, grouped(row.uses), scaled(row.operations * row.uses, "op"), scaled(row.moved * row.uses, "B")];
    const tr = element("tr", {}, ...cells.map((text) => element("td", { textContent: text })));
    if (hasTimes) {
      tr.append(element("td", {}, element("span", { className: "bar", style: `width:${(row.time / total) * 8}rem` }), `${row.time.toFixed(1)} µs`));
      tr.append(element("td", { textContent: row.share === undefined ? "" : `${(100 * row.share).toFixed(0)} %` }));
    }
    tr.addEventListener("click", () => choose(row.symbol));
    body.append(tr);
    return tr;
  });
  const about = element("p", { className: "note" });
  about.textContent = `${entry.kernels.length} kernels in ${entry.name}, ${rows.length} of them different.` + (hasTimes
    ? ` ${total.toFixed(1)} µs in all, the least of each (${index.profile.file}, ${index.profile.threads} thread${index.profile.threads > 1 ? "s" : ""}).` +
      (entry.roofline ? ` Roofline: the time of the operations at ${entry.roofline.gflops.toFixed(0)} GFLOP/s, or of the bytes at ${entry.roofline.gbytes.toFixed(0)} GB/s ` +
        `(${scaled(entry.roofline.block, "B")}, what the function goes through), whichever is longer, over the measured one. ` +
        "Measured when this page was made; operands that a nearer cache still holds give more than 100 %." : "")
    : " Times: --profile FILE.json, of PROG bench --json.");
  const list = element("div", {}, about, element("table", { className: "groups" }, element("thead", {}, head), body));
  const detail = element("div");
  main.replaceChildren(element("div", { className: "split" }, list, detail));
  const choose = (symbol) => {
    state.kernel = symbol;
    const at = Math.max(0, rows.findIndex((row) => row.symbol === symbol));
    trs.forEach((tr, i) => tr.classList.toggle("chosen", i === at));
    trs[at].scrollIntoView({ block: "nearest" });
    choosePlace(rows[at].place ?? -1);
    showKernel(detail, rows[at]);
    remember();
  };
  view.step = (by) => {
    const at = rows.findIndex((row) => row.symbol === state.kernel);
    choose(rows[Math.min(rows.length - 1, Math.max(0, at + by))].symbol);
  };
  view.rows = rows.map((row) => ({ text: row.symbol }));
  view.chooseRow = (i) => choose(rows[i].symbol);
  choose(state.kernel);
}

async function showKernel(detail, group) {
  const tabs = element("div", { className: "tabs", role: "tablist" });
  for (const [name, title] of [["loops", "loop nest (Halide)"], ["assembly", "assembly"], ["ops", "ops"]]) {
    const button = element("button", { textContent: title, role: "tab" });
    button.setAttribute("aria-selected", name === state.code);
    button.addEventListener("click", () => {
      state.code = name;
      showKernel(detail, group);
      remember();
    });
    tabs.append(button);
  }
  let text = state.code === "ops" ? group.ops.join("\n") : (await piece(group[state.code])).replace(/\n+$/, "");
  // Halide puts the kernel's long name in front of everything that it names.
  if (state.code === "loops") text = text.replaceAll(`${group.symbol}_`, "");
  const language = state.code === "assembly" ? "assembly" : "loops";
  const code = codeView(text.split("\n"), (row, i) => `<div class="row"><span class="number">${i + 1}</span><span>${coloured(row, language)}</span></div>`);
  detail.replaceChildren(tabs, code);
  detail.scrollTop = 0;
}
