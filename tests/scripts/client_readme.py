#!/usr/bin/env python3
"""Runs the Python and JavaScript blocks in the README of a client package.

    client_readme.py README COMMAND...

runs each block with COMMAND, which reads it from standard input, in the README's folder and against one server. A block may be
followed by one tagged `text`, which is what the block prints, with marks as in readme.py.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = "127.0.0.1:8080"

sys.path[:0] = [str(ROOT / "clients" / "python" / "tests"), str(Path(__file__).resolve().parent)]

from readme import check  # noqa: E402
from server import Server  # noqa: E402


def main():
    readme, command = Path(sys.argv[1]).resolve(), sys.argv[2:]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
    printed, count = "", 0
    with Server() as server:
        for language, code in blocks:
            if language in ("python", "js"):
                code = code.replace(PLACE, server.address)
                done = subprocess.run(
                    command, input=code, cwd=readme.parent, text=True, timeout=60, env=dict(os.environ, NO_COLOR="1"),
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )
                if done.returncode != 0:
                    sys.exit(f"this block failed with {done.returncode}:\n{code}\nIt printed:\n{done.stdout}")
                printed, count = done.stdout, count + 1
            elif language == "text":
                check(printed, code)
    if count < 2:
        sys.exit(f"only {count} blocks were found in {readme.name}")
    print(f"{count} passed, 0 failed")


if __name__ == "__main__":
    main()
