#!/usr/bin/env python3
"""Generates the parts of the package that nobody writes by hand.

    python generate.py [FOLDER]

writes the gRPC stubs (`_generated/`) and the blocking client (`client.py`) into FOLDER, by default `src/kindstore`. Building a wheel
does the same; run it by hand to work on the sources in place. It needs the packages `grpcio-tools` and `unasync`.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
import tokenize
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("kindstore/v1/resource.proto", "kindstore/v1/resource_service.proto")
DEFAULT = HERE / "src" / "kindstore"

#: The names in which the clients differ, beside those that unasync knows, such as `__aenter__` and `AsyncIterator`.
NAMES = {
    "AsyncClient": "Client",
    "AsyncWatch": "Watch",
    "AsyncChannel": "Channel",
    "open_async_channel": "open_channel",
    "asyncio": "time",
}

#: The sentences in which the docstrings of the clients differ.
SENTENCES = {
    "The asyncio client. The blocking client is generated from this file when the package is built; see generate.py.":
        "The blocking client, generated from aio.py by generate.py; do not edit it.",
    "with asynchronous methods": "with blocking methods",
    "Tasks of the event loop that created it can share it.": "Threads can share it.",
}


def proto_folder() -> Path:
    """Returns the folder of the proto files: the repository's, or the copy in a source distribution."""
    for folder in (HERE / "proto", HERE.parents[1] / "proto"):
        if (folder / FILES[0]).is_file():
            return folder
    raise SystemExit(f"no proto files: {FILES[0]} is neither in {HERE / 'proto'} nor in the repository's proto/")


def generate(package: Path) -> None:
    """Writes the stubs and the blocking client into the folder of the package."""
    stubs(package / "_generated")
    (package / "client.py").write_text(blocking((DEFAULT / "aio.py").read_text()))


def stubs(target: Path) -> None:
    """Writes the gRPC stubs into `target`, as a package with relative imports only."""
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
            raise SystemExit("protoc failed")
        target.mkdir(parents=True, exist_ok=True)
        (target / "__init__.py").write_text('"""Generated from the proto files; for internal use."""\n')
        for found in sorted((Path(folder) / "kindstore" / "v1").iterdir()):
            # protoc imports by the path of the proto file, `kindstore.v1`. That is not a package here, and another
            # package may have that name, so the modules find each other by relative imports.
            text = re.sub(r"^from kindstore\.v1 import ", "from . import ", found.read_text(), flags=re.MULTILINE)
            (target / found.name).write_text(text)


def blocking(source: str) -> str:
    """Returns the source of the blocking client for that of the asyncio client."""
    import unasync

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "async" / "client.py"
        file.parent.mkdir()
        file.write_text(docstrings(source))
        rule = unasync.Rule("/async/", "/blocking/", additional_replacements=NAMES)
        unasync.unasync_files([str(file)], [rule])
        return (Path(folder) / "blocking" / "client.py").read_text()


def docstrings(source: str) -> str:
    """Returns the source with the docstrings of the blocking client. unasync replaces names in code only."""
    for old, new in SENTENCES.items():
        if old not in source:
            raise SystemExit(f"aio.py has no sentence {old!r}; update SENTENCES in generate.py")
        source = source.replace(old, new)
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and token.string.startswith('"""'):
            for index in range(token.start[0] - 1, token.end[0]):
                lines[index] = re.sub(r"\bAsync(?=[A-Z])", "", re.sub(r"(?<![\w.])(async|await) ", "", lines[index]))
    return "".join(lines)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
