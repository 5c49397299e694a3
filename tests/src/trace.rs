//! The system calls of a program, as strace saw them.

use std::collections::HashMap;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// All that strace prints of it: the descriptor with what it stands for, and the bytes.
    pub(crate) text: String,
    pub(crate) result: i64,
    /// The places in the trace where it began and ended. What is between them happened at the same time.
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

impl Call {
    /// Whether the descriptor, which is the first argument, stands for something with this in its name.
    pub(crate) fn is_on(&self, part: &str) -> bool {
        self.text.split(['>', ',']).next().is_some_and(|descriptor| descriptor.contains(part))
    }

    pub(crate) fn is_sync(&self) -> bool {
        ["fdatasync", "fsync"].contains(&self.name.as_str()) && self.result == 0
    }

    pub(crate) fn is_file_write(&self) -> bool {
        ["pwrite64", "pwritev", "pwritev2"].contains(&self.name.as_str())
    }

    pub(crate) fn is_sent(&self) -> bool {
        ["write", "writev", "sendto", "sendmsg"].contains(&self.name.as_str()) && self.is_on("TCP")
    }

    pub(crate) fn is_received(&self) -> bool {
        ["read", "readv", "recvfrom", "recvmsg"].contains(&self.name.as_str()) && self.is_on("TCP")
    }
}

/// The calls of a trace of `strace -f -yy -ttt`, in the order in which they ended.
pub(crate) fn read(trace: &str) -> Vec<Call> {
    let (mut calls, mut begun) = (Vec::new(), HashMap::new());
    for (place, line) in trace.lines().enumerate() {
        let Some((process, rest)) = line.split_once(' ') else { continue };
        let Some((_, rest)) = rest.trim_start().split_once(' ') else { continue };
        if let Some(rest) = rest.strip_prefix("<... ") {
            let Some((name, text)) = rest.split_once(" resumed>") else { continue };
            let Some((begin, head)) = begun.remove(process) else { continue };
            calls.extend(call(name, &format!("{head}{text}"), begin, place));
        } else if let Some(head) = rest.strip_suffix(" <unfinished ...>") {
            let Some((_, head)) = head.split_once('(') else { continue };
            begun.insert(process, (place, head.to_owned()));
        } else if let Some((name, text)) = rest.split_once('(') {
            calls.extend(call(name, text, place, place));
        }
    }
    calls
}

fn call(name: &str, text: &str, begin: usize, end: usize) -> Option<Call> {
    let (text, result) = text.rsplit_once(" = ")?;
    let result = result.split(' ').next()?.parse().ok()?;
    Some(Call { name: name.to_owned(), text: text.to_owned(), result, begin, end })
}

#[test]
fn calls_are_read_whole_or_in_two_halves() {
    let trace = r#"7 1.5 recvfrom(9<TCP:[a->b]> <unfinished ...>
8 1.6 pwrite64(5</x/sled/db>, "bytes", 5, 0) = 5
7 1.7 <... recvfrom resumed>, "POST", 8192, 0, NULL, NULL) = 4
8 1.8 fdatasync(5</x/sled/db>) = -1 EIO (Input/output error)
8 1.9 +++ exited with 0 +++
"#;
    let calls = read(trace);
    let [write, receive, sync] = &calls[..] else { panic!("{calls:?}") };
    assert!(write.is_file_write() && write.is_on("sled/db") && write.result == 5);
    assert!(receive.is_received() && receive.text.contains("POST") && (receive.begin, receive.end) == (0, 2));
    assert!(!sync.is_sync() && sync.result == -1);
}
