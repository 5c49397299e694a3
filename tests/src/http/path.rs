//! Paths that are not REST's: those of gRPC, and those of the published API that are not served.

use super::{JSON, check, host};
use crate::exchange::send;

#[test]
fn the_path_of_a_grpc_call_says_what_it_is() {
    let server = host();
    for path in [
        "/kindstore.v1.ResourceService/Get",
        "/kindstore.v1.ResourceService/",
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ] {
        let send = |method: &str, headers: &[&str]| send(server.address, method, path, headers, b"");
        for method in ["GET", "PUT", "DELETE"] {
            let reply = send(method, &[]);
            check(&reply, 405, "MethodNotAllowed");
            assert_eq!(reply.header("allow"), Some("POST, OPTIONS"));
            assert!(reply.text("/message").contains("gRPC"));
        }
        let options = send("OPTIONS", &[]);
        assert_eq!((options.status, options.header("allow")), (204, Some("POST, OPTIONS")));
        check(&send("POST", &[JSON]), 415, "UnsupportedMediaType");
        check(&send("POST", &[]), 415, "UnsupportedMediaType");
        let yaml = send("GET", &["accept: application/yaml"]);
        assert!(yaml.body.starts_with(b"kind: ApiException\n"));
    }
}

#[test]
fn a_call_that_no_service_takes_ends_with_a_status_that_says_why() {
    let server = host();
    for (path, media, code, message) in [
        ("/kindstore.v1.ResourceService/Nope", "application/grpc-web+proto", "12", "has no method"),
        ("/kindstore.v1.ResourceService/", "application/grpc-web-text", "12", "has no method"),
        ("/grpc.health.v1.Health/Nope", "application/grpc-web", "12", "has no method"),
        ("/other.v1.Service/Get", "application/grpc-web", "12", "no such service"),
        ("/grpc.health.v1.Health/Check", "application/grpc", "3", "HTTP/2"),
        ("/api/v1/status", "application/grpc", "12", "no such service"),
    ] {
        let reply = send(server.address, "POST", path, &[&format!("content-type: {media}")], b"");
        assert_eq!((reply.status, reply.header("grpc-status")), (200, Some(code)), "{path}: {reply:?}");
        let said = reply.header("grpc-message").unwrap().replace("%20", " ");
        assert!(said.contains(message), "{said}");
        assert!(reply.header("grpc-status-details-bin").is_some());
    }
}

#[test]
fn published_paths_below_api_v1_that_are_not_served_say_so_as_a_resource() {
    let server = host();
    for (method, path) in [
        ("GET", "/api/v1/namespaces"),
        ("POST", "/api/v1/namespaces/"),
        ("GET", "/api/v1/namespaces/default"),
        ("DELETE", "/api/v1/namespaces/default"),
        ("GET", "/api/v1/api-tokens"),
        ("GET", "/api/v1/cluster-roles/x"),
        ("PUT", "/api/v1/cluster-role-bindings/x"),
        ("GET", "/api/v1/namespaces/default/roles"),
        ("GET", "/api/v1/namespaces/default/role-bindings/x"),
    ] {
        let reply = send(server.address, method, path, &[JSON], b"{}");
        check(&reply, 501, "NotImplemented");
        let says = reply.text("/message").contains("/namespaces/v1/namespaces");
        assert_eq!(says, path.matches('/').count() < 5 && path.contains("namespaces"), "{path}");
    }
    check(&send(server.address, "GET", "/api/v1/namespaces/default/nothing", &[], b""), 404, "NotFound");
    check(&send(server.address, "GET", "/api/v1/nothing", &[], b""), 404, "NotFound");
}

#[test]
fn published_paths_that_are_not_served_say_so_in_the_flat_form() {
    let server = host();
    for (method, path) in [
        ("GET", "/apitokens/v1/namespaces/default/apitokens"),
        ("POST", "/apitokens/v1/namespaces/default/apitokens"),
        ("GET", "/artifacts/v1/namespaces/default/artifacts:list"),
        ("GET", "/catalog/v1beta2/namespaces/default/catalogs/x:listTables"),
        ("POST", "/sql/v1beta1/namespaces/default/sqlscripts:validate"),
        ("POST", "/namespaces/v1/namespaces/default:setPreviewSessionCluster"),
    ] {
        let reply = send(server.address, method, path, &[JSON], b"{}");
        assert_eq!((reply.status, reply.text("/code").as_str()), (501, "UNIMPLEMENTED"), "{path}");
        assert!(!reply.text("/message").is_empty());
        let json = reply.json();
        let members: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        for member in ["code", "description", "cause", "ok", "message"] {
            assert!(members.contains(&member), "{member}");
        }
    }
    for path in ["/sql/v1beta1/namespaces/default/nothing", "/namespaces/v1/namespaces/default/nothing"] {
        let reply = send(server.address, "GET", path, &[], b"");
        assert_eq!((reply.status, reply.text("/code").as_str()), (404, "NOT_FOUND"), "{path}");
    }
}
