// The right side: the model's text, and what passes said about the chosen line.

function showSource(place) {
  const section = document.getElementById("source");
  const [file, line] = place >= 0 ? index.places[place] : [0, 0];
  const source = index.sources[file >= 0 ? file : 0];
  if (section.dataset.file !== source.name) {
    section.dataset.file = source.name;
    const code = element("div", { className: "code" });
    source.text.replace(/\n$/, "").split("\n").forEach((text, i) => {
      const row = element("div", { className: "row" }, element("span", { className: "number", textContent: i + 1 }));
      row.insertAdjacentHTML("beforeend", `<span>${coloured(text, "weir")}</span>`);
      code.append(row);
    });
    section.replaceChildren(element("h2", { textContent: source.name }), code);
  }
  for (const row of section.querySelectorAll(".chosen")) row.classList.remove("chosen");
  const chosen = section.querySelectorAll(".row")[line - 1];
  if (!chosen) return;
  chosen.classList.add("chosen");
  chosen.scrollIntoView({ block: "center", inline: "start" });
}

function showRemarks(place) {
  const section = document.getElementById("remarks");
  if (place < 0) {
    section.replaceChildren(
      element("h2", { textContent: "Remarks" }),
      element("p", { className: "done", textContent: `${index.remarks.count} in all. Choose a line of the IR, a node or a kernel.` }));
    return;
  }
  const [file, line, column, path] = index.places[place];
  const name = index.sources[file] ? index.sources[file].name : "";
  const children = [element("h2", { textContent: path || "op" }), element("small", { textContent: `${name}:${line}:${column}` })];
  const said = new Map();
  for (const remark of remarksByPlace.get(place) ?? []) {
    const key = remark.category + remark.text;
    if (!said.has(key)) said.set(key, { ...remark, functions: [] });
    if (remark.function) said.get(key).functions.push(remark.function);
  }
  for (const remark of said.values()) {
    const row = element("p", { className: remark.missed ? "missed" : "done", textContent: remark.text + " " });
    const where = [...new Set(remark.functions)].join(", ");
    row.append(element("small", { textContent: `[${remark.category}${where ? " · " + where : ""}]` }));
    children.push(row);
  }
  if (!said.size) children.push(element("p", { className: "done", textContent: "No pass said anything about this line." }));
  section.replaceChildren(...children);
}

function choosePlace(place) {
  showRemarks(place); // first: it decides how high the text is
  showSource(place);
}
