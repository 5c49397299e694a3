"""Clients in TypeScript and Rust that an ordinary generator makes from the descriptions: they compile, and they run."""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GENERATOR = ROOT / "target/venv/bin/openapi-generator-cli"
TSC = ROOT / "wasm/test/node_modules/typescript/bin/tsc"
# Kept between runs, so that what the clients depend on is built once.
BUILT = ROOT / "target/generated"

# With names of files as browsers and Node know them.
TYPESCRIPT = {"generatorName": "typescript-fetch", "additionalProperties": {"supportsES6": "true", "importFileExtension": ".js"}}
RUST = {"generatorName": "rust", "additionalProperties": {"supportAsync": "false"}}


def generate(run, descriptions, folder):
    """`descriptions` are files by the names of the clients."""
    configurations = []
    for name, file in descriptions.items():
        for word, options in {"ts": TYPESCRIPT, "rs": RUST}.items():
            if word == "rs" and "platform" in name:
                continue
            out = {"inputSpec": str(file), "outputDir": str(folder / word / name), "packageName": name, **options}
            path = folder / f"{word}-{name}.json"
            path.write_text(json.dumps(out))
            configurations.append(path)
    # One process for all of them, which is most of the time.
    run("generating clients in TypeScript and Rust", GENERATOR, "batch", "--threads", "2", "--fail-fast", *configurations)


def typescript(run, folder, name, address):
    source, made = folder / "ts" / name, folder / "js" / name
    options = "--strict --target es2022 --module es2022 --moduleResolution bundler --lib es2022,dom".split()
    run(f"compiling the client {name} in TypeScript", shutil.which("node"), TSC, *options, "--outDir", made, source / "index.ts")
    (made / "package.json").write_text('{"type": "module"}')
    if "platform" not in name:
        run(f"the client {name} in TypeScript", shutil.which("node"), HERE / "client.mjs", made, address, f"ts-{name}")


def rust(run, folder, address):
    work = folder / "rs"
    for name in ["Cargo.toml", "client.rs"]:
        shutil.copy(HERE / name, work / name)
    lock = BUILT / "Cargo.lock"
    if lock.exists():
        shutil.copy(lock, work / "Cargo.lock")
    environment = dict(os.environ, CARGO_TARGET_DIR=str(BUILT))
    run("compiling the clients in Rust", "cargo", "build", "--quiet", "--package", "client", cwd=work, env=environment)
    shutil.copy(work / "Cargo.lock", lock)
    run("the clients in Rust", BUILT / "debug/client", address)


def check(run, descriptions, folder, address):
    """Returns how many parts passed."""
    BUILT.mkdir(parents=True, exist_ok=True)
    generate(run, descriptions, folder)
    with ThreadPoolExecutor(2) as pool:
        parts = [pool.submit(rust, run, folder, address)]
        parts += [pool.submit(typescript, run, folder, name, address) for name in descriptions]
        for part in parts:
            part.result()
    return 1 + 2 + 2 * len(descriptions) - sum("platform" in name for name in descriptions)
