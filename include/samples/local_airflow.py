"""The processes of an embedded Airflow, started and stopped as a whole, and its REST API.

Scheduler, DAG processor and API server are what the DAGs of this project need; there is no triggerer, because no task
defers. Each runs in a process group of its own, so that stopping reaches the workers and tasks below it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gongkai.errors import RunError
from samples.airflow_env import USER, AirflowHome

AIRFLOW = Path(sys.executable).with_name("airflow")
COMPONENTS: dict[str, list[str]] = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    "scheduler": ["scheduler", "--skip-serve-logs"],  # the API server reads the same log folder
}
POOLS = {"lake": "writes Parquet, one year at a time", "publish": "builds a release, one at a time"}
START_TIMEOUT = 180.0
STOP_TIMEOUT = 15.0


class Components:
    """Child processes by name, with a log file each."""

    def __init__(self, home: AirflowHome) -> None:
        self._home = home
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        """Start one child in its own process group; its output goes to logs/<name>.log."""
        with (self._home.logs / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 - commands of this module
                [str(part) for part in command],
                env=self._home.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no threads yet in this process
            )

    def check(self) -> None:
        """Raise RunError if a child ended by itself."""
        for name, child in self._children.items():
            if child.poll() is not None:
                log = self._home.logs / f"{name}.log"
                raise RunError(
                    f"{name} ended with status {child.returncode}", where=str(log), do=f"its last lines:\n{tail(log)}"
                )

    def stop(self) -> None:
        """Ask every process group to end, wait, then kill what is left; safe to call twice."""
        for child in self._children.values():
            _signal_group(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child.pid, signal.SIGKILL)
                child.wait()
            # Workers and tasks may outlive the head of their group by a moment.
            while _signal_group(child.pid, 0) and time.monotonic() < deadline:
                time.sleep(0.1)
            _signal_group(child.pid, signal.SIGKILL)
        self._children.clear()


class Api:
    """The few calls of Airflow's REST API that starting and watching needs."""

    def __init__(self, home: AirflowHome) -> None:
        self._home = home
        self._http = httpx.Client(base_url=home.url, timeout=30, trust_env=False)

    def log_in(self) -> None:
        """Get a token for the user of this home."""
        answer = self._http.post("/auth/token", json={"username": USER, "password": self._home.password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """GET /api/v2/`path`."""
        return self._send("GET", path, params=params)

    def every(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """GET all pages of /api/v2/`path`; the items stand under `key`."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **params, limit=100, offset=len(found))
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def text(self, path: str, **params: Any) -> str:
        """GET /api/v2/`path` as text, one JSON object a line: the form of logs."""
        answer = self._http.get(f"/api/v2/{path}", params=params, headers={"Accept": "application/x-ndjson"})
        return answer.text if answer.is_success else f"(no log: {answer.status_code})"

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """PATCH /api/v2/`path`."""
        return self._send("PATCH", path, json=body)

    def put(self, path: str) -> dict[str, Any]:
        """PUT /api/v2/`path`."""
        return self._send("PUT", path)

    def ensure_pools(self) -> None:
        """Create the pools of one slot that the DAGs name; a task whose pool is missing would wait for ever."""
        present = {pool["name"] for pool in self.get("pools", limit=100)["pools"]}
        for name, description in POOLS.items():
            if name not in present:
                body = {"name": name, "slots": 1, "description": description, "include_deferred": False}
                self._send("POST", "pools", json=body)

    def _send(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        answer = self._http.request(method, f"/api/v2/{path}", **kwargs)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise LookupError(f"{method} {path} answers 404")
        if answer.is_error:
            raise RunError(f"Airflow answers {answer.status_code}", where=f"{method} {path}", found=answer.text[:500])
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def running(home: AirflowHome, dag_ids: Sequence[str]) -> Iterator[tuple[Components, Api]]:
    """Run an embedded Airflow for the time of a `with` block: migrated, answering, with these DAGs read and unpaused.

    Raises:
        RunError: Another one runs in this home, a component ended, a DAG file has an error, or nothing answered in
            three minutes.
    """
    with _only_one(home), _stop_on_signals():
        components = Components(home)
        try:
            migrate(home)
            started = datetime.now(UTC)
            for name, arguments in COMPONENTS.items():
                components.start(name, [AIRFLOW, *arguments])
            yield components, _ready(home, components, dag_ids, started)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
            components.stop()
            signal.signal(signal.SIGINT, signal.default_int_handler)


def migrate(home: AirflowHome) -> None:
    """Create or upgrade the metadata database.

    Raises:
        RunError: Airflow could not; with the end of its log.
    """
    log = home.logs / "migrate.log"
    with log.open("wb") as output:
        command = [str(AIRFLOW), "db", "migrate"]
        done = subprocess.run(command, env=home.env, stdout=output, stderr=output, check=False)  # noqa: S603
    if done.returncode:
        raise RunError(
            "the metadata database could not be migrated", where=str(log), do=f"its last lines:\n{tail(log)}"
        )


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _ready(home: AirflowHome, components: Components, dag_ids: Sequence[str], started: datetime) -> Api:
    api = Api(home)
    _until(api.log_in, components, "the API server answers")
    api.ensure_pools()

    def parsed() -> None:
        errors = api.get("importErrors")["import_errors"]
        if errors:
            found = "\n".join(error["stack_trace"] for error in errors)
            raise RunError("a DAG file has an error", where=errors[0]["filename"], found=found)
        for dag_id in dag_ids:
            # Read since we started: an older reading in the database may be of an older file.
            when = datetime.fromisoformat(api.get(f"dags/{dag_id}")["last_parsed_time"])
            if when < started:
                raise LookupError(f"{dag_id} was not read yet")

    _until(parsed, components, "the DAG files are read")
    for dag_id in dag_ids:
        api.patch(f"dags/{dag_id}", {"is_paused": False})
    return api


def _until(attempt: Callable[[], None], components: Components, what: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        components.check()
        try:
            attempt()
        except (httpx.HTTPError, LookupError) as error:
            if time.monotonic() > deadline:
                raise RunError(f"gave up waiting until {what}", found=str(error)) from error
            time.sleep(0.3)
        else:
            return


@contextmanager
def _only_one(home: AirflowHome) -> Iterator[None]:
    """Hold the lock of the home; two schedulers on one SQLite file would hurt each other."""
    with (home.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                "another `make run` or `make up` uses this folder", where=str(home.folder), do="wait for it or stop it"
            ) from None
        yield


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block like Ctrl-C does, so that `finally` stops the children."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _die_with_parent() -> None:
    """Ask Linux to end this child if the parent is killed so hard that it cannot stop its children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG
