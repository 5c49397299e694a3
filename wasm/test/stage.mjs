// The stage on which the store of the package plays the shared cases, in Node and in a browser.

/** A store with a clock and ids that repeat themselves, as a stage of tests/player/play.mjs. */
export function stageOf({ Store }, { plainSecrets, registry } = {}) {
  let [second, made] = [1_714_550_400, 0];
  const now = () => (second += 1) * 1000;
  const ids = () => `01a2165a-0000-7000-8000-${String((made += 1)).padStart(12, "0")}`;
  const store = new Store({ plainSecrets, registry, now, ids });
  const watched = async (kind, namespace, options, count) => {
    const events = [];
    const watch = store.watch(kind, namespace, options, (event) => events.push(event));
    // A turn of the event loop, in which all is told that there is.
    await new Promise((done) => setTimeout(done));
    watch.close();
    return events.slice(0, count);
  };
  return { client: store, system: store.system, document: (resource) => resource, watched };
}
