"""A server process for tests: in memory, on a free port, gone with the test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]


class Server:
    """A running server, as a context manager."""

    def __init__(self, *arguments: str) -> None:
        binary = os.environ.get("KINDSTORE_BIN", str(ROOT / "target" / "debug" / "kindstore"))
        if not Path(binary).is_file():
            raise SystemExit(f"{binary} is missing; build it (cargo build --package kindstore-server) or set KINDSTORE_BIN")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KINDSTORE_")}
        self._process = subprocess.Popen(
            [binary, "serve", "--listen", "127.0.0.1:0", "--store", "memory:", *arguments],
            env=dict(environment, KINDSTORE_LOG="error"),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            if words and words[0] == "gRPC":
                self.address = words[1]
                return
        raise SystemExit("the server ended without saying where it is")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
