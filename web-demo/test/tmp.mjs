// The page as people use it, in headless Chromium, served by the server itself. Screenshots go to target/pictures.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { serve } from "../../wasm/test/serve.mjs";
import { demand } from "../../tests/player/judge.mjs";
import { withBrowser } from "../../wasm/test/browser.mjs";
import { ROOT } from "../../wasm/test/package.mjs";

const PICTURES = join(ROOT, "target/pictures");
mkdirSync(PICTURES, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const BROKEN = `kind: Deployment
metadata:
  name: clicks
spec:
  deploymentTargetName: jobs
  template:
    spec:
      artifact: {kind: JAR, jarUri: s3://apps/clicks.jar}
      parallelism: none
`;
const DEFAULTS = "---\nkind: DeploymentDefaults\nspec: {template: {spec: {parallelism: 8}}}\n";

/** What people see of the page, and do with it. */
class App {
  constructor(page) {
    this.page = page;
  }

  status(expected) {
    const wait = (expected) => document.querySelector("#status").textContent.startsWith(expected);
    return this.page.waitForFunction(wait, expected).catch(async () => {
      throw new Error(`the page says ${await this.page.textContent("#status")}, not ${expected}`);
    });
  }

  text(editor = "#editor") {
    return this.page.evaluate((editor) => document.querySelector(`${editor} .cm-content`).cmTile.view.state.doc.toString(), editor);
  }

  /** Puts a text in the place of all, as from the clipboard: no bracket is closed and no line indented. */
  async write(text, editor = "#editor") {
    await this.page.click(`${editor} .cm-content`);
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
  }

  async shot(name) {
    await this.page.screenshot({ path: join(PICTURES, `app-${name}.png`) });
  }

  /** Nothing serious keeps anybody from using the page. */
  async isAccessible(what) {
    const { violations } = await this.page.evaluate(`${axe}; axe.run()`);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    demand(serious.length === 0, `${what}: ${serious.map(({ id, nodes }) => `${id} at ${nodes[0].target}: ${nodes[0].failureSummary}`).join("; ")}`);
  }
}

async function editing(app) {
  const { page } = app;
  await app.status("valid");
  await app.shot("begin");
  await app.isAccessible("at the beginning");
  await app.write(BROKEN);
  await app.status("1 error");
  const line = await page.evaluate(() => document.querySelector(".cm-lintRange-error").closest(".cm-line").textContent);
  demand(line.includes("parallelism: none"), `the mark is at ${line}`);
  demand((await page.textContent(".problems .line")) === "9:20", "the problem is listed with its place");
  await page.click(".problems button");
  demand((await page.textContent("#place")) === "line 9, column 24", "a problem leads to its place");
  await page.keyboard.insertText("4\n  sta");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".cm-tooltip-autocomplete");
  await app.shot("completion");
  await page.keyboard.press("Enter");
  await page.keyboard.insertText("running");
  await app.status("valid");
  demand((await app.text()).includes("parallelism: 4\n  state: running"), await app.text());
  await page.hover(".t-name >> text=parallelism");
  await page.waitForSelector(".card");
}

async function texts(app) {
  await app.write("kind:   DeploymentTarget # mine\nmetadata: {name:   a}\nspec: {kubernetes: {}}\n");
  await app.page.click("#format");
  await app.status("in good form");
  demand((await app.text()).startsWith("kind: DeploymentTarget # mine\n"), "it is in good form, with its remark");
  await app.page.click("#convert");
  await app.status("converted");
  demand(JSON.parse(await app.text()).metadata.name === "a", "it is JSON now");
  await app.page.click("#convert");
  await app.page.waitForFunction(() => document.querySelector("#convert").textContent === "To JSON");
  demand((await app.text()).startsWith("kind: DeploymentTarget\n"), "and YAML again");
}

async function values(app) {
  await app.write(BROKEN.replace("      parallelism: none\n", "") + DEFAULTS);
  await app.page.click("#tab-values");
  const row = app.page.locator("tr", { hasText: "spec.template.spec.parallelism" });
  await row.waitFor();
  demand(/8\s*DeploymentDefaults/.test(await row.innerText()), `the value is ${await row.innerText()}`);
  await app.shot("values");
  await app.isAccessible("the values");
}

async function patching(app) {
  const { page } = app;
  await page.click("#tab-patch");
  await app.write("spec: {state: CANCELLED, template: {spec: {parallelism: 9}}}", "#patch");
  await page.waitForSelector(".verdict");
  demand((await page.textContent(".verdict")).includes("from version 1 to 2"), "the patch is taken");
  await page.waitForSelector(".merge .cm-changedText");
  await app.shot("patch");
  await app.isAccessible("a patch");
  await app.write("metadata: {name: other}\nspec: {state: GONE}\n", "#patch");
  await page.waitForSelector("#outcome .error");
  const refusal = await page.textContent("#outcome .error");
  demand(refusal.includes("metadata.name") && refusal.includes("spec.state"), `it is refused with ${refusal}`);
  await page.waitForSelector("#patch .cm-lintRange-error");
  await app.write("[{op: remove, path: /spec/template/spec/artifact/jarUri}]", "#patch");
  await page.waitForFunction(() => document.querySelector("#outcome .error")?.textContent.includes("jarUri"));
}

