#!/usr/bin/env python3
"""Generates the package's stubs from the project's interface files.

    python generate.py [FOLDER]

writes the modules into FOLDER, by default `src/kindstore/_generated`. Building a wheel does the same by itself; call it
by hand to work on the sources in place. It needs the package `grpcio-tools`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("kindstore/v1/resource.proto", "kindstore/v1/resource_service.proto")
DEFAULT = HERE / "src" / "kindstore" / "_generated"


def proto_folder() -> Path:
    """The folder of the interface: the repository's, or the copy that a source distribution carries."""
    for folder in (HERE / "proto", HERE.parents[1] / "proto"):
        if (folder / FILES[0]).is_file():
            return folder
    raise SystemExit(f"no interface files: {FILES[0]} is neither in {HERE / 'proto'} nor in the repository's proto/")


def generate(target: Path) -> None:
    """Writes the modules of the interface into `target`, as one package that imports nothing by an absolute name."""
    import grpc_tools
    from grpc_tools import protoc

    proto = proto_folder()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "protoc",
            f"--proto_path={proto}",
            f"--proto_path={Path(grpc_tools.__file__).parent / '_proto'}",
            f"--python_out={folder}",
            f"--pyi_out={folder}",
            f"--grpc_python_out={folder}",
            *FILES,
        ]
        if protoc.main(arguments) != 0:
            raise SystemExit("the stubs could not be generated")
        target.mkdir(parents=True, exist_ok=True)
        (target / "__init__.py").write_text('"""Generated from the interface files; not for use by itself."""\n')
        for found in sorted((Path(folder) / "kindstore" / "v1").iterdir()):
            # protoc imports by the path of the proto file, `kindstore.v1`, which is no package here and which somebody
            # else may have generated for himself. Modules of one package find each other by relative imports.
            text = re.sub(r"^from kindstore\.v1 import ", "from . import ", found.read_text(), flags=re.MULTILINE)
            (target / found.name).write_text(text)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
