//! Very many resources that come and go: what the server holds for them goes with them.

use std::net::SocketAddr;

use kindstore_proto::v1;
use kindstore_proto::v1::commit_operation::Operation;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;

use super::{FREES_AT_ONCE, Loaded, clients};
use crate::proc::Proc;
use crate::process::{command, serve_by};
use crate::soak::rounds;

const KIND: &str = "DeploymentTarget";

/// How many resources come and go together.
const TOGETHER: usize = 500;

/// How many transactions are under way at the same time.
const WRITERS: usize = 4;

/// How much more the server may hold after many times as many resources, in KiB.
const MAX_GROWTH: u64 = 40 << 10;

/// How many resources come and go in the long run.
const FULL: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

fn create(name: String) -> Operation {
    let text = format!(
        r#"{{"metadata": {{"name": "{name}", "labels": {{"own": "{name}"}}}}, "spec": {{"kubernetes": {{}}}}}}"#
    );
    let document = Some(v1::Document { text: text.into(), format: 0 });
    Operation::Create(v1::CreateRequest { kind: KIND.to_owned(), document, ..Default::default() })
}

fn delete(key: String) -> Operation {
    Operation::Delete(v1::DeleteRequest { kind: KIND.to_owned(), key, ..Default::default() })
}

/// So many resources, each created and deleted, by transactions.
async fn come_and_go(address: SocketAddr, numbers: std::ops::Range<usize>) {
    let client = ResourceServiceClient::connect(format!("http://{address}")).await.unwrap();
    let client = client.max_decoding_message_size(64 << 20);
    let batches: Vec<usize> = numbers.step_by(TOGETHER).collect();
    let writing = (0..WRITERS).map(|writer| {
        let (mut client, batches) = (client.clone(), batches.clone());
        tokio::spawn(async move {
            for begin in batches.into_iter().skip(writer).step_by(WRITERS) {
                for operation in [create, delete] {
                    let operation = |number: usize| operation(format!("own-{number}"));
                    let operations = (begin..begin + TOGETHER)
                        .map(|number| v1::CommitOperation { operation: Some(operation(number)) });
                    let (namespace, operations) = ("default".to_owned(), operations.collect());
                    client.commit(v1::CommitRequest { namespace, operations, dry_run: false }).await.unwrap();
                }
            }
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

#[test]
fn memory_is_given_back_when_resources_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    command.args(["--cache-megabytes", "16", "--keep-revisions", "100", "--keep-minutes", "0"]);
    command.args(["--history-versions", "0", "--history-days", "0"]).envs(FREES_AT_ONCE);
    let server = serve_by(command);
    let proc = Proc::of(server.child.id());
    let (loaded, runtime, count) = (Loaded { server, proc }, clients(), rounds(6_000, FULL));
    // The caches are full after some, and what is held after all of them is compared with that.
    let first = (count / 10).max(2 * TOGETHER);
    runtime.block_on(come_and_go(loaded.address(), 0..first));
    let before = loaded.level();
    runtime.block_on(come_and_go(loaded.address(), first..count));
    let after = loaded.level();
    assert!(after.memory < before.memory + MAX_GROWTH, "after {first} {before:?}, after {count} {after:?}");
}
