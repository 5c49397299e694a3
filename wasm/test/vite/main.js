import init, { simulatePatch, Store, validate } from "@kindstore/wasm";

await init();
const store = new Store();
const { resource } = store.create("DeploymentTarget", "metadata: {name: jobs}\nspec: {kubernetes: {}}");
const [problem] = validate("kind: Deploymnt");
document.querySelector("#out").textContent = `${problem.hint} ${resource.metadata.name} ${typeof simulatePatch}`;
