// What the cases cannot show: repetitions, broken connections, deadlines, documents, and streams, over both transports.

import assert from "node:assert/strict";
import { createServer } from "node:net";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";

import * as kindstore from "@kindstore/client";
import { connect as connectWeb } from "@kindstore/client/web";
import { ErrorInfoSchema } from "../dist/generated/google/rpc/error_details_pb.js";
import { StatusSchema } from "../dist/generated/google/rpc/status_pb.js";
import * as api from "../dist/generated/kindstore/v1/resource_service_pb.js";
import { startServer } from "./server.mjs";

const FAST = { attempts: 3, firstMs: 1, longestMs: 2 };
const TARGET = { metadata: { name: "jobs" }, spec: { kubernetes: {} } };
const MINIMAL = { metadata: { name: "a" }, spec: { deploymentTargetName: "jobs", template: { spec: { artifact: { kind: "JAR", jarUri: "s3://a/b.jar" } } } } };
const RESOURCE = { kind: "Deployment", metadata: {} };
const UNAVAILABLE = ofStore("Unavailable", status.UNAVAILABLE);
const BROKEN = { code: status.UNAVAILABLE, details: "broken" };

/** A failure that the store explains. */
function ofStore(reason, code) {
  const info = create(ErrorInfoSchema, { reason, domain: "kindstore", metadata: { kind: "Deployment" } });
  const value = create(StatusSchema, { code, message: "told so", details: [anyPack(ErrorInfoSchema, info)] });
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, value)));
  return { code, details: "told so", metadata };
}

const cleanup = [];

/** A server that fails as it is told, once for each failure in the list, and a client of it. */
async function fake(failures, { after = 0, retry = FAST } = {}) {
  const server = new Server();
  const seen = { calls: 0 };
  const answer = () => create(api.GetResponseSchema, { resource: RESOURCE });
  const unary = (call, callback) => {
    seen.calls += 1;
    const failure = failures.shift();
    if (failure === "late") setTimeout(() => callback(null, answer()), 500);
    else callback(failure ?? null, failure === undefined ? answer() : undefined);
  };
  const streamList = (call) => {
    for (let index = 0; index < after; index += 1) call.write(answer());
    seen.calls += 1;
    const failure = failures.shift();
    if (failure !== undefined) return void call.emit("error", failure);
    call.write(answer());
    call.end();
  };
  const codec = (method, handler) => ({
    path: `/kindstore.v1.ResourceService/${method.name}`,
    requestStream: false,
    responseStream: method.methodKind === "server_streaming",
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    responseSerialize: (message) => Buffer.from(toBinary(api.GetResponseSchema, message)),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    handler,
  });
  const { get, create: createMethod, streamList: streamMethod } = api.ResourceService.method;
  const methods = { get: codec(get, unary), create: codec(createMethod, unary), streamList: codec(streamMethod, streamList) };
  server.addService(methods, { get: unary, create: unary, streamList });
  const bound = (done) => server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (why, port) => done(port));
  const port = await new Promise(bound);
  const client = kindstore.connect(`127.0.0.1:${port}`, { retry });
  cleanup.push(() => (client.close(), server.forceShutdown()));
  return { seen, client };
}

async function read(stream) {
  const found = [];
  for await (const item of stream) found.push(item);
  return found;
}

async function fails(kind, promise) {
  const error = await promise.then(
    () => assert.fail(`${kind.name} is not thrown`),
    (error) => error,
  );
  assert.equal(error.constructor, kind, error.stack);
  return error;
}

/** A port on which nobody listens. */
async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function onServer(connect, run) {
  const server = await startServer();
  const client = connect(server.address, { retry: FAST });
  try {
    await run(client);
  } finally {
    client.close();
    await server.stop();
  }
}

