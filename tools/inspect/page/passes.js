// The pipeline on the left; IR, changes and graph of the chosen pass.

const rowHeight = 18, rowsInBlock = 100;

// Long texts: blocks of rows, each filled when it comes into view.
function codeView(rows, fill) {
  const code = element("div", { className: "code" });
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting && !entry.target.firstChild) fillBlock(entry.target);
  }, { root: null, rootMargin: "800px" });
  const fillBlock = (block) => {
    const begin = Number(block.dataset.begin);
    block.innerHTML = rows.slice(begin, begin + rowsInBlock).map((row, i) => fill(row, begin + i)).join("");
  };
  const widest = Math.min(400, rows.reduce((most, row) => Math.max(most, (row.text ?? row).length), 0));
  code.style.minWidth = `${widest + 12}ch`;
  for (let begin = 0; begin < rows.length; begin += rowsInBlock) {
    const block = element("div");
    block.dataset.begin = begin;
    block.style.height = `${Math.min(rowsInBlock, rows.length - begin) * rowHeight}px`;
    observer.observe(block);
    code.append(block);
  }
  code.row = (i) => {
    const block = code.children[Math.floor(i / rowsInBlock)];
    if (!block) return null;
    if (!block.firstChild) fillBlock(block);
    return block.children[i % rowsInBlock];
  };
  return code;
}

function listPasses() {
  const nav = document.getElementById("passes");
  let phase = null;
  index.passes.forEach((pass, i) => {
    const heading = pass.phase + (pass.target ? ` (${pass.target})` : "");
    if (heading !== phase) nav.append(element("h2", { textContent: heading }));
    phase = heading;
    const before = previousPass(i), same = before !== null && index.passes[before].text === pass.text;
    const button = element("button", { title: pass.summary, className: same ? "same" : "" }, `${String(i).padStart(2, "0")} ${pass.name}`);
    const size = pass.kernels ? `${pass.kernels} kernels, ` : "";
    button.append(element("small", { textContent: same ? "nothing changed" : `${size}${pass.ops} ops${i ? `, ${pass.ms.toFixed(1)} ms` : ""}` }));
    button.addEventListener("click", () => go({ pass: i, line: -1, view: state.view === "kernels" || state.view === "memory" ? "ir" : state.view }));
    nav.append(button);
  });
}

// The pass whose output this one began with: of the same target, or before targets went their ways.
function previousPass(i) {
  for (let k = i - 1; k >= 0; k--) {
    const { target } = index.passes[k];
    if (!target || target === index.passes[i].target) return k;
  }
  return null;
}

async function passText(i) {
  const pass = index.passes[i];
  return { text: await piece(pass.text), lines: JSON.parse(await piece(pass.lines)) };
}

// The remarks that this very pass made about a line's place; what only reads or views is not meant.
function remarksOf(pass, place, text) {
  if (!remarksByPlace.has(place) || /\bweir\.(read|view|variable|yield|fill|assign)\b/.test(text)) return [];
  return remarksByPlace.get(place).filter((remark) => remark.pass === pass);
}

