#!/usr/bin/env python3
"""Checks the metadata and the files of every package; publish.sh runs it.

    publish.py FOLDER

FOLDER contains the archives of the npm packages and of the Python package.
"""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Crates for development, and those that reach users as an npm package.
PRIVATE = ("tests", "tests/bench", "tests/fuzz", "wasm", "wasm/bindgen", "wasm/format")
#: The files that a crate must contain beside its sources, the manifest, the README and the licence.
NEEDED = {
    "kindstore": ["build.rs", "kinds/deployment.yaml"],
    "kindstore-proto": ["build.rs", "kindstore/v1/resource.proto", "kindstore/v1/resource_service.proto"],
}
NPM = {
    "kindstore-types": ["index.d.ts"],
    "kindstore-client": ["dist/node.js", "dist/node.d.ts", "dist/web.js", "dist/web.d.ts"],
    "kindstore-wasm": ["index.js", "node.js", "index.d.ts", "wasm/module_bg.wasm", "wasm/format_bg.wasm"],
}
GENERATED = ["client.py", "_generated/resource_service_pb2.py", "_generated/resource_service_pb2_grpc.py"]


def demand(holds, message):
    if not holds:
        sys.exit(f"kindstore: {message}")


def contains(name, found, needed):
    missing = sorted(set(needed) - set(found))
    demand(not missing, f"{name} lacks {', '.join(missing)}")


def output(*words):
    return subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def crates():
    count = 0
    for crate in json.loads(output("cargo", "metadata", "--no-deps", "--format-version=1"))["packages"]:
        name, folder = crate["name"], Path(crate["manifest_path"]).parent.relative_to(ROOT).as_posix()
        is_private = crate["publish"] == []
        demand(is_private == (folder in PRIVATE), f"{name} must {'' if folder in PRIVATE else 'not '}have publish = false")
        if is_private:
            continue
        for field in ("license", "description", "repository", "homepage", "documentation", "readme", "keywords", "categories"):
            demand(crate[field], f"{name} has no {field} in Cargo.toml")
        demand(len(crate["keywords"]) <= 5, f"{name} has more than 5 keywords, which crates.io rejects")
        shown = (crate["metadata"] or {}).get("docs", {}).get("rs", {})
        demand(shown.get("all-features") or shown.get("features"), f"{name} has no settings for docs.rs")
        for dependency in crate["dependencies"]:
            is_missing = dependency.get("path") and dependency["kind"] != "dev" and dependency["req"] == "*"
            demand(not is_missing, f"{name} depends on {dependency['name']} without a version")
        files = output("cargo", "package", "--list", "--allow-dirty", "--package", name).splitlines()
        contains(name, files, ["Cargo.toml", "LICENSE", "README.md", *NEEDED.get(name, [])])
        count += 1
    return count


def npm(folder):
    for prefix, needed in NPM.items():
        [archive] = folder.glob(f"{prefix}-*.tgz")
        with tarfile.open(archive) as opened:
            files = [name.removeprefix("package/") for name in opened.getnames()]
            package = json.load(opened.extractfile("package/package.json"))
        contains(archive.name, files, ["package.json", "README.md", "LICENSE", *needed])
        for field in ("license", "description", "repository", "homepage", "keywords"):
            demand(package.get(field), f"{archive.name} has no {field} in package.json")
        is_local = any(":" in version for version in package.get("dependencies", {}).values())
        demand(not is_local, f"{archive.name} depends on a package outside of the registry")
    return len(NPM)


def python(folder):
    [wheel] = folder.glob("kindstore-*.whl")
    [source] = folder.glob("kindstore-*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        files = opened.namelist()
    contains(wheel.name, files, [f"kindstore/{name}" for name in ("__init__.py", "aio.py", "py.typed", *GENERATED)])
    demand(any(name.endswith("licenses/LICENSE") for name in files), f"{wheel.name} lacks LICENSE")
    demand(not any(name.startswith("tests") for name in files), f"{wheel.name} contains tests")
    with tarfile.open(source) as opened:
        files = [name.split("/", 1)[-1] for name in opened.getnames()]
    protos = [f"proto/kindstore/v1/{name}" for name in ("resource.proto", "resource_service.proto")]
    contains(source.name, files, ["pyproject.toml", "setup.py", "generate.py", "README.md", "LICENSE", *protos])
    # A source distribution generates them anew, so a stale copy would be misleading.
    demand(not set(files) & {f"src/kindstore/{name}" for name in GENERATED}, f"{source.name} contains generated files")
    return 2


def main():
    folder = Path(sys.argv[1])
    print(f"{crates()} crates, {npm(folder)} npm packages, {python(folder)} Python archives: passed")


if __name__ == "__main__":
    main()
