// Uses a client in TypeScript that an ordinary generator made from a description: node client.mjs FOLDER http://127.0.0.1:8080 NAME

import { pathToFileURL } from "node:url";

const [folder, basePath, name] = process.argv.slice(2);
const { Configuration, DeploymentApi, DeploymentTargetApi } = await import(pathToFileURL(`${folder}/index.js`).href);

function demand(holds, found) {
  if (!holds) throw new Error(JSON.stringify(found));
}

const configuration = new Configuration({ basePath });
const namespace = "default";
// The body is named after its schema in OpenAPI 3, and `body` in Swagger 2.0.
const targets = new DeploymentTargetApi(configuration);
const deploymentTarget = { metadata: { name }, spec: { kubernetes: {} } };
const made = await targets.createDeploymentTarget({ namespace, deploymentTarget, body: deploymentTarget });
demand(made.metadata.resourceVersion === 1 && made.metadata.name === name, made);

const deployments = new DeploymentApi(configuration);
const logging = { log4jLoggers: { "": "INFO", "org.example": "DEBUG" } };
const spec = { artifact: { kind: "JAR", jarUri: "s3://a/b.jar" }, flinkConfiguration: { "taskmanager.numberOfTaskSlots": "2" }, logging };
const deployment = { metadata: { name }, spec: { deploymentTargetName: name, template: { spec } } };
const created = await deployments.createDeployment({ namespace, deployment, body: deployment });
demand(created.spec.state === "CANCELLED", created);
demand(created.spec.template.spec.logging.log4jLoggers["org.example"] === "DEBUG", created);
const body = { metadata: { labels: { made: "by a generator" } } };
const patched = await deployments.patchDeployment({ namespace, nameOrId: name, body });
demand(patched.metadata.labels.made === "by a generator", patched);
const replaced = await deployments.upsertDeployment({ namespace, nameOrId: name, deployment, body: deployment });
demand(replaced.metadata.resourceVersion === 3, replaced);
const { items } = await deployments.listDeployments({ namespace });
const found = items.find(({ metadata }) => metadata.name === name);
demand(found.spec.template.spec.logging.log4jLoggers[""] === "INFO", found);
demand(found.spec.template.spec.flinkConfiguration["taskmanager.numberOfTaskSlots"] === "2", found);
await deployments.deleteDeployment({ namespace, nameOrId: name });
const gone = await deployments.getDeployment({ namespace, nameOrId: name }).catch(({ response }) => response);
demand(gone.status === 404 && (await gone.json()).reason === "NotFound", gone);
