// The page as people use it, in headless Chromium, served by the server itself. Screenshots go to target/pictures.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync } from "node:zlib";

import { startServer } from "../../clients/node/test/server.mjs";
import { demand } from "../../tests/player/judge.mjs";
import { withBrowser } from "../../wasm/test/browser.mjs";
import { kindstore, ROOT } from "../../wasm/test/package.mjs";
import { SAMPLES } from "../src/samples.js";

const BINARY = process.env.KINDSTORE_BIN ?? join(ROOT, "target/debug/kindstore");
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
/** An address at which nobody answers. */
const NOWHERE = "http://127.0.0.1:65533";
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
  // What pops up is not taken by a key that was on its way.
  await page.waitForTimeout(150);
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

const target = (name) => `kind: DeploymentTarget\nmetadata:\n  name: ${name}\nspec:\n  kubernetes: {}\n`;

/** Numbers stay as they were written, whatever is done with the text. */
async function spellings(app) {
  const { page } = app;
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  await page.getByRole("combobox", { name: "Sample" }).selectOption("Deployment");
  await app.status("valid");
  demand((await app.text()).includes("flinkVersion: 1.20"), "the sample has a version that looks like a number");
  for (const [name, expected] of [["To JSON", '"flinkVersion": 1.20'], ["To YAML", "flinkVersion: 1.20"], ["Format", "flinkVersion: 1.20"]]) {
    await press(name);
    await app.status(name === "Format" ? "in good form" : "converted");
    // The status is that of the conversion before until this one has ended.
    const isThere = async () => (await app.text()).includes(expected);
    for (let tries = 0; tries < 100 && !(await isThere()); tries += 1) await page.waitForTimeout(50);
    demand(await isThere(), `${name}: ${await app.text()}`);
  }
  await page.getByRole("tab", { name: "Values" }).click();
  await page.getByRole("row", { name: "spec.template.spec.artifact.flinkVersion 1.20 document" }).waitFor();
  await page.getByRole("tab", { name: "Patch" }).click();
  await app.write("spec: {state: CANCELLED}", "#patch");
  await page.waitForSelector(".verdict");
  for (const side of ["Before", "After"]) {
    const text = await page.getByRole("textbox", { name: side, exact: true }).evaluate((side) => side.cmTile.view.state.doc.toString());
    demand(text.includes('flinkVersion: "1.20"'), `${side}: ${text}`);
  }
  // The result is edited from 1.20 to 1.2: another version, and the patch says so.
  await press("Edit the result instead");
  await page.waitForSelector("#result .cm-content");
  const result = await app.text("#result");
  demand(result.includes("flinkVersion: 1.20"), result);
  await app.write(result.replace("1.20", "1.30"), "#result");
  await page.waitForFunction(() => document.querySelector("#patch .cm-content").textContent.includes("flinkVersion: 1.30"));
  await app.write(result.replace("1.20", "1.2"), "#result");
  await page.waitForFunction(() => /flinkVersion: 1\.2$/.test(document.querySelector("#patch .cm-content").textContent));
  await press("Edit the result instead");
  await app.write(" ", "#patch");
  await page.getByRole("tab", { name: "Problems" }).click();
  await press("Close Deployment");
}

/** What can be undone is of one text: no key brings another tab's text. */
async function undoing(app) {
  const { page } = app;
  const editor = page.getByRole("textbox", { name: "Manifest" });
  const first = await app.text();
  await page.getByRole("combobox", { name: "Sample" }).selectOption("SecretValue");
  await app.status("valid");
  const secret = await app.text();
  demand(secret.startsWith("kind: SecretValue"), secret);
  await editor.click();
  await page.keyboard.press("Control+z");
  demand((await app.text()) === secret, "nothing was done to the text yet");
  await app.write(target("one"));
  await page.getByRole("button", { name: "manifest", exact: true }).click();
  demand((await app.text()) === first, "the first text is back");
  await editor.click();
  await page.keyboard.press("Control+y");
  demand((await app.text()) === first, "and nothing of the other one");
  await page.getByRole("button", { name: "SecretValue", exact: true }).click();
  demand((await app.text()) === target("one"), "the other text is as it was left");
  await editor.click();
  await page.keyboard.press("Control+z");
  demand((await app.text()) === secret, "its own change can still be undone");
  await page.getByRole("button", { name: "Close SecretValue" }).click();
  demand((await app.text()) === first, "closed without a trace");
  demand(await page.evaluate((first) => JSON.parse(localStorage.getItem("kindstore.files")).files.some(({ text }) => text === first), first), "and kept so");
}

