/** Manifests to begin with. */

export const SAMPLES = {
  Deployment: `# A Deployment runs a job. Hover a name to see what it is for.
kind: Deployment
apiVersion: v1
metadata:
  name: clicks
  labels:
    team: web
spec:
  state: RUNNING
  deploymentTargetName: jobs
  template:
    spec:
      artifact:
        kind: JAR
        jarUri: s3://apps/clicks.jar
        flinkVersion: 1.20
      parallelism: 4
      flinkConfiguration:
        execution.checkpointing.interval: 60s
`,
  DeploymentTarget: `kind: DeploymentTarget
apiVersion: v1
metadata:
  name: jobs
spec:
  kubernetes:
    namespace: flink
`,
  "With defaults": `# What a Deployment leaves out comes from the defaults of its namespace.
kind: Deployment
metadata:
  name: clicks
spec:
  deploymentTargetName: jobs
  template:
    spec:
      artifact: {kind: JAR, jarUri: s3://apps/clicks.jar}
---
kind: DeploymentDefaults
spec:
  template:
    spec:
      parallelism: 8
`,
  "Some mistakes": `kind: Deployment
metadata:
  name: Clicks
spec:
  sate: RUNNING
  template:
    spec:
      artifact:
        kind: JAR
      parallelism: 0
`,
  SessionCluster: `kind: SessionCluster
metadata:
  name: previews
spec:
  deploymentTargetName: jobs
  state: RUNNING
  flinkVersion: "1.20"
  numberOfTaskManagers: 1
`,
  DeploymentDefaults: `kind: DeploymentDefaults
spec:
  template:
    spec:
      parallelism: 2
`,
  SecretValue: `kind: SecretValue
metadata:
  name: registry
spec:
  kind: PLAIN
  value: change-me
`,
  Savepoint: `# A Savepoint belongs to a Deployment, by its id.
kind: Savepoint
metadata:
  deploymentId: 5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11
`,
  Namespace: `kind: Namespace
metadata:
  name: shop
`,
};
