// A headless Chromium for tests, in which nothing may be loaded from elsewhere and nothing may be complained about.

import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { demand } from "../../tests/player/judge.mjs";
import { ROOT } from "./package.mjs";

const { chromium } = createRequire(resolve(ROOT, "tests/browser/package.json"))("playwright-core");
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Opens a browser, hands `use` a way to open pages, and closes it. */
export async function withBrowser(use) {
  const profile = mkdtempSync(join(tmpdir(), "kindstore-browser-"));
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS });
  const complaints = [];
  const open = async (address) => {
    const page = await browser.newPage();
    const home = new URL(address).origin;
    page.on("request", (request) => {
      if (!request.url().startsWith(home) && !/^(data|blob):/.test(request.url())) complaints.push(`loads ${request.url()}`);
    });
    page.on("console", (message) => {
      if (message.type() === "error" && !/favicon/.test(message.location().url)) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(address);
    return page;
  };
  try {
    await use(open, complaints);
  } finally {
    await browser.close();
  }
  demand(complaints.length === 0, `the browser complains: ${complaints.join("\n")}`);
}
