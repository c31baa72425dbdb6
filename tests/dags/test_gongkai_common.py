from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from gongkai.errors import (
    BlockedError,
    ContractError,
    DamagedDocumentError,
    GateError,
    GoneError,
    NotAReportError,
    RunError,
    SourceError,
)
from gongkai.settings import ROOT


@pytest.fixture(scope="module")
def common(airflow_home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(airflow_home.folder))
        patch.syspath_prepend(ROOT / "dags")
        import gongkai_common

        yield gongkai_common


def context(key, params=None):
    run = SimpleNamespace(partition_key=key, dag_id="load_reports", run_id="manual__1")
    return {"dag_run": run, "params": params or {}}


def test_the_partition_key_says_the_year_even_against_a_param(common):
    assert common.report_year(context("2023", {"report_year": 2019})) == 2023


def test_a_run_without_a_key_takes_the_param(common):
    assert common.report_year(context(None, {"report_year": 2019})) == 2019


@pytest.mark.parametrize(
    ("key", "params"), [(None, {}), (None, {"report_year": None}), ("release", {}), ("2023-04-01", {})]
)
def test_a_run_without_a_year_fails_with_advice(common, key, params):
    with pytest.raises(RunError, match=r"load_reports manual__1.*airflow backfill create"):
        common.report_year(context(key, params))


@pytest.mark.parametrize(
    ("error", "action", "delay"),
    [
        (GoneError("404"), "fail", None),
        (NotAReportError("a budget"), "fail", None),
        (DamagedDocumentError("cut off"), "fail", None),
        (GateError("row_count"), "fail", None),
        (ContractError("broken"), "fail", None),
        (BlockedError("429"), "retry", timedelta(minutes=30)),
        (SourceError("502"), "retry", timedelta(minutes=5)),
        (TimeoutError("slow"), "retry", timedelta(seconds=30)),
        (ConnectionResetError("reset"), "retry", timedelta(seconds=30)),
        (ZeroDivisionError("a bug"), "default", None),
    ],
)
def test_the_exception_decides_on_the_retry(common, error, action, delay):
    decision = common.RETRIES.evaluate(error, try_number=1, max_tries=3)
    assert (decision.action.value, decision.retry_delay) == (action, delay)


def test_schedules_start_where_the_environment_says(common, monkeypatch):
    monkeypatch.delenv("GONGKAI_SCHEDULES_FROM", raising=False)
    assert common.schedules_from() is None
    monkeypatch.setenv("GONGKAI_SCHEDULES_FROM", "2030-01-02")
    assert common.schedules_from() == datetime(2030, 1, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
