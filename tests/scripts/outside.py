#!/usr/bin/env python3
"""Everything that meets the running server from outside Rust: descriptions that validators accept, requests that
schemathesis makes up, a client that a generator wrote, and the Swagger pages in a real browser."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "generated"))
from generated import check as generated_clients  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "target/venv/bin"
DESCRIPTIONS = ["/api/swagger.json", "/swagger.json", "/api/swagger.json?version=2", "/swagger.json?version=2"]

# The server coerces and ignores on purpose what a schema refuses, and a description does not say which resources are there.
UNCHECKED = "negative_data_rejection,positive_data_acceptance,missing_required_header,unsupported_method"


def start():
    command = [os.environ.get("KINDSTORE_BIN", ROOT / "target/debug/kindstore"), "serve", "--store", "memory:"]
    server = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0", "--plain-secrets"],
        env=dict(os.environ, KINDSTORE_LOG="error"), stdout=subprocess.PIPE, text=True,
    )
    for line in server.stdout:
        if line.strip().startswith("gRPC"):
            return server, "http://" + line.split()[1]
    sys.exit("the server did not start")


def run(name, *command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stdout[-6000:]}")
    print(f"  {name}: passed", flush=True)


def main():
    server, address = start()
    try:
        with tempfile.TemporaryDirectory() as name:
            check(address, Path(name))
    finally:
        server.terminate()
        server.wait(timeout=30)


def check(address, folder):
    for number, path in enumerate(DESCRIPTIONS):
        file = folder / f"{number}.json"
        file.write_bytes(urllib.request.urlopen(address + path).read())
        run(f"{path} is valid", BIN / "python", "-m", "openapi_spec_validator", file)
        assert json.loads(file.read_text())["paths"]
    buf, image = ROOT / "tests/browser/node_modules/.bin/buf", ROOT / "tests/golden/kindstore.binpb"
    run("the interface follows buf's rules", buf, "lint", ROOT / "proto")
    # The image is the interface as it was released: `buf build proto -o tests/golden/kindstore.binpb` with each release.
    run("the interface breaks no client", buf, "breaking", ROOT / "proto", "--against", image)
    (folder / "schemathesis.toml").write_text('[parameters]\nnamespace = "default"\n')
    for path in DESCRIPTIONS[:2]:
        run(
            f"schemathesis on {path}", BIN / "schemathesis", "run", address + path, "--exclude-checks", UNCHECKED,
            "--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--no-color", cwd=folder,
        )
    run(
        "generating a client", BIN / "openapi-generator-cli", "generate", "-i", folder / "2.json", "-g", "python",
        "-o", folder / "generated", "--package-name", "appmanager",
    )
    generated = dict(os.environ, PYTHONPATH=str(folder / "generated"))
    run("the generated client", BIN / "python", ROOT / "tests/generated/client.py", address, env=generated)
    names = ["openapi3", "platform3", "openapi2", "platform2"]
    descriptions = {name: folder / f"{number}.json" for number, name in enumerate(names)}
    passed = generated_clients(run, descriptions, folder, address)
    pictures = ROOT / "target/pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    run("the Swagger pages in a browser", shutil.which("node"), ROOT / "tests/browser/swagger.mjs", address, pictures)
    print(f"{11 + passed} passed, 0 failed")


if __name__ == "__main__":
    main()
