// Plays the shared cases through the built package in headless Chromium.

import { readdirSync } from "node:fs";
import { join } from "node:path";

import { demand } from "../../tests/player/judge.mjs";
import { withBrowser } from "./browser.mjs";
import { PACKAGE, ROOT } from "./package.mjs";
import { serve } from "./serve.mjs";

const names = readdirSync(join(ROOT, "tests/cases"), { recursive: true }).filter((name) => name.endsWith(".yaml")).sort();
const { address, stop } = await serve({
  "/": '<!doctype html><title>cases</title><script type="module" src="/test/page.mjs"></script>',
  "/test/": join(ROOT, "wasm/test"),
  "/player/": join(ROOT, "tests/player"),
  "/cases/": join(ROOT, "tests/cases"),
  "/kindstore/": PACKAGE,
});
try {
  await withBrowser(async (open) => {
    const page = await open(`${address}/`);
    await page.waitForFunction(() => globalThis.playAll !== undefined);
    const { played, failures, ready } = await page.evaluate((names) => globalThis.playAll(names), names);
    demand(failures.length === 0, failures.join("\n"));
    console.log(`${names.length} cases, ${played} steps played in Chromium; ready ${ready.toFixed(0)} ms after its bytes`);
  });
} finally {
  stop();
}
