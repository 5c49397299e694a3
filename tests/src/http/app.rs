//! The web app to the letter: its files with their types and headers, what is not there, and folders that are refused.

use std::net::SocketAddr;
use std::path::Path;

use kindstore_server::{Server, Settings};
use tempfile::TempDir;

use super::{Hosted, check, host, host_with};
use crate::exchange::{Reply, send};

const PAGE: &str = "<!doctype html><script type=module src=assets/app-1.js></script>";

/// A folder as the app is built into.
fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    for (name, text) in [
        ("index.html", PAGE),
        ("sw.js", "self.onfetch = null;"),
        ("app.webmanifest", "{}"),
        (".hidden.txt", "hidden"),
        ("assets/app-1.js", "export {};"),
        ("assets/app-1.css", "body {}"),
        ("assets/icon.svg", "<svg/>"),
        ("assets/core.wasm", &"wasm ".repeat(1000)),
        ("assets/icon.png", &"png ".repeat(1000)),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A server of an app. The folder is gone already: nothing is read after the start.
fn serving() -> Hosted {
    let folder = built();
    host_with(told(folder.path()))
}

fn told(folder: &Path) -> Settings {
    Settings { app_dir: Some(folder.to_owned()), ..Settings::default() }
}

fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Reply {
    send(address, "GET", path, headers, b"")
}

#[test]
fn the_page_is_answered_under_a_policy_that_loads_nothing_from_elsewhere() {
    let server = serving();
    for path in ["/app/", "/app/index.html", "/app/?orderBy=name&dry-run=x"] {
        let page = get(server.address, path, &["accept: text/html"]);
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert_eq!(page.body, PAGE.as_bytes());
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "));
        assert!(policy.ends_with("frame-ancestors 'none'"));
        // Only to talk to other servers, which have to allow it, does the page leave its own.
        assert_eq!(
            policy.split("; ").filter(|rule| rule.contains("http")).collect::<Vec<_>>(),
            ["connect-src 'self' http: https:"]
        );
    }
    for (path, location) in [("/app", "/app/"), ("/app?a=b", "/app/?a=b")] {
        let moved = get(server.address, path, &["accept: text/html"]);
        assert_eq!((moved.status, moved.header("location"), moved.body.len()), (308, Some(location), 0));
    }
}

#[test]
fn each_file_has_its_type_and_says_how_long_it_is_kept() {
    let server = serving();
    let fixed = "public, max-age=31536000, immutable";
    for (path, content_type, cache) in [
        ("sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("app.webmanifest", "application/manifest+json", "no-cache"),
        ("assets/app-1.js", "text/javascript; charset=utf-8", fixed),
        ("assets/app%2D1.css", "text/css; charset=utf-8", fixed),
        ("assets/icon.svg", "image/svg+xml", fixed),
        ("assets/core.wasm", "application/wasm", fixed),
        ("assets/icon.png", "image/png", fixed),
    ] {
        let file = get(server.address, &format!("/app/{path}"), &["accept: image/*"]);
        assert_eq!((file.status, file.header("content-type")), (200, Some(content_type)), "{path}");
        assert_eq!(file.header("cache-control"), Some(cache), "{path}");
        assert!(file.header("content-security-policy").is_some() && file.header("x-content-type-options").is_some());
    }
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    let server = serving();
    let known = get(server.address, "/app/", &[]).header("etag").unwrap().to_owned();
    for header in [format!("if-none-match: {known}"), format!("if-none-match: \"x\", {known}")] {
        let reply = get(server.address, "/app/", &[&header]);
        assert_eq!((reply.status, reply.header("etag"), reply.body.len()), (304, Some(known.as_str()), 0));
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert!(reply.header("content-security-policy").is_some());
        assert_eq!(get(server.address, "/app/sw.js", &[&header]).status, 200);
    }
    assert_eq!(get(server.address, "/app/", &["if-none-match: nonsense"]).status, 200);
}

#[test]
fn what_is_compressed_is_what_gets_smaller_by_it() {
    let server = serving();
    for (path, coding) in [("assets/core.wasm", Some("gzip")), ("assets/icon.png", None), ("sw.js", None)] {
        let reply = get(server.address, &format!("/app/{path}"), &["accept-encoding: gzip, br"]);
        assert_eq!((reply.status, reply.header("content-encoding")), (200, coding), "{path}");
    }
}

#[test]
fn no_path_leads_to_anything_but_the_files_of_the_app() {
    let server = serving();
    for path in [
        "/app/nothing.js",
        "/app/assets",
        "/app/assets/",
        "/app//",
        "/app//index.html",
        "/app/index.html/",
        "/app/./index.html",
        "/app/../app/index.html",
        "/app/../x",
        "/app/%2e%2e/x",
        "/app/%2e%2e%2fx",
        "/app/..%2f..%2fetc%2fpasswd",
        "/app/../../../../etc/passwd",
        "/app//etc/passwd",
        "/app/%2fetc%2fpasswd",
        "/app/assets%2Fapp-1.js",
        "/app/assets/..%5cindex.html",
        "/app/index.html%00",
        "/app/INDEX.HTML",
        "/app/.hidden.txt",
        "/application",
    ] {
        check(&get(server.address, path, &[]), 404, "NotFound");
        check(&get(server.address, path, &["accept: text/html"]), 404, "NotFound");
    }
    check(&get(server.address, "/app/%ff", &[]), 400, "BadRequest");
}

#[test]
fn the_app_is_read_only() {
    let server = serving();
    for path in ["/app", "/app/", "/app/assets/app-1.js"] {
        let (get, head) = (get(server.address, path, &[]), send(server.address, "HEAD", path, &[], b""));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["etag", "content-type", "cache-control", "content-security-policy", "location"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let reply = send(server.address, method, path, &[], b"");
            check(&reply, 405, "MethodNotAllowed");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
    let head = send(server.address, "HEAD", "/app/", &[], b"");
    assert_eq!(head.header("content-length"), Some(&*PAGE.len().to_string()));
    assert_eq!(send(server.address, "HEAD", "/app/nothing", &[], b"").status, 404);
}

#[test]
fn a_server_that_was_told_of_no_app_says_how_to_serve_one() {
    let server = host();
    for (method, path) in
        [("GET", "/app"), ("GET", "/app/"), ("GET", "/app/sw.js"), ("POST", "/app/"), ("OPTIONS", "/app")]
    {
        let reply = send(server.address, method, path, &["accept: text/html"], b"");
        check(&reply, 404, "NotFound");
        assert!(reply.text("/message").contains("--app-dir"), "{method} {path}: {reply:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_served_stops_the_start_and_is_named() {
    let refused = |folder: &Path| {
        let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..told(folder) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Server::bind(settings)).expect_err("it is refused").to_string()
    };
    let none = built();
    let gone = none.path().join("gone");
    assert!(refused(&gone).contains(&*gone.display().to_string()));
    std::fs::remove_file(none.path().join("index.html")).unwrap();
    assert!(refused(none.path()).contains("has no index.html"));
    let many = built();
    (0..200).for_each(|number| std::fs::write(many.path().join(format!("{number}.txt")), "").unwrap());
    assert!(refused(many.path()).contains("more than 200 files"));
    let large = built();
    let file = std::fs::File::create(large.path().join("assets/large.wasm")).unwrap();
    file.set_len(32 << 20).unwrap();
    assert!(refused(large.path()).contains("more than 32 MiB"));
    let linked = built();
    std::os::unix::fs::symlink("/etc/passwd", linked.path().join("assets/users.txt")).unwrap();
    assert!(refused(linked.path()).contains("assets/users.txt"));
}
