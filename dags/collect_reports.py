"""Collect the reports of one report year from every source into the archive, yearly or by backfill.

The report year is the partition key: the run of 1 April asks for the year before, because the law has every report
published by 31 March. `airflow backfill create --dag-id collect_reports --from-date 2018-01-01 --to-date 2024-12-31`
makes one run for each year; each is followed by load_reports for the same year.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronPartitionTimetable, dag, get_current_context, task

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

    @task(outlets=[ARCHIVE])
    def collect() -> dict[str, Any]:
        """Ask every source for the year; each listed report gets a fate, also where nothing is new."""
        from gongkai.pipeline.collect import collect_sources

        context = get_current_context()
        year = report_year(context)
        run = collect_sources([year], run_id=context["run_id"])
        # Named although it is the key of the run already: a run started by param has no key, and starts no load.
        context["outlet_events"][ARCHIVE].add_partitions(str(year))
        return run.as_dict()

    collect()


collect_reports()
