"""Publish the lake as one DuckDB release, one at a time.

Follows the lake asset. Every year maps to the one key `release`, so that events which wait together make one run.
Runs that queue up behind a running one are coalesced too: a run that sees a younger one waiting leaves the work to it.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import FixedKeyMapper, PartitionedAssetTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from gongkai_common import DEFAULTS, LAKE, RELEASE


@dag(
    schedule=PartitionedAssetTimetable(assets=LAKE, default_partition_mapper=FixedKeyMapper("release")),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["gongkai"],
)
def publish_warehouse() -> None:
    """Lake -> release."""

    @task(outlets=[RELEASE], pool="publish")
    def publish() -> dict[str, Any]:
        """Build a release aside, pass it through the gates, flip the pointer; an unchanged lake gives no release."""
        from gongkai.pipeline.publish import publish

        ti = get_current_context()["ti"]
        if ti.get_dr_count(ti.dag_id, states=["queued"]):
            raise AirflowSkipException("a younger run waits and will publish what this one would, and more")
        return publish()

    publish()


publish_warehouse()
