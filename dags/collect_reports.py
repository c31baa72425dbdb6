"""Collect the reports of one report year from every source into the archive, yearly or by backfill.

The report year is the partition key: the run of 1 April asks for the year before, because the law has every report
published by 31 March. `airflow backfill create --dag-id collect_reports --from-date 2018-01-01 --to-date 2024-12-31`
makes one run for each year; each is followed by load_reports for the same year, also where a source failed: then the
run is red, and what the others gave is loaded.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronPartitionTimetable, TriggerRule, dag, get_current_context, task

from gongkai_common import ARCHIVE, DEFAULTS, TIMEZONE, YEAR_PARAM, report_year, schedules_from


@dag(
    schedule=CronPartitionTimetable("0 3 1 4 *", timezone=TIMEZONE, run_offset=-1, key_format="%Y"),
    start_date=schedules_from(),
    catchup=False,
    max_active_runs=2,
    default_args=DEFAULTS,
    params={"report_year": YEAR_PARAM},
    doc_md=__doc__,
    tags=["gongkai"],
)
def collect_reports() -> None:
    """Sources -> archive, one report year."""

    @task
    def plan() -> list[list[str]]:
        """Divide the sources into batches, those of one host in one."""
        from gongkai.pipeline.collect_batches import plan_batches

        context = get_current_context()
        return plan_batches([report_year(context)], context["run_id"])

    @task
    def collect(sources: list[str]) -> dict[str, int]:
        """Ask the sources of one batch for the year; a retry asks those only that have not ended."""
        from gongkai.pipeline.collect_batches import ask_batch

        context = get_current_context()
        return ask_batch([report_year(context)], sources, context["run_id"])

    # A batch that failed must not keep from being loaded what the others archived.
    @task(outlets=[ARCHIVE], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def summarise(batches: list[list[str]]) -> dict[str, Any]:
        """Tell in the log what became of each source, and make known that the year is to be loaded."""
        from gongkai.pipeline.collect_batches import made_known, sum_up

        context = get_current_context()
        year = report_year(context)
        summary = sum_up(batches, [year], context["run_id"])
        event = context["outlet_events"][ARCHIVE]
        event.extra = summary.counts()
        # Named although it is the key of the run already: a run started by param has no key, and starts no load.
        event.add_partitions(str(year))
        made_known(summary)
        return summary.as_dict()

    batches = plan()
    asked = collect.expand(sources=batches)
    asked >> summarise(batches)
    # A leaf that needs every batch: with it the run is red where a source failed.
    asked >> EmptyOperator(task_id="every_source_answered")


collect_reports()
