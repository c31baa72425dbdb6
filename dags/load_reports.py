"""Load one report year: extract what is new in the archive, check it, settle it into the lake.

Follows the archive asset, and what reviewers decide, with the same partition key. Extracting is mapped over batches of
documents; settling writes the lake, one year at a time (pool `lake`): a year's rules reach into the year after it.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import PartitionedAssetTimetable, TriggerRule, dag, get_current_context, task

from gongkai_common import ARCHIVE, DECISIONS, DEFAULTS, LAKE, YEAR_PARAM, report_year


@dag(
    schedule=PartitionedAssetTimetable(assets=ARCHIVE | DECISIONS),
    catchup=False,
    max_active_runs=4,
    default_args=DEFAULTS,
    params={"report_year": YEAR_PARAM},
    doc_md=__doc__,
    tags=["gongkai"],
)
def load_reports() -> None:
    """Archive -> lake, one report year."""

    @task
    def plan() -> list[list[str]]:
        """List the documents of the year that are not extracted yet, in batches; none is a good answer."""
        from gongkai.pipeline.load import plan_extract

        return plan_extract(report_year(get_current_context()))

    @task
    def extract(shas: list[str]) -> dict[str, Any]:
        """Read one batch of documents; a document that cannot be read gets its reason, and the rest goes on."""
        from gongkai.pipeline.load import extract_batch

        return extract_batch(report_year(get_current_context()), shas)

    # Nothing to extract skips the mapped task, and settling goes on: decisions or rules may have changed.
    @task(outlets=[LAKE], pool="lake", trigger_rule=TriggerRule.NONE_FAILED)
    def settle() -> dict[str, Any]:
        """Check all rules over the year, choose the revisions in force, write the partition of the lake."""
        from gongkai.pipeline.load import settle_year

        context = get_current_context()
        year = report_year(context)
        counts = settle_year(year)
        context["outlet_events"][LAKE].add_partitions(str(year))
        return counts

    extract.expand(shas=plan()) >> settle()


load_reports()
