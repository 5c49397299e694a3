"""A server process for tests: in memory or on a folder, on a free port, gone with the test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]


class Server:
    """A running server, as a context manager."""

    def __init__(self, *arguments: str, folder: str | None = None, listen: str = "127.0.0.1:0") -> None:
        binary = os.environ.get("KINDSTORE_BIN", str(ROOT / "target" / "debug" / "kindstore"))
        if not Path(binary).is_file():
            raise SystemExit(f"{binary} is missing; build it (cargo build --package kindstore-cli) or set KINDSTORE_BIN")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KINDSTORE_")}
        store = ["--store", "memory:"] if folder is None else ["--data-dir", folder]
        self._process = subprocess.Popen(
            [binary, "serve", "--listen", listen, *store, *arguments],
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
        self.kill()

    def stop(self) -> None:
        """Stops it as an operator does."""
        self._process.terminate()
        self._end()

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def _end(self) -> None:
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
