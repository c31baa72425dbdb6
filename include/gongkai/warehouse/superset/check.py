"""Whether the charts and the dashboard of data_contracts/superset name only what there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gongkai.errors import ContractError
from gongkai.warehouse.superset.datasets import Source
from gongkai.warehouse.superset.model import Chart, Plan

# What a chart must say, by Superset's visualization.
_NEEDS = {
    "echarts_timeseries_bar": ("x", "metrics"),
    "echarts_timeseries_line": ("x", "metrics"),
    "pivot_table_v2": ("rows", "metrics"),
    "big_number_total": ("metrics",),
}


def check(plan: Plan, sources: dict[str, Source]) -> None:
    """Hold charts, rows and filters against the datasets.

    Raises:
        ContractError: A name is unknown or given twice, a chart lacks what its form needs, or stands nowhere.
    """
    metrics = {one.table: {metric.name for metric in one.metrics} for one in plan.datasets}
    where = str(plan.folder / "charts.yml")
    for chart in plan.charts:
        _known([chart.table], sources, f"dataset of chart {chart.name}", where)
        _known([chart.form], plan.forms, f"form of chart {chart.name}", where)
        columns = {one.name for one in sources[chart.table].columns}
        dimensions = [chart.x] if chart.x else []
        dimensions += [*chart.series, *chart.rows, *chart.across, *chart.columns, *chart.where]
        _known(dimensions, columns, f"column of chart {chart.name}", where)
        _known(chart.metrics, metrics[chart.table], f"metric of chart {chart.name}", where)
        shown = set(chart.columns) if chart.columns else set(chart.metrics)
        _known(chart.order, shown, f"order of chart {chart.name}", where)
        _complete(plan, chart, where)
    names = {one.name for one in plan.charts}
    where = str(plan.folder / "dashboard.yml")
    placed = [name for row in plan.dashboard.rows for name in row.charts]
    _known(placed, names, "chart of a row", where)
    _once([one.name for one in plan.charts], "chart", str(plan.folder / "charts.yml"))
    _once(placed, "chart of a row", where)
    _known(names, placed, "chart that no row shows", where)
    before: list[str] = []
    for one in plan.dashboard.filters:
        _known([one.table], sources, f"dataset of filter {one.name}", where)
        columns = {column.name for column in sources[one.table].columns}
        _known([one.column], columns, f"column of filter {one.name}", where)
        _known([one.after] if one.after else [], before, f"filter before {one.name}", where)
        before.append(one.name)
    _once(before, "filter", where)


def _complete(plan: Plan, chart: Chart, where: str) -> None:
    form = plan.forms[chart.form]
    raw = form.params.get("query_mode") == "raw"
    needs = _NEEDS.get(form.viz_type, ("columns",) if raw else ("rows", "metrics"))
    if missing := [one for one in needs if not getattr(chart, one)]:
        raise ContractError(
            f"chart {chart.name} lacks {', '.join(missing)}",
            where=where,
            expected=f"{', '.join(needs)} for the form {chart.form}",
        )


def _known(names: Iterable[str], known: Iterable[str], what: str, where: str) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            raise ContractError(
                f"unknown {what}", where=where, found=name, expected=", ".join(sorted(known)) or "none before it"
            )


def _once(names: list[str], what: str, where: str) -> None:
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise ContractError(f"a {what} is given twice", where=where, found=", ".join(twice))