const tests = {
  async "what the store calls unavailable is repeated even for writes"() {
    const { seen, client } = await fake([UNAVAILABLE, UNAVAILABLE]);
    await client.create("Deployment", MINIMAL);
    assert.equal(seen.calls, 3);
  },
  async "repetitions are bounded, and can be turned off"() {
    const { seen, client } = await fake(Array(9).fill(UNAVAILABLE));
    const error = await fails(kindstore.Unavailable, client.get("Deployment", "a"));
    assert.deepEqual([seen.calls, error.message, error.context], [3, "told so", { kind: "Deployment" }]);
    const once = await fake([UNAVAILABLE], { retry: kindstore.NO_RETRY });
    await fails(kindstore.Unavailable, once.client.get("Deployment", "a"));
    assert.equal(once.seen.calls, 1);
  },
  async "a broken connection is got over by reads and dry runs, and leaves a write's outcome unknown"() {
    const one = await fake([BROKEN]);
    await one.client.get("Deployment", "a");
    assert.equal(one.seen.calls, 2);
    const dry = await fake([BROKEN]);
    await dry.client.create("Deployment", MINIMAL, { dryRun: true });
    assert.equal(dry.seen.calls, 2);
    const write = await fake([BROKEN]);
    await fails(kindstore.OutcomeUnknown, write.client.create("Deployment", MINIMAL));
    assert.equal(write.seen.calls, 1);
  },
  async "an unknown outcome is never repeated"() {
    const { seen, client } = await fake([ofStore("OutcomeUnknown", status.UNKNOWN)]);
    await fails(kindstore.OutcomeUnknown, client.create("Deployment", MINIMAL));
    assert.equal(seen.calls, 1);
  },
  async "a reason that is newer than the package is told"() {
    const { client } = await fake([ofStore("Novel", status.ABORTED)]);
    const error = await fails(kindstore.KindstoreError, client.create("Deployment", MINIMAL));
    assert.deepEqual([error.reason, error.code], ["Novel", "ABORTED"]);
  },
  async "a late read is late and a late write is unknown"() {
    const { client } = await fake(["late", "late"]);
    await fails(kindstore.DeadlineExceeded, client.get("Deployment", "a", { deadlineMs: 50 }));
    await fails(kindstore.OutcomeUnknown, client.create("Deployment", MINIMAL, { deadlineMs: 50 }));
  },
  async "a stream is repeated until it has begun"() {
    const fresh = await fake([BROKEN]);
    assert.equal((await read(fresh.client.streamList("Deployment"))).length, 1);
    assert.equal(fresh.seen.calls, 2);
    const begun = await fake([BROKEN], { after: 1 });
    await fails(kindstore.Unavailable, read(begun.client.streamList("Deployment")));
    assert.equal(begun.seen.calls, 1);
  },
  async "a document that would not arrive as it is is refused here"() {
    const { seen, client } = await fake([]);
    for (const value of [NaN, Infinity, 2 ** 53]) {
      await assert.rejects(client.create("Deployment", { value }), TypeError);
    }
    assert.equal(seen.calls, 0);
  },
};