/** The store in the browser: applied, changed, compared, rolled back, deleted and brought back, and kept. */
async function storing(app) {
  const { page } = app;
  await page.click("#tab-store");
  await page.waitForSelector("#view-store .empty");
  await app.write("kind: DeploymentTarget\nmetadata: {name: jobs}\nspec: {kubernetes: {namespace: flink}}\n---\n" + BROKEN.replace("none", "4"));
  await page.click("text=Apply the manifest");
  await app.status("DeploymentTarget jobs created; Deployment clicks created");
  await app.write(BROKEN.replace("none", "9"));
  await page.click("text=Apply the manifest");
  await app.status("Deployment clicks changed");
  await page.click(".resource:has-text('clicks')");
  await page.waitForSelector(".timeline button:has-text('v2')");
  await page.waitForSelector(".detail .cm-changedText");
  await app.shot("store");
  await app.isAccessible("the store");
  await page.click(".timeline button:has-text('v1')");
  await page.click("text=Roll back to v1");
  await app.status("clicks is at version 3");
  await page.waitForSelector(".timeline button:has-text('v3')");
  await page.click(".detail >> text=Delete");
  await app.status("clicks is deleted");
  await page.click("text=Bring it back");
  await app.status("clicks is back as version 4");
  const download = page.waitForEvent("download");
  await page.click("text=Export");
  const content = await (await download).path();
  await page.reload();
  await app.status("valid");
  await page.click("#tab-store");
  await page.waitForSelector(".resource:has-text('clicks'):has-text('v4')");
  await page.setInputFiles("#view-store input", { name: "bad.kindstore", mimeType: "application/octet-stream", buffer: Buffer.from("no store") });
  await page.waitForFunction(() => /export|content/.test(document.querySelector("#status").textContent));
  await page.waitForSelector(".resource:has-text('clicks')");
  await page.setInputFiles("#view-store input", content);
  await app.status("imported, at revision");
}

/** From one end of the page to the other without a mouse. */
async function keyboard(app) {
  const { page } = app;
  await page.click("#tab-problems");
  await page.keyboard.press("ArrowRight");
  demand(await page.isVisible("#view-values"), "an arrow leads to the next view");
  await page.keyboard.press("ArrowLeft");
  demand(await page.isVisible("#view-problems"), "and back");
  await page.focus("#sample");
  await page.keyboard.press("Tab");
  demand((await page.evaluate(() => document.activeElement.id)) === "format", "the tabulator leads on");
}

async function trouble(app) {
  const { page } = app;
  await app.write("a: [\n");
  await app.status("1 error");
  const large = "kind: DeploymentTarget\nmetadata: {name: a}\nspec: {kubernetes: {}}\n---\n".repeat(30_000);
  await drop(page, "huge.yaml", large.repeat(9));
  await app.status("huge.yaml has");
  demand((await app.text()) === "a: [\n", "nothing is lost");
  await app.write(BROKEN);
}

/** Drops a file on the page. */
async function drop(page, name, text) {
  const transfer = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

async function again(app) {
  const { page } = app;
  await app.write(DEFAULTS.slice(4));
  await app.status("valid");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await app.status("valid");
  demand((await app.text()) === DEFAULTS.slice(4), "the text is still there");
  await page.context().setOffline(true);
  await page.reload();
  await app.status("valid");
  await app.write("kind: Nothing\n");
  await app.status("1 error");
  await page.context().setOffline(false);
}

async function narrowAndDark(app) {
  const { page } = app;
  await page.selectOption("#sample", "Some mistakes");
  await app.status("4 errors");
  await page.emulateMedia({ colorScheme: "dark" });
  await app.shot("dark");
  await app.isAccessible("in the dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await app.shot("narrow");
  await page.emulateMedia({ colorScheme: "light" });
  await app.isAccessible("on a phone");
}

const policy="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";
const served = await serve({ "/app/": join(ROOT, "target/web-demo") }, policy); const address=served.address.slice(7), stop=served.stop;
try {
  await withBrowser(async (open) => {
    const page = await open(`http://${address}/app/`);
    await page.setViewportSize({ width: 1280, height: 800 });
    const app = new App(page);
    for (const part of [editing, texts, values, patching, storing, keyboard, trouble, again, narrowAndDark]) {
      await part(app);
      console.log(`  ${part.name}: passed`);
    }
  });
} finally {
  await stop();
}
