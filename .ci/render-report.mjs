// Looks at pages in a real browser: at the width of a phone and of a screen, light, dark and printed, axe-core must find
// nothing and nothing may be wider than the screen. Arguments: the browser, axe-core's script, a folder for pictures,
// the pages.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [program, axe, pictures, ...pages] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "render-report-"));
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars", `--user-data-dir=${profile}`, "--remote-debugging-pipe",
];
// It takes commands from its fourth stream and answers on its fifth, each ended by a zero byte.
const browser = spawn(program, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const timer = setTimeout(() => fail("the browser does not answer"), 120_000);

let heard = "";
let lastId = 0;
const answers = new Map();
const events = new Map();

function fail(what) {
  console.error(what);
  browser.kill();
  process.exit(1);
}

browser.stdio[4].on("data", (chunk) => {
  heard += chunk;
  for (let end = heard.indexOf("\0"); end >= 0; end = heard.indexOf("\0")) {
    const message = JSON.parse(heard.slice(0, end));
    heard = heard.slice(end + 1);
    if (message.error) fail(`${JSON.stringify(message)}`);
    answers.get(message.id)?.(message.result);
    answers.delete(message.id);
    events.get(message.method)?.();
  }
});

function ask(method, params = {}, sessionId = undefined) {
  const id = ++lastId;
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
  return new Promise((resolve) => answers.set(id, resolve));
}

const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
const tab = (method, params) => ask(method, params, sessionId);
const run = async (expression) => {
  const { result, exceptionDetails } = await tab("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) fail(JSON.stringify(exceptionDetails));
  return result.value;
};
await tab("Page.enable");

for (const page of pages) {
  const name = basename(page, ".html");
  for (const [look, width, media, scheme] of [
    ["phone", 390, "screen", "light"], ["phone-dark", 390, "screen", "dark"],
    ["screen", 1280, "screen", "light"], ["screen-dark", 1280, "screen", "dark"],
    ["paper", 680, "print", "light"],
  ]) {
    await tab("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
    await tab("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
    const loaded = new Promise((resolve) => events.set("Page.loadEventFired", resolve));
    await tab("Page.navigate", { url: pathToFileURL(page).href });
    await loaded;
    const widest = await run("document.scrollingElement.scrollWidth");
    if (widest > width) fail(`${name}, ${look}: ${widest} px wide, on ${width}`);
    await run(readFileSync(axe, "utf8") + ";0");
    const found = await run(
      "axe.run().then(({ violations }) => violations.map(({ id, help, nodes }) => `${id}: ${help}\\n  ${nodes.map((node) => node.html).join('\\n  ')}`))",
    );
    if (found.length > 0) fail(`${name}, ${look}: axe-core finds\n${found.join("\n")}`);
    const { data } = await tab("Page.captureScreenshot", { captureBeyondViewport: true });
    writeFileSync(join(pictures, `${name}-${look}.png`), Buffer.from(data, "base64"));
  }
  const { data } = await tab("Page.printToPDF", { printBackground: false });
  writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(data, "base64"));
}
clearTimeout(timer);
browser.kill();
