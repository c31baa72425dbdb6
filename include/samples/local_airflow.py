"""An embedded Airflow, started and stopped as a whole.

Scheduler, DAG processor and API server are what the DAGs of this project need; there is no triggerer, because no task
defers: one that waits for a person waits in the database.
"""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from gongkai.errors import RunError
from samples.airflow_api import Api
from samples.airflow_env import AirflowHome
from samples.processes import Components, tail

AIRFLOW = Path(sys.executable).with_name("airflow")
COMPONENTS: dict[str, list[str]] = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    "scheduler": ["scheduler", "--skip-serve-logs"],  # the API server reads the same log folder
}
START_TIMEOUT = 180.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running(home: AirflowHome, dag_ids: Sequence[str]) -> Iterator[tuple[Components, Api]]:
    """Run an embedded Airflow for the time of a `with` block: migrated, answering, with these DAGs read and unpaused.

    Raises:
        RunError: Another one runs in this home, a component ended, a DAG file has an error, or nothing answered in
            three minutes.
    """
    with _only_one(home), _stop_on_signals():
        components = Components(home.folder, home.env)
        components.end_leftovers()
        try:
            migrate(home)
            started = datetime.now(UTC)
            for name, arguments in COMPONENTS.items():
                components.start(name, [AIRFLOW, *arguments])
            yield components, _ready(home, components, dag_ids, started)
        finally:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
            components.stop()


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
    """Let each of them end the block like Ctrl-C does, so that `finally` stops the children.

    SIGINT too: a shell starts background jobs with it ignored, and Python leaves that so.
    """

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
