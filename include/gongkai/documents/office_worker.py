"""Runs under the Python that has LibreOffice's bindings: holds one LibreOffice open and converts what it is told.

A program of its own, started by `office_process.py`; it uses the standard library and `uno` only. It reads one JSON
object a line, {"source", "target", "filter"}, and answers with one, {"ok"} or {"error"}. When its input ends, because
whoever started it closed it or died, it ends LibreOffice and removes the folder they worked in.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_ADDRESS_SPACE = 4 * 2**30
_OUTPUT = 512 * 2**20
_RESTARTS_ITSELF = 81
"""Exit code by which LibreOffice asks to be started again, after it made its profile."""

_LIBC = ctypes.CDLL(None)
_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG."""


def main(binary: str, folder: str) -> None:
    """Start LibreOffice with a profile in `folder`, say "ready", convert until the input ends."""
    _bound()
    lines: queue.Queue[str | None] = queue.Queue()
    office: list[subprocess.Popen[bytes]] = []
    threading.Thread(target=_listen, args=(lines, office, folder), daemon=True).start()
    desktop = _connect(binary, folder, office)
    _say({"ok": True})
    while (line := lines.get()) is not None:
        task = json.loads(line)
        try:
            _convert(desktop, task["source"], task["target"], task["filter"])
        except Exception as error:  # uno raises classes of its own; a dead office is told by its exit
            if office[0].poll() is not None:
                break
            _say({"error": f"{type(error).__name__}: {str(error)[:300]}"})
        else:
            _say({"ok": True})
    _end(office, folder)


def _listen(lines: queue.Queue[str | None], office: list[subprocess.Popen[bytes]], folder: str) -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put(None)
    time.sleep(2)  # an idle main thread ends by itself; one that hangs in a conversion is ended
    _end(office, folder)


def _end(office: list[subprocess.Popen[bytes]], folder: str) -> None:
    for process in office:
        pipes = _pipes_of(process.pid)
        process.kill()
        process.wait()
        for pipe in pipes:
            with contextlib.suppress(OSError):
                os.unlink(pipe)  # noqa: PTH108  a socket that LibreOffice leaves in /tmp when it is killed
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _pipes_of(pid: int) -> list[str]:
    """Addresses in the file system of the sockets that a process listens on."""
    try:
        own = {os.readlink(link.path) for link in os.scandir(f"/proc/{pid}/fd") if os.path.islink(link.path)}  # noqa: PTH114, PTH115
        rows = [line.split() for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[7] for row in rows if len(row) > 7 and f"socket:[{row[6]}]" in own and "OSL_PIPE" in row[7]]


def _connect(binary: str, folder: str, office: list[subprocess.Popen[bytes]]) -> Any:
    uno = importlib.import_module("uno")
    pipe = f"gongkai{os.getpid()}"
    _start(binary, folder, pipe, office)
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    while True:
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except Exception:  # NoConnectException is a class of uno's own
            code = office[0].poll()
            if code == _RESTARTS_ITSELF:
                _start(binary, folder, pipe, office)
            elif code is not None:
                _say({"error": f"LibreOffice ended with {code}"})
                _end(office, folder)
            time.sleep(0.05)


def _start(binary: str, folder: str, pipe: str, office: list[subprocess.Popen[bytes]]) -> None:
    command = [
        binary, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless", "--invisible", "--norestore",
        "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard", f"--accept=pipe,name={pipe};urp;",
    ]  # fmt: skip
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    office[:] = [subprocess.Popen(command, preexec_fn=_die_with_parent, **quiet)]  # noqa: S603, PLW1509


def _bound() -> None:
    """Bound the memory and the files of this program and of LibreOffice, which inherits it."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT, _OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with_parent() -> None:
    """In the child: an end when this program ends, however it ends."""
    with contextlib.suppress(OSError, AttributeError):
        _LIBC.prctl(_DIES_WITH_PARENT, signal.SIGKILL)


def _convert(desktop: Any, source: str, target: str, filter_: str) -> None:
    """Load without macros, without updating links, and store as docx."""
    load: dict[str, Any] = {"Hidden": True, "ReadOnly": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}
    if filter_:
        load["FilterName"] = filter_
    document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, _properties(load))
    if document is None:
        raise ValueError("LibreOffice does not know this format")
    try:
        document.storeToURL(Path(target).as_uri(), _properties({"FilterName": "MS Word 2007 XML"}))
    finally:
        document.close(True)


def _properties(values: dict[str, Any]) -> tuple[Any, ...]:
    uno = importlib.import_module("uno")
    made = []
    for name, value in values.items():
        one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        one.Name, one.Value = name, value
        made.append(one)
    return tuple(made)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:3])
