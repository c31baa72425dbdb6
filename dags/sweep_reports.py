"""Ask every source daily, in the season of publication, what changed since last time; load just the years touched.

January to June: reports are due by 31 January and 31 March, corrections follow. The partition keys of the archive
asset are known only when the task ran: one for each year in which a document is new or revised, none on a quiet day.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from gongkai_common import ARCHIVE, DEFAULTS, TIMEZONE, schedules_from
from runtime_partitions import RuntimePartitionCron


@dag(
    schedule=RuntimePartitionCron("0 6 * 1-6 *", timezone=TIMEZONE),
    start_date=schedules_from(),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["gongkai"],
)
def sweep_reports() -> None:
    """Sources -> archive, all report years."""

    @task(outlets=[ARCHIVE])
    def sweep() -> dict[str, Any]:
        """Collect without a year and name the years whose documents changed."""
        from gongkai.pipeline.collect import collect_sources

        context = get_current_context()
        run = collect_sources(None, run_id=context["run_id"])
        if not run.years_touched:
            raise AirflowSkipException("nothing changed at any source")  # an event without a key starts no load
        context["outlet_events"][ARCHIVE].add_partitions([str(year) for year in run.years_touched])
        return run.as_dict()

    sweep()


sweep_reports()
