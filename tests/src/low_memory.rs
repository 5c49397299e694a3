//! A server that is to take little memory starts itself anew with another allocator.

use std::path::Path;
use std::process::Command;

use crate::exchange::send;
use crate::process::{command, serve_by};

/// Whether the program of this process was told to ask for no huge pages.
fn is_set(process: u32, value: &str) -> bool {
    let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap();
    let set = format!("MIMALLOC_ALLOW_THP={value}");
    environment.split(|byte| *byte == 0).any(|variable| variable == set.as_bytes())
}

#[test]
fn a_server_with_little_memory_is_the_same_process_with_another_allocator() {
    let served = |change: &dyn Fn(&mut Command, &Path)| {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(&folder.path().join("data"));
        change(command.env_remove("MIMALLOC_ALLOW_THP"), folder.path());
        let server = serve_by(command);
        assert_eq!(send(server.address, "GET", "/api/v1/status", &[], b"").status, 200);
        (is_set(server.child.id(), "0"), is_set(server.child.id(), "1"))
    };
    assert_eq!(served(&|_, _| {}), (false, false));
    let by_flag = |command: &mut Command, _: &Path| {
        command.arg("--low-memory");
    };
    assert_eq!(served(&by_flag), (true, false));
    let by_file = |command: &mut Command, folder: &Path| {
        let file = folder.join("settings.yaml");
        std::fs::write(&file, "lowMemory: true\n").unwrap();
        command.arg("--config").arg(file);
    };
    assert_eq!(served(&by_file), (true, false));
    let own_choice = |command: &mut Command, _: &Path| {
        command.env("KINDSTORE_LOW_MEMORY", "true").env("MIMALLOC_ALLOW_THP", "1");
    };
    assert_eq!(served(&own_choice), (false, true), "what the environment says counts");
}
