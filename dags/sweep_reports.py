"""Ask every source daily, in the season of publication, what changed since last time; load just the years touched.

January to June: reports are due by 31 January and 31 March, corrections follow. The partition keys of the archive
asset are known only when the sources were asked: one for each year in which a document is new or revised, none on a
quiet day. A source that fails makes the run red and holds up nothing that the others gave.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TriggerRule, dag, get_current_context, task
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

    @task
    def plan() -> list[list[str]]:
        """Divide the sources into batches, those of one host in one."""
        from gongkai.pipeline.collect_batches import plan_batches

        return plan_batches(None, get_current_context()["run_id"])

    @task
    def sweep(sources: list[str]) -> dict[str, int]:
        """Ask the sources of one batch for all years; a retry asks those only that have not ended."""
        from gongkai.pipeline.collect_batches import ask_batch

        return ask_batch(None, sources, get_current_context()["run_id"])

    # A batch that failed must not keep from being loaded what the others archived.
    @task(outlets=[ARCHIVE], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def summarise(batches: list[list[str]]) -> dict[str, Any]:
        """Tell in the log what became of each source, and name the years whose documents changed."""
        from gongkai.pipeline.collect_batches import made_known, sum_up

        context = get_current_context()
        summary = sum_up(batches, None, context["run_id"])
        made_known(summary)
        if not summary.years_touched:
            raise AirflowSkipException("nothing changed at any source")  # an event without a key starts no load
        event = context["outlet_events"][ARCHIVE]
        event.extra = summary.counts()
        event.add_partitions([str(year) for year in summary.years_touched])
        return summary.as_dict()

    batches = plan()
    asked = sweep.expand(sources=batches)
    asked >> summarise(batches)
    # A leaf that needs every batch: with it the run is red where a source failed.
    asked >> EmptyOperator(task_id="every_source_answered")


sweep_reports()