/** Ten documents become one list, which the page takes as the ten. */
async function lists(app) {
  const { page } = app;
  const names = Array.from({ length: 10 }, (_, index) => `t${index}`);
  const text = names.map(target).join("---\n");
  await app.write(text);
  await page.getByRole("button", { name: "To JSON" }).click();
  await app.status("converted");
  const list = JSON.parse(await app.text());
  demand(list.kind === "List" && list.items.length === 10, await app.text());
  await app.write((await app.text()).replace('"name": "t4"', '"name": "T 4"'));
  await app.status("1 error");
  await page.getByRole("button", { name: /metadata.name/ }).waitFor();
  await app.write((await app.text()).replace('"name": "T 4"', '"name": "t4"'));
  await page.getByRole("button", { name: "To YAML" }).click();
  await app.status("converted");
  demand((await app.text()) === text, await app.text());
}

/** Several texts, and one that comes by a link. */
async function files(app) {
  const { page } = app;
  const first = await app.text();
  await page.selectOption("#sample", "SessionCluster");
  await app.status("valid");
  demand((await app.text()).startsWith("kind: SessionCluster"), "a sample has a tab of its own");
  await page.click("#share");
  await page.waitForFunction(() => location.hash.startsWith("#manifest="));
  const link = page.url();
  await page.click("[aria-label='Close SessionCluster']");
  demand((await app.text()) === first, "the other text is as it was");
  await page.goto(link.replace("/app/", "/app/?again"));
  await app.status("valid");
  demand((await app.text()).startsWith("kind: SessionCluster"), "a link brings its text");
  await page.click("[aria-label='Close shared']");
  // A short link may hold a text that fills all memory: it is not opened.
  const zeros = deflateRawSync(Buffer.alloc(64 << 20, " ")).toString("base64url");
  for (const [hash, told] of [[zeros, "the link is not opened: its text has more than 16 MiB"], ["abc", "the link is broken"], [deflateRawSync("\xff", "latin1").toString("base64url").slice(0, 2), "the link is broken"]]) {
    await page.evaluate((hash) => (location.hash = `manifest=${hash}`), hash);
    await app.status(told);
  }
  demand((await app.text()) === first, "nothing was opened");
  await page.evaluate(() => history.replaceState(null, "", location.pathname));
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
  // The other way round: the result is edited, and the patch follows.
  await page.click("#edit-result");
  await page.waitForSelector("#result .cm-content");
  const result = (await app.text("#result")).replace("name: clicks", "name: clicks\n  labels: {team: web}");
  await app.write(result, "#result");
  await page.waitForFunction(() => document.querySelector("#patch .cm-content").textContent.includes("team: web"));
  await page.waitForSelector(".verdict");
  await page.click("text=Inline");
  await page.waitForSelector(".merge .cm-insertedLine, .merge .cm-changedLine");
  await page.click("text=Side by side");
  await page.click("#edit-result");
}

