"""Publishes in a process of its own, to be killed: `python -m tests.warehouse.publisher LAKE FOLDER DIMS [STEP]`.

Says "ready", waits for a line, publishes, says the seconds it took and the steps it made. A step is anything that
Python tells its audit hooks of a path below the warehouse: folders and links made, files renamed, removed, opened. With
STEP the process kills itself just before that one, as a power cut would.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

from gongkai.settings import ROOT

STEPS = {"open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"}
KEEP = 3


class Publisher:
    """A process that is ready to publish and waits for `go`."""

    def __init__(self, lake: str, folder: Path, dims: Path, die_at: int = 0) -> None:
        command = [sys.executable, "-m", "tests.warehouse.publisher", lake, str(folder), str(dims), str(die_at)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()

    def go(self, kill_after: float | None = None) -> tuple[int, dict]:
        """Publish; return the exit status (negative: the signal that ended it) and what the process said."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        if kill_after is not None:
            time.sleep(kill_after)
            self.process.kill()
        said, told = self.process.communicate(timeout=300)
        assert self.process.returncode in (0, -signal.SIGKILL), told
        return self.process.returncode, json.loads(said) if said else {}


def main(lake: str, folder: str, dims: str, die_at: str) -> None:
    import duckdb
    import pyarrow.parquet  # imported before the clock starts

    from gongkai.lake.store import Lake
    from gongkai.warehouse.publish import publish

    assert duckdb
    assert pyarrow.parquet
    known = pickle.loads(Path(dims).read_bytes())
    steps: list[str] = []

    def hook(event: str, args: tuple) -> None:
        if event in STEPS and any(isinstance(one, str) and one.startswith(folder) for one in map(_text, args)):
            steps.append(f"{event} {_text(args[0])}")
            if len(steps) == int(die_at):
                os.kill(os.getpid(), signal.SIGKILL)

    print("ready", flush=True)
    sys.stdin.readline()
    sys.addaudithook(hook)
    begin = time.perf_counter()
    made = publish(Lake(lake), Path(folder), keep=KEEP, dims=known)
    seconds = time.perf_counter() - begin
    print(json.dumps({"release_id": made.release_id, "changed": made.changed, "seconds": seconds, "steps": steps}))


def _text(one: object) -> object:
    return os.fspath(one) if isinstance(one, os.PathLike) else one


if __name__ == "__main__":
    main(*sys.argv[1:])
