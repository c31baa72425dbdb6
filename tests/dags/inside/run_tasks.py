"""Run DAGs task by task in this process (dag.test(), which knows no partition key: so with the param)."""

import json
import sys
from pathlib import Path

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

years = [int(year) for year in sys.argv[2:]]
DagBundlesManager().sync_bundles_to_db()
bag = DagBag(dag_folder=str(Path(sys.argv[1])))
sync_bag_to_db(bag, "dags-folder", None)

runs = []


def run(dag_id: str, **conf: object) -> None:
    done = bag.dags[dag_id].test(logical_date=None, run_conf=conf or None)
    tasks = sorted((ti.task_id, ti.map_index, ti.state) for ti in done.get_task_instances())
    runs.append({"dag": dag_id, "conf": conf, "state": done.state, "tasks": tasks})


run("load_reports")  # first: in 3.3.2 a later dag.test() without conf was seen to use that of the run before
for year in years:
    run("collect_reports", report_year=year)
    run("load_reports", report_year=year)
    run("load_reports", report_year=year)
run("publish_warehouse")
run("sweep_reports")

print(json.dumps(runs))
