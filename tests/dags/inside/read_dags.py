"""Read every DAG file as the DAG processor does; prints what each took and imported, and what the DAGs are."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import airflow.sdk  # noqa: F401 - every Airflow process has it before it reads a DAG file
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.encoders import coerce_to_core_timetable

HEAVY = {"pandas", "duckdb", "great_expectations", "pyarrow", "pdfplumber", "pypdfium2", "lxml", "httpx", "typer"}

files = {}
dags = {}
before = set(sys.modules)
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    started = time.process_time()
    bag = DagBag(dag_folder=str(path))
    files[path.name] = {
        "seconds": time.process_time() - started,
        "errors": [str(error) for error in bag.import_errors.values()],
        "dags": sorted(bag.dags),
        "heavy": sorted((set(sys.modules) - before) & HEAVY),
    }
    dags |= bag.dags

timetable = coerce_to_core_timetable(dags["collect_reports"].timetable)
window = {"earliest": datetime(2018, 1, 1, tzinfo=UTC), "latest": datetime(2024, 12, 31, tzinfo=UTC)}
sweep = coerce_to_core_timetable(dags["sweep_reports"].timetable)
_, scheduled_key = timetable._get_partition_info(timetable._align_to_next(datetime(2026, 3, 1, tzinfo=UTC)))

print(
    json.dumps(
        {
            "files": files,
            "backfill_keys": [info.partition_key for info in timetable.iter_partition_dagrun_infos(**window)],
            "scheduled_key": scheduled_key,
            "sweep_next": [
                sweep._align_to_next(datetime(2026, month, 15, tzinfo=UTC)).isoformat() for month in (3, 6, 7)
            ],
            "sweep_partitioned_at_runtime": sweep.partitioned_at_runtime,
            "tasks": {dag_id: sorted(dag.task_ids) for dag_id, dag in dags.items()},
            "outlets": {
                f"{dag_id}.{task.task_id}": [asset.name for asset in task.outlets]
                for dag_id, dag in dags.items()
                for task in dag.tasks
            },
            "pools": {f"{dag_id}.{task.task_id}": task.pool for dag_id, dag in dags.items() for task in dag.tasks},
            "max_active_runs": {dag_id: dag.max_active_runs for dag_id, dag in dags.items()},
        }
    )
)