for (const [name, connect] of [["gRPC", kindstore.connect], ["gRPC-web", connectWeb]]) {
  Object.assign(tests, {
    async [`${name}: a server that is not there has changed nothing`]() {
      const client = connect(`127.0.0.1:${await freePort()}`, { retry: FAST });
      await fails(kindstore.Unavailable, client.create("Deployment", MINIMAL));
      client.close();
    },
    async [`${name}: a server that does not answer is not waited for`]() {
      const sockets = [];
      const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
      await new Promise((done) => silent.listen(0, "127.0.0.1", done));
      const client = connect(`127.0.0.1:${silent.address().port}`, { retry: FAST });
      try {
        await fails(kindstore.DeadlineExceeded, client.get("Deployment", "a", { deadlineMs: 100 }));
        const write = client.create("Deployment", MINIMAL, { deadlineMs: 100 });
        const error = await write.catch((error) => error);
        assert.equal(error.constructor, kindstore.OutcomeUnknown, error.stack);
        const signal = AbortSignal.timeout(20);
        await fails(kindstore.Aborted, client.get("Deployment", "a", { signal }));
      } finally {
        client.close();
        for (const socket of sockets) socket.destroy();
        silent.close();
      }
    },
    [`${name}: integers keep their digits, and documents may be resources`]: () =>
      onServer(connect, async (client) => {
        const text = "metadata: {name: b}\nspec: {deploymentTargetName: jobs, template: {spec: {artifact: {kind: JAR, jarUri: 's3://a/b.jar'}, kubernetes: {jobManagerPodTemplate: {big: 9007199254740993}}}}}";
        await client.create("DeploymentTarget", TARGET);
        const { resource } = await client.create("Deployment", text);
        const free = (resource) => resource.spec.template.spec.kubernetes.jobManagerPodTemplate;
        assert.equal(free(resource).big, 9007199254740993n);
        assert.match(resource.specText, /9007199254740993/);
        assert.match(resource.toText(), /9007199254740993/);
        const again = await client.upsert("Deployment", "b", resource);
        assert.deepEqual([again.created, again.revision], [false, 0]);
        const patched = await client.patch("Deployment", "b", {
          spec: { template: { spec: { kubernetes: { jobManagerPodTemplate: { big: 18446744073709551615n } } } } },
        });
        assert.equal(free(patched.resource).big, 18446744073709551615n);
      }),
    [`${name}: a stream can be left early, and reads all`]: () =>
      onServer(connect, async (client) => {
        for (let number = 0; number < 150; number += 1) {
          await client.create("DeploymentTarget", { metadata: { name: `t${number}` }, spec: { kubernetes: {} } });
        }
        assert.equal((await client.list("DeploymentTarget", { pageSize: 40 })).length, 150);
        assert.equal((await read(client.streamList("DeploymentTarget"))).length, 150);
        for await (const item of client.streamList("DeploymentTarget")) {
          assert.equal(item.metadata.name, "t0");
          break;
        }
      }),
    [`${name}: validation answers problems, and kinds are told`]: () =>
      onServer(connect, async (client) => {
        await client.create("DeploymentTarget", TARGET);
        const bad = { metadata: { name: "A" }, spec: { deploymentTargetName: "jobs" } };
        const found = await client.validate({ verb: "create", kind: "Deployment", document: bad });
        assert.equal(found.valid, false);
        assert.deepEqual(found.problems.map((one) => one.attribute).sort(), ["metadata.name", "spec.template.spec.artifact"]);
        const good = await client.validate({ verb: "upsert", kind: "Deployment", key: "a", document: MINIMAL });
        assert.equal(good.resource.metadata.name, "a");
        await fails(kindstore.NotFound, client.validate({ verb: "jsonPatch", kind: "Deployment", key: "b", patch: [] }));
        assert.deepEqual(await client.list("Deployment"), []);
        const error = await fails(kindstore.Invalid, client.create("Deployment", bad));
        assert.ok(error.violations.some(({ field }) => field === "metadata.name"));
        const text = "metadata:\n  name: other\nspec:\n  kubernetes: {}\n  kubernets: {}\n";
        const strict = await fails(
          kindstore.Invalid,
          client.create("DeploymentTarget", text, { fieldValidation: "strict" }),
        );
        const message = "is not a known member; did you mean kubernetes?";
        const hint = "did you mean kubernetes?";
        const wanted = { field: "spec.kubernets", message, reason: "isUnknown", line: 5, column: 3, hint };
        assert.deepEqual(strict.violations, [wanted]);
        const kind = await client.kind("DEPLOYMENTS");
        assert.deepEqual([kind.kind, kind.keyScheme, kind.verbs.includes("patch")], ["Deployment", "name", true]);
        assert.ok((await client.kinds()).some((one) => one.kind === "Deployment"));
        await fails(kindstore.PayloadTooLarge, client.create("Deployment", "x".repeat(3 << 20)));
      }),
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
}
for (const clean of cleanup) clean();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