function rowHtml(text, number, place, kind) {
  const own = remarksOf(state.pass, place, text);
  const missed = own.some((remark) => remark.missed), done = own.length > 0;
  const mark = kind === "removed" ? "-" : kind === "added" ? "+" : done ? "●" : "";
  const title = own.map((remark) => remark.text).join("\n").replace(/"/g, "&quot;");
  return `<div class="row ${kind}"${place >= 0 ? ` data-place="${place}"` : ""}${title ? ` title="${escapeText(title)}"` : ""}>` +
    `<span class="number">${number}</span><span class="mark ${missed ? "missed" : "done"}">${mark}</span><span>${coloured(text, "mlir")}</span></div>`;
}

async function showIr(main) {
  const { text, lines } = await passText(state.pass);
  const rows = text.split("\n");
  const code = codeView(rows, (row, i) => rowHtml(row, i + 1, lines[i] ?? -1, ""));
  main.replaceChildren(aboutPass(), code);
  view.rows = rows.map((row, i) => ({ text: row, place: lines[i] ?? -1, isMarked: remarksOf(state.pass, lines[i], row).length > 0 }));
  view.code = code;
  if (state.line < 0 && state.function) {
    const at = rows.findIndex((row) => row.includes(`@${state.function}(`));
    if (at >= 0 && state.function !== functionNames()[0]) view.scrollTo = at;
  }
}

async function showChanges(main) {
  const before = previousPass(state.pass);
  if (before === null) {
    main.replaceChildren(aboutPass(), element("p", { className: "note", textContent: "This is where the pipeline begins." }));
    return;
  }
  const [old, now] = [await passText(before), await passText(state.pass)];
  const rows = difference(old.text, now.text);
  const placeOf = (row) => (row.kind === "removed" ? old.lines[row.before] : now.lines[row.after]) ?? -1;
  if (rows.every((row) => row.kind === "gap")) {
    main.replaceChildren(aboutPass(), element("p", { className: "note", textContent: "Nothing changed." }));
    return;
  }
  const code = codeView(rows, (row) => rowHtml(row.text, row.kind === "gap" ? "⋯" : (row.after ?? row.before) + 1, placeOf(row), row.kind));
  main.replaceChildren(aboutPass(), code);
  view.rows = rows.map((row, i) => ({
    text: row.text, place: placeOf(row),
    isMarked: (row.kind === "added" || row.kind === "removed") && rows[i - 1]?.kind !== row.kind,
  }));
  view.code = code;
}

function aboutPass() {
  const pass = index.passes[state.pass];
  return element("div", { className: "about", textContent: `${pass.summary}. ` }, element("code", { textContent: pass.file }));
}

async function showGraph(main) {
  const pass = index.passes[state.pass];
  const drawing = pass.drawings.find((d) => d.function === state.function) ?? pass.drawings[0];
  if (!drawing || drawing.piece === undefined) {
    main.replaceChildren(aboutPass(), element("p", {
      className: "note",
      textContent: drawing ? `No drawing: ${drawing.reason}.` : "There are no functions of ops any more: this is code for LLVM.",
    }));
    return;
  }
  const legend = element("div", { className: "legend" });
  for (const [name, fill, stroke] of [["products and convolutions", "#ddf4ff", "#54aeff"], ["gradients", "#fff1e5", "#fb8f44"],
    ["updates", "#fbefff", "#c297ff"], ["other", "#f6f8fa", "#8c959f"]])
    legend.append(element("span", {}, element("i", { style: `background:${fill};border-color:${stroke}` }), name));
  const graph = element("div", { id: "graph" });
  graph.innerHTML = await piece(drawing.piece);
  main.replaceChildren(legend, graph);
  const svg = graph.querySelector("svg"), width = parseFloat(svg.getAttribute("width"));
  const { lines } = await passText(state.pass);
  view.zoom = (factor) => {
    view.scale = factor === 0 ? Math.min(1, (main.clientWidth - 40) / width) : Math.min(4, Math.max(.05, view.scale * factor));
    svg.setAttribute("width", `${width * view.scale}pt`);
    svg.removeAttribute("height");
  };
  view.scale = 1;
  view.zoom(1);
  const nodes = [...svg.querySelectorAll(".node")].filter((node) => /^L\d+$/.test(node.id)).sort((a, b) => a.id.slice(1) - b.id.slice(1));
  const choose = (node) => {
    for (const other of svg.querySelectorAll(".node.chosen")) other.classList.remove("chosen");
    node.classList.add("chosen");
    node.scrollIntoView({ block: "center", inline: "center" });
    state.line = Number(node.id.slice(1));
    choosePlace(lines[state.line] ?? -1);
    remember();
  };
  for (const node of nodes) node.addEventListener("click", () => choose(node));
  view.step = (by) => {
    const at = nodes.findIndex((node) => node.classList.contains("chosen"));
    const next = nodes[Math.min(nodes.length - 1, Math.max(0, at + by))];
    if (next) choose(next);
  };
  view.rows = nodes.map((node) => ({ text: node.textContent, node }));
  view.chooseRow = (i) => choose(nodes[i]);
  const chosen = nodes.find((node) => node.id === `L${state.line}`);
  if (chosen) return choose(chosen);
  choosePlace(-1);
  nodes[0]?.scrollIntoView({ block: "center", inline: "center" }); // wide drawings are empty at their corner
}
