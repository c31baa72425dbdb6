"""Follows one backfill through the chain collect -> load -> publish, until its last release or its first failure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongkai.errors import RunError
from samples.airflow_api import Api
from samples.processes import Components

CHAIN = ("collect_reports", "load_reports", "publish_warehouse")
ACTIVE = {"queued", "running"}


@dataclass(frozen=True)
class Stage:
    """How far the runs of one DAG are.

    Attributes:
        dag_id: The DAG.
        states: State of each run of the backfill, by run id.
        expected: Runs that must exist at the end; for publish at least one.
    """

    dag_id: str
    states: dict[str, str] = field(default_factory=dict)
    expected: int = 0

    @property
    def succeeded(self) -> int:
        """Runs that ended well."""
        return sum(state == "success" for state in self.states.values())

    @property
    def failed(self) -> list[str]:
        """Ids of the runs that failed."""
        return [run for run, state in self.states.items() if state == "failed"]

    @property
    def done(self) -> bool:
        """All expected runs exist and ended well."""
        return len(self.states) >= self.expected and self.succeeded == len(self.states)


@dataclass(frozen=True)
class Progress:
    """The three stages at one moment, and whether nothing of them is left to do."""

    stages: tuple[Stage, ...]
    complete: bool

    def __str__(self) -> str:
        parts = []
        for stage in self.stages:
            running = sum(state == "running" for state in stage.states.values())
            total = f"/{stage.expected}" if stage.dag_id != CHAIN[-1] else ""
            parts.append(f"{stage.dag_id} {stage.succeeded}{total}" + (f" ({running} running)" if running else ""))
        return ", ".join(parts)


class Reader:
    """Reads the progress of one backfill.

    A load belongs to it if it consumed an asset event of one of its collect runs, a publish if it consumed one of such
    a load: so a run that is yet to be created is missed by nothing but its cause, and waiting never ends early.
    """

    def __init__(self, api: Api, since: datetime, years: Sequence[int]) -> None:
        self._api, self._since, self._years = api, since, years
        self._causes: dict[tuple[str, str], frozenset[str]] = {}

    def read(self) -> Progress:
        """Ask Airflow for all runs that changed since the backfill and join them."""
        runs = self._api.every("dags/~/dagRuns", "dag_runs", updated_at_gte=self._since.isoformat(), order_by="id")
        runs = [run for run in runs if run["dag_id"] in CHAIN]
        keys = {str(year) for year in self._years}
        found = {
            run["dag_run_id"]: run["state"]
            for run in runs
            if run["dag_id"] == CHAIN[0] and run["run_type"] == "backfill" and run["partition_key"] in keys
        }
        stages = [Stage(CHAIN[0], found, len(self._years))]
        followed = True
        for dag_id in CHAIN[1:]:
            before, found, seen = set(found), {}, set[str]()
            for run in runs:
                if run["dag_id"] == dag_id and (causes := self._caused_by(run) & before):
                    found[run["dag_run_id"]] = run["state"]
                    seen |= causes
            followed = followed and seen == before
            stages.append(Stage(dag_id, found, 1 if dag_id == CHAIN[-1] else len(self._years)))
        idle = not any(run["state"] in ACTIVE for run in runs)
        return Progress(tuple(stages), complete=idle and followed and all(stage.done for stage in stages))

    def _caused_by(self, run: dict[str, Any]) -> frozenset[str]:
        """Return the ids of the runs whose asset events this run consumed.

        Asked once a run has started: Airflow 3.3.2 answers 500 to questions about asset events while one of the runs
        they made is still queued (its API model wants a start date).
        """
        key = run["dag_id"], run["dag_run_id"]
        if run["start_date"] is None:
            return frozenset()
        if key not in self._causes:
            events = self._api.get(f"dags/{key[0]}/dagRuns/{key[1]}/upstreamAssetEvents")["asset_events"]
            self._causes[key] = frozenset(event["source_run_id"] for event in events)
        return self._causes[key]


def follow(
    api: Api,
    components: Components,
    since: datetime,
    years: Sequence[int],
    show: Callable[[Progress], None],
    timeout: float,
) -> Progress:
    """Wait until the whole chain is done.

    Args:
        api: The running Airflow.
        components: Its processes; one that ends by itself ends the wait.
        since: When the backfill was created.
        years: Its report years.
        show: Is called with each reading, about once a second.
        timeout: Seconds after which waiting is given up.

    Raises:
        RunError: A run failed (with the end of the failing task's log), a process ended, or the time is over.
    """
    deadline = time.monotonic() + timeout
    reader = Reader(api, since, years)
    while True:
        components.check()
        progress = reader.read()
        show(progress)
        for stage in progress.stages:
            for run_id in stage.failed:
                raise RunError("a run failed", where=f"{stage.dag_id} {run_id}", do=_why(api, stage.dag_id, run_id))
        if progress.complete:
            return progress
        if time.monotonic() > deadline:
            raise RunError(
                f"not done after {timeout:.0f} s", found=str(progress), do="look into the logs, or raise --timeout"
            )
        time.sleep(1)


def _why(api: Api, dag_id: str, run_id: str) -> str:
    """Say which task failed first, with the end of its log."""
    run = f"dags/{dag_id}/dagRuns/{run_id}"
    tasks = api.every(f"{run}/taskInstances", "task_instances", state="failed", order_by="end_date")
    if not tasks:
        return "no task of it failed: it was marked so"
    task = tasks[0]
    log = api.text(
        f"{run}/taskInstances/{task['task_id']}/logs/{task['try_number']}",
        map_index=task["map_index"],
        full_content=True,
    )
    lines = [line for entry in log.splitlines() for line in _readable(entry)]
    return f"the log of task {task['task_id']} ends:\n" + "\n".join(lines[-40:])


def _readable(entry: str) -> list[str]:
    """Turn one JSON line of a task log into lines for people: time and event, then the exception if there is one."""
    try:
        fields: dict[str, Any] = json.loads(entry)
    except ValueError:
        return [entry]
    event = str(fields.get("event", ""))
    if event.startswith("::"):
        return []
    lines = [f"  {str(fields.get('timestamp') or '')[11:19]} {event}"]
    for error in fields.get("error_detail") or []:
        lines += [f"    {frame['filename']}:{frame['lineno']} in {frame['name']}" for frame in error.get("frames", [])]
        lines.append(f"    {error.get('exc_type')}: {error.get('exc_value')}")
    return lines