/** The store in the browser: applied, changed, compared, rolled back, deleted and brought back, and kept. */
async function storing(app) {
  const { page } = app;
  await page.click("#tab-store");
  await page.waitForSelector("#view-store .empty");
  await app.write("kind: DeploymentTarget\nmetadata: {name: jobs}\nspec: {kubernetes: {namespace: flink}}\n---\n" + BROKEN.replace("none", "4"));
  await page.click("text=Apply the manifest");
  await app.status("DeploymentTarget jobs created in default; Deployment clicks created in default");
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
  // Beside the first version stands what the selector says, which is what a way back would change.
  const compared = () => page.getByRole("combobox", { name: "Compare with" }).evaluate((select) => select.selectedOptions[0].textContent);
  const sides = () => page.evaluate(() => [...document.querySelectorAll("#view-store .detail .cm-content")].map((side) => side.ariaLabel));
  for (const [version, beside] of [["v1", "v3"], ["v2", "v1"], ["v3", "v2"]]) {
    await page.getByRole("button", { name: version, exact: true }).click();
    await page.waitForSelector(`.timeline button[aria-pressed=true]:has-text('${version}')`);
    demand((await compared()) === `compare with ${beside}`, `${version} beside ${await compared()}`);
    demand((await sides()).join() === `Version ${beside[1]},Version ${version[1]}`, `${version}: ${await sides()}`);
  }
  const options = await page.getByRole("combobox", { name: "Compare with" }).innerText();
  demand(!options.includes("v3"), `a version is not beside itself: ${options}`);
  // Any two versions are compared: the third says what the first one did.
  await page.selectOption("[aria-label='Compare with']", { label: "compare with v1" });
  await page.waitForFunction(() => document.querySelectorAll("#view-store .cm-changedText").length === 2 + 2);
  await page.click(".detail >> text=Delete");
  await app.status("clicks is deleted");
  await page.click("text=Bring it back");
  await app.status("clicks is back as version 4");
  // Another page of this browser has the same store, and neither takes away what the other one wrote.
  const beside = await page.context().newPage();
  await beside.goto(page.url());
  const other = new App(beside);
  await other.write("kind: DeploymentTarget\nmetadata: {name: beside}\nspec: {kubernetes: {}}\n");
  // What it says of the text comes a moment after the text, and would hide what it says of the store.
  await other.status("valid");
  await beside.click("#tab-store");
  await beside.click("text=Apply the manifest");
  await other.status("DeploymentTarget beside created");
  await other.write(BROKEN);
  await beside.close();
  await app.write(BROKEN.replace("none", "5"));
  await page.click("text=Apply the manifest");
  await app.status("Deployment clicks changed");
  await page.waitForSelector(".resource:has-text('beside')");
  const download = page.waitForEvent("download");
  await page.click("text=Export");
  const content = await (await download).path();
  await page.reload();
  await app.status("valid");
  await page.click("#tab-store");
  await page.waitForSelector(".resource:has-text('clicks'):has-text('v5')");
  await page.setInputFiles("#view-store input", { name: "bad.kindstore", mimeType: "application/octet-stream", buffer: Buffer.from("no store") });
  await page.waitForFunction(() => /export|content/.test(document.querySelector("#status").textContent));
  await page.waitForSelector(".resource:has-text('clicks')");
  await page.setInputFiles("#view-store input", content);
  await app.status("imported, at revision");
}

/** From one end of the page to the other without a mouse: write, see what is wrong, go there, and look at every view. */
async function keyboard(app) {
  const { page } = app;
  const at = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
  const press = async (key, times = 1) => {
    for (let left = times; left > 0; left -= 1) await page.keyboard.press(key);
  };
  await page.focus("#sample");
  const passed = [];
  for (let left = 20; left > 0 && !(await at()).includes("cm-content"); left -= 1) {
    await press("Tab");
    passed.push(await at());
  }
  demand(["share", "format", "convert"].every((id) => passed.includes(id)), `the tabulator leads by ${passed}`);
  await press("Control+a");
  await page.keyboard.insertText(BROKEN);
  await app.status("1 error");
  await press("Escape");
  await press("Tab");
  demand((await at()).startsWith("tab-"), `the editor lets go: ${await at()}`);
  for (let left = 5; left > 0 && (await at()) !== "tab-problems"; left -= 1) await press("ArrowRight");
  demand(await page.isVisible("#view-problems"), "arrows lead through the views and around");
  await press("Tab", 2);
  await press("Enter");
  demand((await page.textContent("#place")) === "line 9, column 24", "a problem leads to its place");
}

