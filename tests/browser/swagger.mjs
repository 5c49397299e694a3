// The Swagger pages in a real browser: both specifications can be chosen, "try it out" works, nothing comes from elsewhere.
//
//   node swagger.mjs http://127.0.0.1:8080 [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [server, pictures = "target/pictures"] = process.argv.slice(2);
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const profile = mkdtempSync(join(tmpdir(), "kindstore-browser-"));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: flags });
const page = await browser.newPage();
await page.setViewportSize({ width: 1280, height: 900 });
const foreign = [], complaints = [];
page.on("request", (request) => {
  if (!request.url().startsWith(server) && !request.url().startsWith("data:")) foreign.push(request.url());
});
page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
page.on("pageerror", (error) => complaints.push(String(error)));

const response = await page.goto(`${server}/swagger`);
assert.equal(response.status(), 200);
assert.equal(response.request().redirectedFrom(), null, "the page answers itself");
const title = page.locator(".info .title");
await title.getByText("Application Manager").waitFor();
await page.screenshot({ path: join(pictures, "swagger.png") });

// Try a list of the first specification.
const operation = page.locator("#operations-Deployment-listDeployments");
await operation.click();
await operation.getByRole("button", { name: "Try it out" }).click();
await operation.getByPlaceholder("namespace").fill("default");
await operation.getByRole("button", { name: "Execute" }).click();
const answer = operation.locator(".live-responses-table .response-col_description .highlight-code").first();
await answer.getByText("DeploymentList").waitFor();
assert.equal((await operation.locator(".live-responses-table .response-col_status").nth(1).innerText()).trim(), "200");
await page.screenshot({ path: join(pictures, "swagger-try.png") });

// Choose the other one in the upper right corner.
await page.locator(".topbar select").selectOption({ label: "Ververica Platform" });
await title.getByText("Ververica Platform").waitFor();
await page.locator("#operations-Namespace-getNamespace").waitFor();
await page.screenshot({ path: join(pictures, "swagger-platform.png") });

await browser.close();
assert.deepEqual(foreign, [], "nothing is loaded from elsewhere");
assert.deepEqual(complaints, [], "the browser has nothing to complain about");
console.log("swagger pages: 1 passed, 0 failed");
