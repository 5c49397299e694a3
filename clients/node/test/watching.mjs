// Watches over both transports: servers that go away and come back, places that are not kept, and calls that are not leaked.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect as openSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";

import * as kindstore from "@kindstore/client";
import { connect as connectWeb } from "@kindstore/client/web";
import * as api from "../dist/generated/kindstore/v1/resource_service_pb.js";
import { startServer, startServerOn } from "./server.mjs";

const FAST = { attempts: 3, firstMs: 1, longestMs: 2 };
const BROKEN = { code: status.UNAVAILABLE, details: "broken" };
const RESET = { code: status.CANCELLED, details: "Received RST_STREAM with error code 8" };
/** No event takes more milliseconds than this to come, or the test fails. */
const LONGEST = 20_000;

const cleanup = [];

function connected(connect, address, options = {}) {
  const client = connect(address, options);
  cleanup.push(() => client.close());
  return client;
}

/** A watch of targets that fails the test when it waits for too long. */
function watching(client, options = {}) {
  return client.watch("DeploymentTarget", "default", { signal: AbortSignal.timeout(LONGEST), ...options });
}

/** So many events of a watch, or fewer where it ends; the watch stays open. */
async function take(watch, count) {
  const found = [];
  while (found.length < count) {
    const { done, value } = await watch.next();
    if (done) break;
    found.push(value);
  }
  return found;
}

/** An event in short. */
function told({ type, resource }) {
  return resource === undefined ? type : `${type} ${resource.metadata.name} ${resource.metadata.resourceVersion}`;
}

/** Makes so many changes of the target `a`, all of them told apart by a label. */
async function change(address, begin, count) {
  const client = kindstore.connect(address);
  for (let number = begin; number < begin + count; number += 1) {
    const document = { metadata: { labels: { n: String(number) } }, spec: { kubernetes: {} } };
    await client.upsert("DeploymentTarget", "a", document);
  }
  client.close();
}

async function fails(kind, promise) {
  const error = await promise.then(
    () => assert.fail(`${kind.name} is not thrown`),
    (error) => error,
  );
  assert.equal(error.constructor, kind, error.stack);
  return error;
}

async function eventually(holds, message) {
  for (const end = Date.now() + LONGEST; Date.now() < end; await sleep(10)) if (holds()) return;
  assert.fail(message);
}

/** A server whose watches tell some changes and then fail as they are told, or stay quiet; and a client of it. */
async function fake(failures, { after = 1, retry = FAST } = {}) {
  const server = new Server();
  const seen = { requests: [], ended: 0, after };
  const watch = (call) => {
    seen.requests.push(call.request);
    call.on("cancelled", () => (seen.ended += 1));
    const begin = Number(call.request.cursor || 1);
    for (let number = begin + 1; number <= begin + seen.after; number += 1) {
      const resource = { kind: call.request.kind, metadata: { name: "a", resourceVersion: BigInt(number) } };
      const place = { cursor: String(number), revision: BigInt(number) };
      call.write(create(api.WatchResponseSchema, { changeType: api.ChangeType.ADDED, resource, ...place }));
    }
    const failure = failures.shift();
    if (failure === undefined) return;
    if (typeof failure === "function") failure(seen);
    call.emit("error", typeof failure === "function" ? BROKEN : failure);
  };
  const { watch: method } = api.ResourceService.method;
  const codec = {
    path: `/kindstore.v1.ResourceService/${method.name}`,
    requestStream: false,
    responseStream: true,
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
  server.addService({ watch: codec }, { watch });
  const bound = (done) => server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (why, port) => done(port));
  const port = await new Promise(bound);
  const client = connected(kindstore.connect, `127.0.0.1:${port}`, { retry });
  cleanup.push(() => server.forceShutdown());
  return { seen, client };
}

/** A way to a server that counts the connections that are open. */
async function counted(address) {
  const [host, port] = address.split(":");
  const open = new Set();
  const way = createServer((socket) => {
    const onward = openSocket(Number(port), host);
    open.add(socket);
    socket.on("close", () => (open.delete(socket), onward.destroy()));
    onward.on("close", () => socket.destroy());
    for (const one of [socket, onward]) one.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  });
  await new Promise((done) => way.listen(0, "127.0.0.1", done));
  cleanup.push(() => (way.close(), open.forEach((socket) => socket.destroy())));
  return { open, address: `127.0.0.1:${way.address().port}` };
}

const tests = {
  async "a call that breaks is made again after the last cursor"() {
    for (const failure of [BROKEN, RESET]) {
      const { seen, client } = await fake([failure]);
      const watch = watching(client);
      assert.deepEqual((await take(watch, 2)).map(told), ["ADDED a 2", "ADDED a 3"]);
      assert.deepEqual(seen.requests.map(({ cursor }) => cursor), ["", "2"]);
      watch.close();
    }
  },
  async "a list is begun anew only if nothing of it was told"() {
    // The first call breaks before its beginning, and the second one after its first resource.
    const { seen, client } = await fake([(seen) => (seen.after = 1), BROKEN], { after: 0 });
    await fails(kindstore.Unavailable, take(watching(client, { list: true }), 2));
    assert.deepEqual(seen.requests.map(({ list }) => list), [true, true]);
  },
  async "patience ends and can be turned off"() {
    const { seen, client } = await fake(Array(1000).fill(BROKEN), { after: 0 });
    await fails(kindstore.Unavailable, take(watching(client, { patienceMs: 200 }), 1));
    assert.ok(seen.requests.length > 3 && seen.requests.length < 1000, String(seen.requests.length));
    const once = await fake([BROKEN], { after: 0, retry: kindstore.NO_RETRY });
    await fails(kindstore.Unavailable, take(watching(once.client), 1));
    assert.equal(once.seen.requests.length, 1);
  },
  async "a watch that is left, closed or aborted leaves no call behind"() {
    const { seen, client } = await fake([]);
    for await (const event of watching(client)) {
      assert.equal(event.cursor, "2");
      break;
    }
    await eventually(() => seen.ended === 1, "the watch that was left goes on");
    const closed = watching(client);
    await take(closed, 1);
    closed.close();
    await eventually(() => seen.ended === 2, "the watch that was closed goes on");
    assert.deepEqual(await take(closed, 1), []);
    const controller = new AbortController();
    const aborted = watching(client, { signal: controller.signal });
    await take(aborted, 1);
    setTimeout(() => controller.abort(), 50);
    await fails(kindstore.Aborted, take(aborted, 1));
    await eventually(() => seen.ended === 3, "the watch that was aborted goes on");
    assert.deepEqual(await take(aborted, 1), []);
  },
};

