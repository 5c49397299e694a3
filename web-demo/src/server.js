/** A running server: its resources by namespace and kind as they change, their past, and applying manifests to it. */

import { toldOf } from "./apply.js";
import * as dom from "./dom.js";
import { button, note, part } from "./dom.js";
import { listOf, showPast } from "./past.js";
import { connect } from "./remote.js";
import { ask } from "./rules.js";

/** Makes the view; see makeResources. */
export function makeServer(view, { text, open, say }) {
  const address = Object.assign(part("input", ""), { type: "url", value: location.origin, ariaLabel: "Address of the server" });
  const [namespace, kind] = ["Namespace", "Kind"].map((label) => Object.assign(part("select", ""), { ariaLabel: label }));
  const form = part("form", "bar", undefined, address, button("Connect", () => {}, "main"));
  const choice = part("div", "bar", undefined, namespace, kind, part("span", "space"), button("Dry run", () => apply(true)), button("Apply", () => apply(false)));
  const [list, detail] = [part("div", "resources"), part("div", "detail")];
  const trouble = Object.assign(part("p", "error", ""), { hidden: true });
  trouble.setAttribute("role", "alert");
  choice.hidden = true;
  view.append(form, trouble, choice, list, detail);
  note(list, "Connect to a server to see its resources as they change.");
  let server;
  let stop = () => {};
  let attempts = 0;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(address.value);
  });
  for (const select of [namespace, kind]) select.addEventListener("change", () => follow());

  function warn(message) {
    trouble.textContent = message;
    trouble.hidden = message === "";
  }

  /** Connects, and shows a place: `{ namespace, kind, id }`, as far as it is given. */
  async function begin(base, place = {}) {
    leave();
    let found;
    const attempt = (attempts += 1);
    try {
      found = await connect(base);
    } catch (error) {
      if (attempt === attempts) warn(error.message);
      return;
    }
    // Somebody asked for another server meanwhile.
    if (attempt !== attempts) return;
    server = found;
    namespace.replaceChildren(...server.namespaces.map((name) => new Option(name)));
    kind.replaceChildren(...server.kinds.map(({ kind }) => new Option(kind)));
    namespace.value = place.namespace ?? namespace.value;
    kind.value = place.kind ?? (server.kinds.some(({ kind }) => kind === "Deployment") ? "Deployment" : kind.value);
    choice.hidden = false;
    say(`connected to ${server.base}`);
    follow(place.id);
  }

  /** Lets go of a server: nothing of it stays beside the address of another one. */
  function leave() {
    stop();
    [server, stop] = [undefined, () => {}];
    choice.hidden = true;
    detail.replaceChildren();
    note(list, "Connect to a server to see its resources as they change.");
    warn("");
  }

  /** Follows the resources that are chosen; shows one of them once it is there. */
  function follow(id) {
    stop();
    detail.replaceChildren();
    note(list, "…");
    const [chosenKind, chosenNamespace] = [kind.value, namespace.value];
    let wanted = id;
    const onResources = (resources) => {
      if (resources.length === 0) return note(list, `There is no ${chosenKind} in ${chosenNamespace}. Apply a manifest to make one.`);
      list.replaceChildren(listOf(resources, show));
      const found = resources.find((resource) => [resource.id, resource.name].includes(wanted));
      if (found !== undefined) show(found);
      wanted = undefined;
    };
    stop = server.watch(chosenKind, chosenNamespace, { onResources, onTrouble: warn });
  }

  function show(resource) {
    const { plural } = server.kinds.find((one) => one.kind === resource.kind);
    history.replaceState(null, "", `#/namespaces/${resource.namespace}/${plural}/${resource.id}`);
    return showPast(detail, server, resource, { open, attempt }).catch((error) => warn(error.message));
  }

  const attempt = (act) => dom.attempt(say, act);

  function apply(isDryRun) {
    return attempt(async () => {
      const answers = await server.apply(text(), namespace.value, isDryRun);
      const known = [...namespace.options].map(({ value }) => value);
      for (const one of (await server.spaces()).filter((one) => !known.includes(one))) namespace.append(new Option(one));
      return toldOf(answers);
    });
  }

  return {
    /** Shows what an address of the form `#/namespaces/NAMESPACE/PLURAL/ID` means; answers whether it is one. */
    async go(hash) {
      const [, chosen, plural, id] = /^#\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)/.exec(hash) ?? [];
      if (id === undefined) return false;
      const found = (await ask("kinds")).find((one) => one.plural === plural);
      await begin(location.origin, { namespace: decodeURIComponent(chosen), kind: found?.kind, id: decodeURIComponent(id) });
      return true;
    },
  };
}
