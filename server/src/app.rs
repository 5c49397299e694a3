//! The web app at `/app`: the files of a folder, read once at start. No request touches the disk, so no path leads out of
//! the folder.

mod folder;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use bytes::Bytes;

use self::folder::FolderError;
use crate::asset::Asset;

/// The policy for pages of the app: they load from this server only.
// It may talk to other servers, which have to allow it (CORS). Elements are styled by scripts, and WebAssembly is
// compiled.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
                                 connect-src 'self' http: https:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                                 font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                                 frame-ancestors 'none'";

/// The file that the folder itself stands for.
const PAGE: &str = "index.html";

/// The media types by the ends of names, and whether compressing such a file saves anything.
const TYPES: [(&str, &str, bool); 12] = [
    ("html", "text/html; charset=utf-8", true),
    ("js", "text/javascript; charset=utf-8", true),
    ("mjs", "text/javascript; charset=utf-8", true),
    ("css", "text/css; charset=utf-8", true),
    ("wasm", "application/wasm", true),
    ("svg", "image/svg+xml", true),
    ("png", "image/png", false),
    ("json", "application/json", true),
    ("webmanifest", "application/manifest+json", true),
    ("woff2", "font/woff2", false),
    ("map", "application/json", true),
    ("txt", "text/plain; charset=utf-8", true),
];

/// The type of a file with another name, which no browser runs or shows.
const UNKNOWN: (&str, bool) = ("application/octet-stream", true);

/// The files of the app by their paths below `/app/`.
#[derive(Debug)]
pub(crate) struct App {
    files: BTreeMap<String, File>,
}

/// A file of the app.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) asset: Asset,
    /// Identifies the content.
    // It is weak (RFC 9110, section 8.8.1), for the compressed file has the same one.
    pub(crate) etag: String,
    /// How long browsers may use the file without asking.
    pub(crate) cache: &'static str,
    /// Whether compressing the file saves anything.
    pub(crate) is_compressible: bool,
}

impl App {
    /// Reads the app of a folder. Hidden files are left out.
    ///
    /// # Errors
    /// The path of a file that cannot be read or must not be served; a folder that is too large or has no page.
    pub(crate) fn open(folder: &Path) -> Result<Self, FolderError> {
        let files: BTreeMap<_, _> =
            folder::read(folder)?.into_iter().map(|(name, bytes)| (name.clone(), File::new(&name, bytes))).collect();
        if !files.contains_key(PAGE) {
            return Err(FolderError::Page(folder.to_owned()));
        }
        Ok(Self { files })
    }

    /// The file at a path below `/app/`; the page for an empty path.
    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.get(if path.is_empty() { PAGE } else { path })
    }
}

impl File {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        let (content_type, is_compressible) = media_type(name);
        // The names below this folder change with what the files hold; all others are asked for again each time.
        let is_fixed = name.starts_with("assets/");
        Self {
            etag: etag(&bytes),
            asset: Asset { content_type, bytes: Bytes::from(bytes) },
            cache: if is_fixed { "public, max-age=31536000, immutable" } else { "no-cache" },
            is_compressible,
        }
    }
}

fn media_type(name: &str) -> (&'static str, bool) {
    let end = Path::new(name).extension().and_then(|end| end.to_str()).unwrap_or_default();
    let known = TYPES.iter().find(|(known, ..)| end.eq_ignore_ascii_case(known));
    known.map_or(UNKNOWN, |(_, content_type, is_compressible)| (*content_type, *is_compressible))
}

fn etag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("W/\"{:x}-{:016x}\"", bytes.len(), hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_ends_with() {
        for (name, content_type, is_compressible) in [
            ("index.html", "text/html; charset=utf-8", true),
            ("assets/app.min.JS", "text/javascript; charset=utf-8", true),
            ("assets/core.wasm", "application/wasm", true),
            ("assets/icon.svg", "image/svg+xml", true),
            ("assets/icon.png", "image/png", false),
            ("assets/app.js.map", "application/json", true),
            ("kindstore.webmanifest", "application/manifest+json", true),
            ("LICENSE", "application/octet-stream", true),
            ("a.html/b", "application/octet-stream", true),
        ] {
            assert_eq!(media_type(name), (content_type, is_compressible), "{name}");
        }
    }

    #[test]
    fn names_that_change_with_the_content_are_kept_and_all_others_asked_for_again() {
        for (name, cache) in [
            ("index.html", "no-cache"),
            ("sw.js", "no-cache"),
            ("icon.svg", "no-cache"),
            ("assets/app-1.js", "public, max-age=31536000, immutable"),
        ] {
            assert_eq!(File::new(name, Vec::new()).cache, cache, "{name}");
        }
    }

    #[test]
    fn a_tag_is_that_of_the_content() {
        assert_eq!(etag(b"one"), etag(b"one"));
        assert_ne!(etag(b"one"), etag(b"two"));
        assert_ne!(etag(b""), etag(b"\0"));
    }

    #[test]
    fn a_folder_without_a_page_is_no_app() {
        let folder = tempfile::tempdir().expect("a folder");
        let why = App::open(folder.path()).expect_err("no page").to_string();
        assert!(why.contains("index.html"), "{why}");
        std::fs::write(folder.path().join("index.html"), "<!doctype html>").expect("written");
        let app = App::open(folder.path()).expect("an app");
        assert!(app.find("").is_some() && app.find("index.html").is_some());
        for path in ["/", "index.html/", "./index.html", "../index.html", "x"] {
            assert!(app.find(path).is_none(), "{path}");
        }
    }
}
