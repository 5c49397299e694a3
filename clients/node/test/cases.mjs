// Plays the shared cases, tests/cases/**/*.yaml, over gRPC and over gRPC-web against real servers.
//
// Every case has a server of its own. Steps of the system have no public interface, and what follows such a step
// depends on it, so a case is played up to the first one. What is read by `get` is compared with what REST answers, too.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";

import { connect as connectGrpc, parseJson, writeJson } from "@kindstore/client";
import { connect as connectWeb } from "@kindstore/client/web";
import { demand, shown, text } from "../../../tests/player/judge.mjs";
import { play } from "../../../tests/player/play.mjs";
import { ROOT, startServer } from "./server.mjs";

const CASES = join(ROOT, "tests/cases");
/** No event takes more milliseconds than this to come, or the case fails. */
const LONGEST = 20_000;

/** Plays a case on a server of its own. */
async function playAlone(case_, connect) {
  const server = await startServer(...(case_.plainSecrets === true ? ["--plain-secrets"] : []));
  const client = connect(server.address);
  const document = (resource) => resource.toDocument();
  const stage = {
    client,
    document,
    listed: async (kind, selected, items) => {
      const streamed = [];
      for await (const item of client.streamList(kind, selected)) streamed.push(shown(document(item)));
      demand(text(streamed) === text(items), "the streamed list is another one");
    },
    got: async (kind, found) => compareWithRest(server.address, await client.kind(kind), found),
    watched: async (kind, namespace, options, count) => {
      const events = [];
      const signal = AbortSignal.timeout(LONGEST);
      for await (const event of client.watch(kind, namespace, { ...options, signal })) {
        events.push(event);
        if (events.length === count) break;
      }
      return events;
    },
  };
  try {
    return await play(case_, stage);
  } finally {
    client.close();
    await server.stop();
  }
}

async function compareWithRest(address, kind, found) {
  const { namespace } = found.metadata;
  const parts = [...(namespace ? ["namespaces", namespace] : []), kind.plural];
  if (kind.keyScheme !== "singleton") parts.push(found.metadata.id);
  const answer = await fetch(`http://${address}${kind.group}/${parts.map(encodeURIComponent).join("/")}`);
  const answered = await answer.text();
  demand(writeJson(parseJson(answered)) === found.toText(), `REST answers ${answered}, toText() is ${found.toText()}`);
}

const files = readdirSync(CASES, { recursive: true }).filter((name) => name.endsWith(".yaml")).sort();
demand(files.length >= 9, "there is a folder of cases for every kind");
let [passed, failed] = [0, 0];
for (const [name, connect] of [["gRPC", connectGrpc], ["gRPC-web", connectWeb]]) {
  let [played, skipped] = [0, 0];
  for (const file of files) {
    try {
      // Integers as bigints, so that the large ones of the cases keep their digits.
      const case_ = parseYaml(readFileSync(join(CASES, file), "utf8"), { intAsBigInt: true });
      const steps = await playAlone(case_, connect);
      [played, skipped, passed] = [played + steps.played, skipped + steps.skipped, passed + 1];
    } catch (error) {
      console.error(`${name}, ${file}: ${error.message}`);
      failed += 1;
    }
  }
  console.log(`${name}: ${files.length} cases, ${played} steps played, ${skipped} skipped from the first system step on`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
