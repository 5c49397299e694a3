"""Uses a client that an ordinary generator made from the Swagger 2.0 description; `appmanager` is on the path.

usage: client.py http://127.0.0.1:8080
"""

import sys

import appmanager
from appmanager.rest import ApiException

configuration = appmanager.Configuration(host=sys.argv[1])
with appmanager.ApiClient(configuration) as client:
    targets = appmanager.DeploymentTargetApi(client)
    target = appmanager.DeploymentTarget.from_dict({"metadata": {"name": "Generated"}, "spec": {"kubernetes": {}}})
    made = targets.create_deployment_target("default", target)
    assert made.metadata.resource_version == 1 and made.metadata.name == "Generated", made

    deployments = appmanager.DeploymentApi(client)
    template = {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}
    spec = {"deploymentTargetName": "Generated", "template": template}
    deployment = appmanager.Deployment.from_dict({"metadata": {"name": "generated"}, "spec": spec})
    assert deployments.create_deployment("default", deployment).spec.state == "CANCELLED"
    patched = deployments.patch_deployment("default", "generated", {"metadata": {"labels": {"made": "by a generator"}}})
    assert patched.metadata.labels == {"made": "by a generator"}, patched
    replaced = deployments.upsert_deployment("default", "generated", deployment)
    assert replaced.metadata.resource_version == 3, replaced
    assert "generated" in [item.metadata.name for item in deployments.list_deployments("default").items]
    deployments.delete_deployment("default", "generated")
    try:
        deployments.get_deployment("default", "generated")
        sys.exit("a deleted Deployment came back")
    except ApiException as error:
        assert error.status == 404 and error.data.reason == "NotFound", error
print("generated client: 1 passed, 0 failed")