for (const [name, connect] of [["gRPC", kindstore.connect], ["gRPC-web", connectWeb]]) {
  Object.assign(tests, {
    async [`${name}: a server that comes back is watched on, and nothing is lost or told twice`]() {
      const folder = mkdtempSync(join(tmpdir(), "kindstore-"));
      cleanup.push(() => rmSync(folder, { recursive: true, force: true }));
      let server = await startServerOn(folder);
      cleanup.push(() => server.stop());
      const watch = await watching(connected(connect, server.address)).begin();
      const found = [];
      for (const [index, signal] of ["SIGTERM", "SIGKILL", "SIGTERM"].entries()) {
        await change(server.address, 10 * index, 10);
        // What is not taken yet when the server goes is told by the next one.
        found.push(...(await take(watch, 5)));
        await server.stop(signal);
        server = await startServerOn(folder, server.address);
        found.push(...(await take(watch, 5)));
      }
      await change(server.address, 30, 1);
      found.push(...(await take(watch, 1)));
      watch.close();
      const wanted = Array.from({ length: 31 }, (_, index) => `${index === 0 ? "ADDED" : "MODIFIED"} a ${index + 1}`);
      assert.deepEqual(found.map(told), wanted);
      assert.equal(watch.cursor, found.at(-1).cursor);
    },
    async [`${name}: a place that is not kept any more has expired`]() {
      const server = await startServer("--keep-revisions", "10", "--keep-minutes", "0");
      cleanup.push(() => server.stop());
      const client = connected(connect, server.address);
      const begun = await watching(client).begin();
      const { cursor } = begun;
      begun.close();
      await change(server.address, 0, 30);
      const expire = async () => {
        for (const end = Date.now() + LONGEST; Date.now() < end; await sleep(100)) {
          const watch = watching(client, { cursor });
          await take(watch, 1);
          watch.close();
        }
      };
      await fails(kindstore.Expired, expire());
      // What there is can always be listed.
      const watch = watching(client, { list: true, bookmarks: true });
      assert.deepEqual((await take(watch, 2)).map(told), ["ADDED a 30", "BOOKMARK"]);
      watch.close();
    },
    async [`${name}: what makes no sense is refused and not asked again`]() {
      const server = await startServer();
      cleanup.push(() => server.stop());
      const client = connected(connect, server.address);
      for (const options of [{ cursor: "x" }, { cursor: "99" }, { cursor: "1", list: true }, { labelSelector: "a of" }]) {
        const watch = watching(client, options);
        await fails(kindstore.BadRequest, take(watch, 1));
        // After an error it has ended.
        assert.deepEqual(await take(watch, 1), []);
      }
      await fails(kindstore.NotFound, take(client.watch("DeploymentTarget", "nowhere"), 1));
    },
    async [`${name}: bookmarks are hidden and move the cursor`]() {
      const server = await startServer();
      cleanup.push(() => server.stop());
      const client = connected(connect, server.address);
      await change(server.address, 0, 2);
      const watch = watching(client, { list: true });
      assert.deepEqual((await take(watch, 1)).map(told), ["ADDED a 2"]);
      assert.equal(watch.cursor, "");
      await change(server.address, 2, 1);
      const [event] = await take(watch, 1);
      assert.deepEqual([told(event), watch.cursor], ["MODIFIED a 3", event.cursor]);
      watch.close();
      const now = await watching(client).begin();
      assert.equal(now.cursor, String(event.revision));
      now.close();
    },
    async [`${name}: a watch that waits can be closed, and lets go of the server`]() {
      const server = await startServer();
      cleanup.push(() => server.stop());
      const { open, address } = await counted(server.address);
      const client = connected(connect, address);
      const watch = await watching(client).begin();
      assert.equal(open.size, 1);
      const waiting = watch.next();
      await sleep(50);
      watch.close();
      assert.equal((await waiting).done, true);
      // A connection of HTTP/2 is for all calls and stays; of HTTP/1.1 each watch has one of its own.
      if (connect === connectWeb) await eventually(() => open.size === 0, "the connection of the watch stays open");
    },
    async [`${name}: a connection that is cut is got over`]() {
      const server = await startServer();
      cleanup.push(() => server.stop());
      const { open, address } = await counted(server.address);
      const watch = await watching(connected(connect, address, { retry: FAST })).begin();
      await change(server.address, 0, 1);
      const found = await take(watch, 1);
      for (const socket of open) socket.destroy();
      await change(server.address, 1, 2);
      found.push(...(await take(watch, 2)));
      assert.deepEqual(found.map(told), ["ADDED a 1", "MODIFIED a 2", "MODIFIED a 3"]);
      watch.close();
    },
  });
}

let [passed, failed] = [0, 0];
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    passed += 1;
  } catch (error) {
    console.error(`${name}: ${error.stack}`);
    failed += 1;
  }
  for (const clean of cleanup.splice(0).reverse()) await clean();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
