// What the page holds: the index at once, long texts when they are asked for.

const index = JSON.parse(document.getElementById("index").textContent);
const unpacked = new Map();

function piece(number) {
  if (!unpacked.has(number)) unpacked.set(number, unpack(number));
  return unpacked.get(number);
}

async function unpack(number) {
  const packed = Uint8Array.from(atob(document.getElementById(`piece-${number}`).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

// Remarks by place: {pass, category, missed, function, text}.
const remarksByPlace = new Map();

async function loadRemarks() {
  const { texts, list } = JSON.parse(await piece(index.remarks.piece));
  const seen = new Set();
  for (const [pass, place, category, missed, inFunction, text] of list) {
    if (place < 0) continue;
    const key = [pass, place, category, text, inFunction].join();
    if (seen.has(key)) continue;
    seen.add(key);
    if (!remarksByPlace.has(place)) remarksByPlace.set(place, []);
    remarksByPlace.get(place).push({ pass, category, missed, function: inFunction, text: texts[text] });
  }
}

function element(name, properties = {}, ...children) {
  const result = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key in result) result[key] = value;
    else result.setAttribute(key, value);
  result.append(...children);
  return result;
}
