"""What the DAG files share: the assets, the answer to "which report year?", and how failures are retried.

It stands beside the DAGs because it speaks Airflow, which include/gongkai/ never imports; the dags folder is on the
path of every Airflow process. `.airflowignore` keeps the DAG processor from reading it as a DAG file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule

from gongkai.errors import BlockedError, DocumentError, GateError, GoneError, RunError, SourceError
from gongkai.settings import TIMEZONE

__all__ = [
    "ARCHIVE",
    "DECISIONS",
    "DEFAULTS",
    "LAKE",
    "RELEASE",
    "TIMEZONE",
    "YEAR_PARAM",
    "report_year",
    "schedules_from",
]

ARCHIVE = Asset(name="gongkai_archive", uri="x-gongkai://archive")
"""Raw documents of one report year changed."""
DECISIONS = Asset(name="gongkai_decisions", uri="x-gongkai://decisions")
"""A reviewer decided on reports of one report year."""
LAKE = Asset(name="gongkai_lake", uri="x-gongkai://lake")
"""The Parquet partition of one report year was settled."""
RELEASE = Asset(name="gongkai_release", uri="x-gongkai://release")
"""A release was published: what dashboards may follow."""

YEAR_PARAM = Param(
    None,
    type=["null", "integer"],
    minimum=2008,
    maximum=2100,
    description="Report year, for a run started by hand without a partition key",
)

RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule([GoneError, DocumentError], RetryAction.FAIL, reason="asking again gives the same answer"),
        RetryRule([GateError, RunError], RetryAction.FAIL, reason="needs a person: settings, contract or gate"),
        RetryRule(BlockedError, RetryAction.RETRY, timedelta(minutes=30), reason="the portal refuses us for now"),
        RetryRule(SourceError, RetryAction.RETRY, timedelta(minutes=5), reason="the portal is in trouble"),
        RetryRule([TimeoutError, ConnectionError], RetryAction.RETRY, timedelta(seconds=30), reason="timed out"),
    ]
)
"""The first rule that matches wins; what matches none follows `retry_delay` of DEFAULTS."""

DEFAULTS: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES}
"""Default arguments of every task."""


def schedules_from() -> datetime | None:
    """Return the moment before which no run is scheduled (GONGKAI_SCHEDULES_FROM, ISO date), or None.

    After a backfill Airflow takes the newest backfilled year for the last one done and at once schedules the newest
    tick that is past; who wants just the years asked for sets a date in the future. Backfills do not mind it.
    """
    text = os.environ.get("GONGKAI_SCHEDULES_FROM")
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TIMEZONE)) if text else None


def report_year(context: Mapping[str, Any]) -> int:
    """Say which report year a task works on: the partition key of its run, else the param `report_year`.

    Args:
        context: The context of the running task.

    Raises:
        RunError: The run has neither, or a key that is no year.
    """
    key = context["dag_run"].partition_key or context["params"].get("report_year")
    if key is None or not re.fullmatch(r"20\d\d", str(key)):
        raise RunError(
            "the run does not say which report year it is for",
            where=f"{context['dag_run'].dag_id} {context['dag_run'].run_id}",
            found=repr(key),
            expected="a partition key or the param report_year such as 2024",
            do='use `airflow backfill create` with a range of years, or trigger with the conf {"report_year": 2024}',
        )
    return int(key)