async function trouble(app) {
  const { page } = app;
  await app.write("a: [\n");
  await app.status("1 error");
  const large = "kind: DeploymentTarget\nmetadata: {name: a}\nspec: {kubernetes: {}}\n---\n".repeat(72_000);
  await drop(page, "huge.yaml", large.repeat(4));
  await app.status("huge.yaml has");
  demand((await app.text()) === "a: [\n", "nothing is lost");
  // One of five megabytes is opened, and judged as any other.
  await drop(page, "large.yaml", `${large}kind: Nothing\n`);
  await page.waitForSelector(".file:has-text('large.yaml')");
  await app.status("1 error");
  await page.click("[aria-label='Close large.yaml']");
  demand((await app.text()) === "a: [\n", "the other text is as it was");
  await drop(page, "picture.png", "\u0089PNG\u0000\u0001");
  await app.status("1 error");
  await page.click("[aria-label='Close picture.png']");
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

/** A live server: what the command line changes is seen as it comes; manifests are applied; and the server may go away. */
async function connecting(app, { address, stop }) {
  const { page } = app;
  const kindstore = (...words) => execFileSync(BINARY, words, { env: { ...process.env, KINDSTORE_SERVER: `http://${address}` }, encoding: "utf8" });
  await page.click("#tab-server");
  await page.click("text=Connect");
  await page.waitForSelector("#view-server .empty:has-text('There is no Deployment')");
  await app.write("kind: DeploymentTarget\nmetadata: {name: jobs}\nspec: {kubernetes: {}}\n---\n" + BROKEN.replace("none", "4"));
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  // A dry run judges the documents together, in whatever order they stand.
  const [one, other] = [target("jobs").replace("{}", "{namespace: flink}"), BROKEN.replace("none", "4")];
  for (const text of [`${one}---\n${other}`, `${other}---\n${one}`]) {
    await app.write(text);
    await app.status("valid");
    await press("Dry run");
    await app.status("DeploymentTarget jobs would be at version 1 in default; Deployment clicks would be at version 1 in default");
  }
  // All or nothing: what is wrong with one document keeps every other one out.
  await app.write(`${other.replace("jobs", "nowhere")}---\n${one}`);
  await app.status("valid");
  await press("Apply");
  await app.status("DeploymentTarget jobs is not applied; Deployment clicks: spec.deploymentTargetName: ");
  demand(!kindstore("get", "deployment-targets", "-o", "name").includes("jobs"), "nothing was written");
  await app.write(`${other}---\n${one}`);
  await app.status("valid");
  await press("Apply");
  await app.status("DeploymentTarget jobs is at version 1 in default; Deployment clicks is at version 1 in default");
  await page.waitForSelector("#view-server .resource:has-text('clicks'):has-text('v1')");
  kindstore("patch", "deployment", "clicks", "-p", "spec: {template: {spec: {parallelism: 6}}}");
  await page.waitForSelector("#view-server .resource:has-text('clicks'):has-text('v2')");
  await page.click("#view-server .resource");
  await page.waitForSelector("#view-server .detail .cm-changedText");
  await app.shot("server");
  await app.isAccessible("a server");
  await page.click("#view-server .timeline >> text=v1");
  await page.click("#view-server >> text=Roll back to v1");
  await page.waitForSelector("#view-server .resource:has-text('v3')");
  const [, id] = /deployments\/(.+)$/.exec(page.url());
  await elsewhere(app, address, kindstore);
  await page.goto(`http://${address}/app/?linked#/namespaces/default/deployments/${id}/overview`);
  await page.waitForSelector("#view-server .detail h2:has-text('Deployment clicks')");
  await stop();
  await page.waitForSelector("#view-server [role=alert]:has-text('does not answer')");
  demand((await app.text()).length > 0 && (await page.isVisible("#view-server .resource")), "nothing is lost");
}

/** The namespace that is chosen counts, namespaces come first, and an address that fails leaves nothing of the one before. */
async function elsewhere(app, address, kindstore) {
  const { page } = app;
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  await app.write(`${target("far").replace("name: far", "name: far\n  namespace: web")}---\nkind: Namespace\nmetadata: {name: web}\n`);
  await app.status("valid");
  await press("Dry run");
  await app.status("Namespace web would be created; DeploymentTarget far can be tried when there is a namespace web");
  await press("Apply");
  await app.status("Namespace web is created; DeploymentTarget far is at version 1 in web");
  await page.getByRole("combobox", { name: "Namespace" }).selectOption("web");
  const list = JSON.stringify({ kind: "List", items: [{ kind: "DeploymentTarget", metadata: { name: "here", labels: { release: "RELEASE" } }, spec: { kubernetes: {} } }] });
  await app.write(list.replace('"RELEASE"', "1.20"));
  await app.status("valid");
  await press("Apply");
  await app.status("DeploymentTarget here is at version 1 in web");
  demand(kindstore("get", "deployment-targets", "here", "-n", "web", "-o", "yaml").includes('release: "1.20"'), "the label is as it was written");
  demand(!kindstore("get", "deployment-targets", "-n", "default", "-o", "name").includes("here"), "and nothing is in default");
  // Two namespaces at once: what is refused in one keeps the other one untouched.
  await app.write(`${target("both")}---\n${target("Not A Name").replace("name: Not", "namespace: default\n  name: Not")}`);
  await app.status("1 error");
  await press("Apply");
  await app.status("DeploymentTarget both is not applied; DeploymentTarget Not A Name: metadata.name: ");
  demand(!kindstore("get", "deployment-targets", "-n", "web", "-o", "name").includes("both"), "nothing was written");
  await page.getByRole("textbox", { name: "Address of the server" }).fill(NOWHERE);
  await press("Connect");
  await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
  demand(!(await page.getByRole("button", { name: "Apply", exact: true }).isVisible()), "nothing is applied to the server before");
  demand((await page.locator("#view-server .resource").count()) === 0, "nor are its resources shown");
}

async function narrowAndDark(app) {
  const { page } = app;
  await page.selectOption("#sample", "Some mistakes");
  await app.status("4 errors");
  await app.shot("mistakes");
  await page.emulateMedia({ colorScheme: "dark" });
  await app.shot("dark");
  await app.isAccessible("in the dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await app.shot("narrow");
  await page.emulateMedia({ colorScheme: "light" });
  await app.isAccessible("on a phone");
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** What the first visit loads is small: all files but the formatter, which is loaded when it is needed. */
function firstLoad() {
  const folder = join(ROOT, "target/web-demo");
  const loaded = readdirSync(folder, { recursive: true }).filter((name) => /\.\w+$/.test(name) && !/format_bg|sw\.js/.test(name));
  const bytes = loaded.map((name) => brotliCompressSync(readFileSync(join(folder, name))).length).reduce((one, other) => one + other);
  demand(bytes <= 600_000, `the first load has ${bytes} bytes behind brotli`);
  console.log(`  first load: ${Math.round(bytes / 1000)} KB behind brotli`);
}

/** Every sample but the one with mistakes is valid. */
function samples() {
  for (const [name, text] of Object.entries(SAMPLES)) {
    demand((kindstore.validate(text).length > 0) === (name === "Some mistakes"), `the sample ${name}`);
  }
}

samples();
firstLoad();
const server = await startServer("--app-dir", join(ROOT, "target/web-demo"));
try {
  await withBrowser(async (open, complaints) => {
    const page = await open(`http://${server.address}/app/`);
    await page.setViewportSize({ width: 1280, height: 800 });
    const app = new App(page);
    for (const part of [editing, texts, spellings, undoing, lists, files, values, patching, storing, keyboard, trouble, again, narrowAndDark, connecting]) {
      await part(app, server);
      console.log(`  ${part.name}: passed`);
    }
    // That a server is not there, and what it refused, is what the browser itself says, too.
    const isMeant = (one) => one.startsWith(`loads ${NOWHERE}/`) || /net::ERR_(CONNECTION|INCOMPLETE|EMPTY|INTERNET)|status of 400/.test(one);
    complaints.splice(0, complaints.length, ...complaints.filter((one) => !isMeant(one)));
  });
} finally {
  await server.stop();
}
