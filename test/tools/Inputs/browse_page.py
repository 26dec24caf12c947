"""Opens a page of --dump-ir in headless Chromium and uses its keys. Usage: browse_page.py INDEX.html

A copy of the page gets a script that presses keys, looks, and leaves what it saw in the document, which
`chromium --dump-dom` prints.
"""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SCRIPT = r"""
<script>
(async () => {
  const seen = [], errors = [];
  window.addEventListener("error", (event) => errors.push(event.message));
  window.addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (condition) => {
    for (let i = 0; i < 200; i++) {
      if (condition()) return true;
      await pause(20);
    }
    return false;
  };
  const press = (key, where = document.body) => where.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const all = (selector) => document.querySelectorAll(selector).length;
  const text = (selector) => document.querySelector(selector)?.textContent ?? "";
  const check = (what, is) => seen.push(what + (is ? "" : " FAILED"));

  await until(() => document.body.dataset.ready);
  await until(() => all("#main .row") > 20);
  check(`opens with: ${all("#passes button")} passes, ${text("#passes [aria-current=true]").match(/[a-z-]+/)[0]} is chosen`, true);
  check("IR: weir.kernel is coloured", [...document.querySelectorAll("#main .op")].some((op) => op.textContent === "weir.kernel"));
  press("n");
  check("next remark: the model's line is marked", await until(() => all("#source .row.chosen") === 1 && all("#remarks p") > 0));
  press("2");
  check("changes: lines added and removed", await until(() => all(".row.added") > 0 && all(".row.removed") > 0));
  press("3");
  await until(() => document.body.dataset.ready === "graph");
  const seenAtOnce = [...document.querySelectorAll("#graph .node")].some((node) => node.getBoundingClientRect().top < innerHeight);
  press("ArrowDown");
  const drawn = await until(() => all("#graph .node.chosen") === 1 && all("#graph .edge") > 3 && seenAtOnce);
  check(drawn ? "graph: nodes and edges" : "graph: no 'dot'", drawn || text("#main").includes("there is no 'dot'"));
  press("4");
  await until(() => all(".groups tr.chosen") === 1 && text(".split .code").length > 0);
  const first = text(".groups tr.chosen"), loops = text(".split .code").includes("func");
  press("ArrowDown");
  await until(() => text(".groups tr.chosen") !== first);
  document.querySelectorAll(".tabs button")[1].click();
  check("kernels: loops, then assembly", loops && (await until(() => text(".split .code").includes("vmov"))));
  press("5");
  check("memory: buffers and text", await until(() => all(".buffer") > 3 && text("#main .code").includes("lower bound")));
  press("1");
  await until(() => document.body.dataset.ready === "ir");
  press("k");
  check("pass before: " + ((await until(() => text("#passes [aria-current=true]").includes("sink-views"))) ? "sink-views" : "?"), true);
  await until(() => all("#main .row") > 20);
  press("/");
  const find = document.getElementById("find");
  find.value = "weir.concat";
  press("Enter", find);
  check("find: a line is chosen", await until(() => text("#main .row.chosen").includes("weir.concat")));
  find.blur();
  press("?");
  check("keys: help opens", document.getElementById("help").open);
  document.getElementById("help").close();
  location.hash = "view=changes&pass=3";
  check("address: leads to the same view", await until(() => text("#views [aria-selected=true]").includes("changes") && text("#passes [aria-current=true]").includes("03 simplify")));
  seen.push("errors: " + (errors.length ? errors.join("; ") : "none"));
  document.body.append(Object.assign(document.createElement("pre"), { id: "seen", textContent: JSON.stringify(seen) }));
})();
</script>
</body>
"""

page = pathlib.Path(sys.argv[1]).read_text()
with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / "page.html"
    # rpartition: the page's own script may speak of </body>.
    head, _, tail = page.rpartition("</body>")
    copy.write_text(head + SCRIPT + tail)
    dom = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", "--window-size=1400,900",
         "--virtual-time-budget=60000", "--dump-dom", copy.as_uri()],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=240, text=True).stdout
found = re.search(r'<pre id="seen">(.*?)</pre>', dom, re.S)
if not found:
    sys.exit("the script did not come to its end")
print("\n".join(json.loads(html.unescape(found.group(1)))))
