// Pages of other sites in headless Chromium, which try to change what a server on this machine has, by every way that a browser
// offers to a page.

import { createServer } from "node:http";

import { startServer } from "../../clients/node/test/server.mjs";
import { demand } from "../../tests/player/judge.mjs";
import { withBrowser } from "../../wasm/test/browser.mjs";

const LIST = "/api/v1/namespaces/default/deployment-targets";
const TARGET = JSON.stringify({ metadata: { name: "one" }, spec: { kubernetes: {} } });
const JSON_TYPE = { "content-type": "application/json" };

/** Another site: the same machine by another name and port, whose pages run what they are told. */
async function foreignSite() {
  const site = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>foreign</title><body></body>");
  });
  await new Promise((ready) => site.listen(0, "127.0.0.1", ready));
  return { address: `http://localhost:${site.address().port}/`, close: () => site.close() };
}

/** All that a page can send without leave, and what it must ask for first. */
function attempts(home) {
  const one = `${home}${LIST}/one`;
  const batch = JSON.stringify({ operations: [{ operation: "delete", kind: "DeploymentTarget", name: "one" }] });
  const simple = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
  return [
    ...simple.flatMap((type) => [
      { url: `${home}${LIST}`, init: { method: "POST", mode: "no-cors", headers: { "content-type": type }, body: TARGET.replace("one", "two") } },
      { url: `${home}/api/v1/namespaces/default:batch`, init: { method: "POST", mode: "no-cors", headers: { "content-type": type }, body: batch } },
      { url: `${one}/rollback`, init: { method: "POST", mode: "no-cors", headers: { "content-type": type }, body: '{"version": 1}' } },
    ]),
    { url: `${home}${LIST}/gone/undelete`, init: { method: "POST", mode: "no-cors" } },
    { url: `${home}${LIST}/gone/undelete`, init: { method: "POST", mode: "no-cors", keepalive: true, credentials: "include" } },
    { url: one, init: { method: "DELETE" } },
    { url: one, init: { method: "PUT", headers: JSON_TYPE, body: TARGET } },
    { url: one, init: { method: "PATCH", headers: { "content-type": "application/merge-patch+json" }, body: '{"metadata": {"labels": {"evil": "1"}}}' } },
    { url: `${home}/kindstore.v1.ResourceService/Undelete`, init: { method: "POST", headers: { "content-type": "application/grpc-web+proto" }, body: "" } },
  ];
}

/** Sends all of them from a page; what comes back does not matter, and that nothing could be read does. */
function attack({ attempts, undelete }) {
  const sent = attempts.map(({ url, init }) => fetch(url, init).then((answer) => answer.type, () => "refused"));
  navigator.sendBeacon(undelete, "x");
  return Promise.all(sent);
}

/** Leaves the page by a form, the one way that needs no script. */
function submit(undelete) {
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, { method: "post", action: undelete, enctype: "text/plain" });
  form.submit();
}

const server = await startServer();
const home = `http://${server.address}`;
const site = await foreignSite();
try {
  const ask = (method, path, headers = {}, body = undefined) => fetch(home + path, { method, headers, body });
  for (const name of ["one", "gone"]) {
    const created = await ask("POST", LIST, JSON_TYPE, TARGET.replace("one", name));
    demand(created.status === 201, `${name} is created: ${created.status}`);
  }
  await ask("DELETE", `${LIST}/gone`);
  const state = async () => (await ask("GET", LIST)).text();
  const before = await state();
  await withBrowser(async (open, complaints) => {
    const page = await open(site.address);
    const undelete = `${home}${LIST}/gone/undelete`;
    const answers = await page.evaluate(attack, { attempts: attempts(home), undelete });
    // A page of another site reads nothing: the answer is opaque or none.
    demand(answers.every((answer) => ["opaque", "refused"].includes(answer)), `a page reads ${answers}`);
    const read = await page.evaluate((url) => fetch(url).then((answer) => answer.text(), () => null), home + LIST);
    demand(read === null, `a page reads ${read}`);
    await Promise.all([page.waitForURL(undelete), page.evaluate(submit, undelete)]);
    demand((await page.textContent("body")).includes("Forbidden"), "a form is refused");
    demand((await state()) === before, "a page of another site has changed something");
    // That it was refused is what the browser itself says.
    const isMeant = (one) => one.startsWith(`loads ${home}/`) || /CORS|ERR_FAILED|status of 4\d\d|Failed to load resource/.test(one);
    complaints.splice(0, complaints.length, ...complaints.filter((one) => !isMeant(one)));
  });
  // By the same requests its own page changes something, so that it is the site that counts.
  const own = await ask("POST", `${LIST}/gone/undelete`, { origin: home });
  demand(own.status === 201, `the server's own page may: ${own.status}`);
  console.log("  a page of another site changes and reads nothing: passed");
} finally {
  site.close();
  await server.stop();
}
