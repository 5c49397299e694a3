#!/usr/bin/env python3
"""Runs the README and the pages of docs/: starts a server for each page, and for each section of the README, with `make run` and runs
the shell and Python blocks in order. So no section of the README depends on another one.

A block may be followed by a block tagged `text`, which is what the block prints, line by line: a line `...` stands for lines that are
left out, `...` within a line for a part of it. `cargo test` runs Rust blocks as documentation tests.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = "127.0.0.1:8080"


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def start(address, folder):
    environment = dict(os.environ, KINDSTORE_LISTEN=address, KINDSTORE_DATA_DIR=folder, KINDSTORE_LOG="warn")
    server = subprocess.Popen(
        ["make", "--silent", "run", "PROFILE=dev"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )
    for line in server.stdout:
        if line.strip().startswith("store"):
            return server
    sys.exit("make run ended without a server")


def run(language, code, address, folder):
    code = code.replace(PLACE, address)
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [ROOT / "target/venv/bin/python", "-c", code]
    environment = dict(
        os.environ, PYTHONPATH=str(ROOT / "target/python"), PATH=f"{ROOT / 'target/debug'}:{os.environ['PATH']}",
        KINDSTORE_SERVER=f"http://{address}", KINDSTORE_CLI_CONFIG=f"{folder}/cli.yaml",
    )
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"this block failed with {done.returncode}:\n{code}\nIt printed:\n{done.stdout}")
    return done.stdout


def check(printed, expected):
    if not matches(printed, expected):
        sys.exit(f"expected:\n{expected}\nprinted:\n{printed}")


def matches(printed, expected):
    """Whether a text shows what was printed: every line of it, unless a mark says that some are left out."""
    part = lambda line: "[^\n]*?".join(re.escape(part) for part in line.split("..."))
    lines = expected.strip("\n").split("\n")
    pattern = "".join("(?:[^\n]*\n)+?" if line.strip() == "..." else part(line) + "\n" for line in lines)
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


def play(page):
    text = page.read_text()
    # A reader of the README begins anywhere; the other pages are read from their beginning.
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE) if page.name == "README.md" else [text]
    count = sum(run_all(blocks(part)) for part in parts if is_run(blocks(part)))
    print(f"  {page.relative_to(ROOT)}: {count} blocks", flush=True)
    return count


def is_run(found):
    return any(language in ("sh", "python") and not code.startswith("make ") for language, code in found)


def run_all(found):
    """Runs the blocks beside a server of their own."""
    address, printed, count = free_address(), "", 0
    with tempfile.TemporaryDirectory() as folder:
        server = start(address, folder)
        try:
            for language, code in found:
                if language in ("sh", "python") and not code.startswith("make "):
                    printed = run(language, code, address, folder)
                    count += 1
                elif language == "text":
                    check(printed, code.replace(PLACE, address))
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
    return count


def examine():
    """The checker itself: it takes no line that is not shown, and none that is not there."""
    for printed, expected, is_shown in [
        ("a\nb\nc\n", "a\nb\nc", True), ("a\nb\nc\n", "a\n...\nc", True), ("a\nb\nc\n", "a\nc", False), ("a\nb\nc\n", "a\nb", False),
        ("a\nb\nc\n", "b\nc", False), ("a\nb\nc\n", "...\nc", True), ("a\nb\nc\n", "a\nb\nc\n...", False), ("id: 7 x\n", "id: ...", True),
        ("id: 7\nx\n", "id: ...", False), ("a\nb\n", "a...b", False), ("a.b\n", "a.b", True), ("axb\n", "a.b", False),
    ]:
        assert matches(printed, expected) == is_shown, (printed, expected)


def main():
    examine()
    # clients.md uses tools that are not installed here; its statements about our clients are tested by clients.sh.
    pages = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "clients.md")]
    pages = [page for page in pages if is_run(blocks(page.read_text()))]
    count = sum(play(page) for page in pages)
    if count < 8:
        sys.exit(f"only {count} blocks were found")
    print(f"{count} passed, 0 failed")


if __name__ == "__main__":
    main()
