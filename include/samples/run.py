"""What `make run` and `make up` do: the sample portal and an embedded Airflow around the DAGs of this checkout.

`run` is the main job from end to end: it backfills the report years of the sample portal with the real scheduler,
waits until the last release is published, prints what was made and stops everything. `up` leaves the UI running.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from gongkai.errors import GongkaiError, RunError
from gongkai.settings import ROOT
from samples.airflow_api import Api
from samples.airflow_env import USER, AirflowHome, free_port, kept_port, prepare
from samples.local_airflow import AIRFLOW, running
from samples.portal import PORT
from samples.processes import Components
from samples.summary import print_summary
from samples.watch import ACTIVE, CHAIN, Progress, follow

UI_PORT = 8080
SWEEP = "sweep_reports"
REVIEW = "review_reports"
NO_SCHEDULE = {"GONGKAI_SCHEDULES_FROM": "2100-01-01"}
"""`make run` makes just the runs it asks for; without this, Airflow adds the newest year that is due."""


def run(home: AirflowHome, first: int, last: int, timeout: float) -> None:
    """Backfill the years and wait for their release.

    Raises:
        RunError: A part did not start, a run failed, or the time is over.
    """
    say = _Say()
    say(f"starting the sample portal and Airflow (logs in {_short(home.logs)})")
    with running(home, CHAIN) as (components, api):
        start_portal(home, components)
        say(f"Airflow is ready at {home.url}")
        _clear_leftovers(api, say)
        since = datetime.now(UTC)
        backfill(home, first, last, again=_was_backfilled(api), say=say)
        with _progress(say) as show:
            follow(api, components, since, range(first, last + 1), show, timeout)
        say("all runs are done; stopping what was started")
    say("stopped")


def backfill(home: AirflowHome, first: int, last: int, *, again: bool, say: Callable[[str], None]) -> None:
    """Create the backfill with Airflow's own command, as an operator does.

    Raises:
        RunError: Airflow refuses it.
    """
    command = ["airflow", "backfill", "create", "--dag-id", CHAIN[0]]
    command += ["--from-date", f"{first}-01-01", "--to-date", f"{last}-12-31", "--max-active-runs", "2"]
    if again:
        command += ["--reprocess-behavior", "completed"]
    say("$ " + " ".join(command))
    done = subprocess.run([str(AIRFLOW), *command[1:]], env=home.env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RunError("the backfill was refused", where=" ".join(command), found=(done.stderr or done.stdout)[-2000:])


def up(home: AirflowHome) -> None:
    """Leave Airflow and the sample portal running until Ctrl-C."""
    say = _Say()
    say(f"starting the sample portal and Airflow (logs in {_short(home.logs)})")
    with running(home, [*CHAIN, SWEEP, REVIEW]) as (components, _api):
        start_portal(home, components)
        say(f"Airflow   {home.url}   user {USER}   password {home.password}")
        say(f"portal    {home.env['GONGKAI_SAMPLE_PORTAL']}")
        say(f"airflow commands from another shell: source {_short(home.folder / 'env.sh')}; .venv/bin/airflow ...")
        say("Ctrl-C stops both")
        while True:
            components.check()
            time.sleep(1)


def start_portal(home: AirflowHome, components: Components) -> None:
    """Start the sample portal where the sources of the home look for it."""
    port = urlsplit(home.env["GONGKAI_SAMPLE_PORTAL"]).port
    components.start("portal", [sys.executable, "-m", "samples.portal", "--port", str(port)])


def sample_home(folder: Path, data: Path, port: int, extra: dict[str, str] | None = None) -> AirflowHome:
    """Prepare an embedded Airflow beside the sample portal, whose address its source reads from the environment.

    The portal keeps its port from run to run, because addresses are part of what the archive remembers.
    """
    portal = f"http://127.0.0.1:{kept_port(data / 'sample_portal_port', PORT)}"
    return prepare(folder, data, port, {"GONGKAI_SAMPLE_PORTAL": portal} | (extra or {}))


def sample_sources(folder: Path) -> dict[str, str]:
    """Make a folder with the source of the sample portal alone: `make run` asks no portal that a user added."""
    sources = folder.absolute() / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "include" / "sources" / "sample_portal.yml", sources)
    return {"GONGKAI_SOURCES": str(sources)}


def _clear_leftovers(api: Api, say: Callable[[str], None]) -> None:
    """Mark what an interrupted run left unfinished as failed; this backfill does those years again."""
    for item in api.every("backfills", "backfills", dag_id=CHAIN[0]):
        if item["completed_at"] is None:
            api.put(f"backfills/{item['id']}/cancel")
    left = [run for run in api.every("dags/~/dagRuns", "dag_runs") if run["state"] in ACTIVE]
    for run_ in left:
        api.patch(f"dags/{run_['dag_id']}/dagRuns/{run_['dag_run_id']}", {"state": "failed"})
    if left:
        say(f"{len(left)} runs of an interrupted run were marked failed; their years are done again")


def _was_backfilled(api: Api) -> bool:
    return bool(api.get(f"dags/{CHAIN[0]}/dagRuns", limit=1, run_type="backfill")["total_entries"])


class _Say:
    """Prints lines with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{time.monotonic() - self._start:5.1f} s] {line}", flush=True)


@contextmanager
def _progress(say: Callable[[str], None]) -> Iterator[Callable[[Progress], None]]:
    """Show progress: bars on a terminal, elsewhere a line when something changed and every ten seconds."""
    if sys.stdout.isatty():
        with Bars(TextColumn("{task.description:18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
            tasks = {dag_id: bars.add_task(dag_id, total=None) for dag_id in CHAIN}

            def show_bars(progress: Progress) -> None:
                for stage in progress.stages:
                    total = max(stage.expected, len(stage.states))
                    bars.update(tasks[stage.dag_id], total=total, completed=stage.succeeded)

            yield show_bars
        return
    shown, when = "", 0.0

    def show_line(progress: Progress) -> None:
        nonlocal shown, when
        quiet = time.monotonic() - when
        if quiet > 10 or (str(progress) != shown and quiet > 2) or progress.complete:
            shown, when = str(progress), time.monotonic()
            say(shown)

    yield show_line


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 when all is done, 1 when something failed or was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m samples.run", description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=["run", "up"])
    parser.add_argument("--first", type=int, default=2018, help="first report year")
    parser.add_argument("--last", type=int, default=2024, help="last report year")
    parser.add_argument("--home", type=Path, default=ROOT / ".airflow", help="AIRFLOW_HOME")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GONGKAI_DATA") or ROOT / "data"))
    parser.add_argument("--timeout", type=float, default=1200, help="seconds to wait for the runs")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.what == "up":
            up(sample_home(chosen.home, chosen.data, free_port(UI_PORT)))
        else:
            home = sample_home(chosen.home, chosen.data, free_port(), NO_SCHEDULE | sample_sources(chosen.home))
            run(home, chosen.first, chosen.last, chosen.timeout)
            os.environ["GONGKAI_DATA"] = str(chosen.data.absolute())
            print_summary()
    except GongkaiError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; everything that was started is stopped", file=sys.stderr)
        return 0 if chosen.what == "up" else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
