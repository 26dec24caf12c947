// What is shown, the keys, and the address: #view=graph&pass=9&function=train_step leads here again.

const views = [["ir", "IR", showIr], ["changes", "changes", showChanges], ["graph", "graph", showGraph],
  ["kernels", "kernels", showKernels], ["memory", "memory", showMemory]];
const state = { view: "ir", pass: 0, function: "", target: 0, line: -1, kernel: "", code: "loops", sorting: null };
let view = {};
let turn = 0;

function functionNames() {
  const pass = index.passes[state.pass];
  const names = (pass.drawings.length ? pass.drawings : index.passes[0].drawings).map((drawing) => drawing.function);
  return [...new Set(names)];
}

function remember() {
  const parts = new URLSearchParams();
  for (const key of ["view", "pass", "function", "line", "kernel", "code"])
    if (state[key] !== "" && state[key] !== -1) parts.set(key, state[key]);
  history.replaceState(null, "", `#${parts}`);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const [key, value] of parts)
    if (key in state) state[key] = typeof state[key] === "number" ? Number(value) : value;
  state.pass = Math.min(Math.max(0, state.pass || 0), index.passes.length - 1);
  if (!views.some(([name]) => name === state.view)) state.view = "ir";
}

async function go(changes) {
  Object.assign(state, changes);
  const own = ++turn, main = document.getElementById("main");
  view = {};
  document.querySelectorAll("#passes button").forEach((button, i) => {
    button.setAttribute("aria-current", i === state.pass);
    if (i === state.pass) button.scrollIntoView({ block: "nearest" });
  });
  for (const button of document.querySelectorAll("#views button")) button.setAttribute("aria-selected", button.dataset.view === state.view);
  const names = functionNames();
  if (!names.includes(state.function)) state.function = names[0] ?? "";
  const select = document.getElementById("function");
  select.replaceChildren(...names.map((name) => element("option", { value: name, textContent: name, selected: name === state.function })));
  main.scrollTop = 0;
  await views.find(([name]) => name === state.view)[2](main);
  if (own !== turn) return; // somebody has gone on meanwhile
  if (view.scrollTo !== undefined) main.scrollTop = view.scrollTo * rowHeight;
  if (state.view === "ir" && state.line >= 0) chooseRow(state.line);
  else if (state.view === "ir" || state.view === "changes" || state.view === "memory") choosePlace(-1);
  remember();
  document.body.dataset.ready = state.view;
}

function chooseRow(i) {
  if (view.chooseRow) return view.chooseRow(i);
  if (!view.code || !view.rows?.[i]) return;
  for (const row of view.code.querySelectorAll(".chosen")) row.classList.remove("chosen");
  const row = view.code.row(i);
  row.classList.add("chosen");
  const main = document.getElementById("main"), top = view.code.offsetTop + i * rowHeight;
  if (top < main.scrollTop + 60 || top > main.scrollTop + main.clientHeight - 60) main.scrollTop = top - main.clientHeight / 2;
  view.at = i;
  if (state.view === "ir") state.line = i;
  choosePlace(view.rows[i].place);
  remember();
}

function step(by) {
  if (view.step) return view.step(by);
  if (view.rows) chooseRow(Math.min(view.rows.length - 1, Math.max(0, (view.at ?? -1) + by)));
}

function nextMarked(by) {
  for (let i = (view.at ?? -1) + by; view.rows && i >= 0 && i < view.rows.length; i += by)
    if (view.rows[i].isMarked) return chooseRow(i);
}

function findNext(text) {
  const rows = view.rows ?? [], wanted = text.toLowerCase(), found = document.getElementById("found");
  const hits = rows.map((row, i) => (row.text.toLowerCase().includes(wanted) ? i : -1)).filter((i) => i >= 0);
  if (!wanted || !hits.length) {
    found.textContent = wanted ? "not found" : "";
    return;
  }
  const next = hits.find((i) => i > (view.foundAt ?? -1)) ?? hits[0];
  view.foundAt = next;
  found.textContent = `${hits.indexOf(next) + 1} of ${hits.length}`;
  chooseRow(next);
}

const keys = {
  j: () => go({ pass: Math.min(index.passes.length - 1, state.pass + 1), line: -1 }),
  k: () => go({ pass: Math.max(0, state.pass - 1), line: -1 }),
  n: () => nextMarked(1),
  p: () => nextMarked(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  "/": () => document.getElementById("find").focus(),
  "?": () => document.getElementById("help").showModal(),
  "+": () => view.zoom?.(1.25),
  "-": () => view.zoom?.(.8),
  0: () => view.zoom?.(0),
};
views.forEach(([name], i) => (keys[i + 1] = () => go({ view: name })));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
  if (event.target.matches("input, select")) {
    if (event.target.id === "find" && event.key === "Enter") findNext(event.target.value);
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
document.getElementById("main").addEventListener("click", (event) => {
  const row = event.target.closest(".row");
  if (!row || !view.code?.contains(row)) return;
  chooseRow(Number(row.parentNode.dataset.begin) + [...row.parentNode.children].indexOf(row));
});
document.getElementById("find").addEventListener("input", () => (view.foundAt = undefined));
document.getElementById("help-button").addEventListener("click", () => document.getElementById("help").showModal());
document.getElementById("function").addEventListener("change", (event) => go({ function: event.target.value, line: -1 }));
document.getElementById("target").addEventListener("change", (event) => go({ target: Number(event.target.value), kernel: "" }));
window.addEventListener("hashchange", () => {
  recall();
  go({});
});

(async () => {
  document.getElementById("title").textContent = `${index.net}, as weir ${index.version} compiles it`;
  views.forEach(([name, title], i) => {
    const button = element("button", { textContent: `${i + 1} ${title}`, role: "tab" });
    button.dataset.view = name;
    button.addEventListener("click", () => go({ view: name }));
    document.getElementById("views").append(button);
  });
  const targets = document.getElementById("target");
  targets.append(...index.targets.map((target, i) => element("option", { value: i, textContent: target.name })));
  document.getElementById("target-label").hidden = index.targets.length < 2;
  listPasses();
  await loadRemarks();
  const last = index.passes.findLastIndex((pass) => pass.drawings.length);
  state.pass = Math.max(0, index.passes.findIndex((pass) => pass.name === "form-groups") >= 0
    ? index.passes.findIndex((pass) => pass.name === "form-groups") : last);
  recall();
  go({});
})();
