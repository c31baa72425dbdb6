"""Charts of Superset: the parameters that its editor shows, and the query that its API runs."""

from __future__ import annotations

import json
from typing import Any

from gongkai.warehouse.superset.model import Chart, Form

Params = dict[str, Any]


def params(chart: Chart, form: Form) -> Params:
    """Return the parameters of a chart, as Superset's editor keeps them.

    What is the same for every chart of a form stands in data_contracts/superset; the chart's own come last.
    """
    own: Params = {"viz_type": form.viz_type, "adhoc_filters": [_adhoc_filter(*one) for one in chart.where.items()]}
    if chart.x is not None:
        own |= {"x_axis": chart.x, "metrics": chart.metrics, "groupby": chart.series}
    elif chart.columns:
        own |= {"all_columns": chart.columns, "order_by_cols": [json.dumps(one) for one in _order(chart)]}
    elif form.viz_type == "pivot_table_v2":
        own |= {"groupbyRows": chart.rows, "groupbyColumns": chart.across, "metrics": chart.metrics}
    elif form.viz_type == "big_number_total":
        own |= {"metric": chart.metrics[0]}
    else:
        own |= {"groupby": chart.rows, "metrics": chart.metrics}
        if chart.order:
            own["timeseries_limit_metric"] = next(iter(chart.order))
    return {**form.params, **own, **chart.params}


def query_context(chart: Chart, form: Form) -> Params:
    """Return the query that Superset's API runs for a chart; its editor would save the same."""
    shown = params(chart, form)
    columns: list[Any] = [*chart.series, *chart.rows, *chart.across, *chart.columns]
    query: Params = {
        "filters": [_filter(*one) for one in chart.where.items()],
        "extras": {"having": "", "where": ""},
        "applied_time_extras": {},
        "columns": columns,
        "orderby": _order(chart) or [[name, False] for name in chart.metrics[:1]],
        "annotation_layers": [],
        "row_limit": shown.get("row_limit", 1000),
        "series_limit": 0,
        "order_desc": True,
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }
    if chart.metrics:
        query["metrics"] = chart.metrics
    if chart.x is not None:
        axis = {"columnType": "BASE_AXIS", "expressionType": "SQL", "label": chart.x, "sqlExpression": chart.x}
        query |= {"columns": [axis, *columns], "series_columns": chart.series, "post_processing": _by_axis(chart)}
    return {
        "datasource": {"id": 0, "type": "table"},  # Superset fills in its own number on import
        "force": False,
        "queries": [query],
        "form_data": shown,
        "result_format": "json",
        "result_type": "full",
    }


def _by_axis(chart: Chart) -> list[Params]:
    """One row for each value of the axis, one column for each metric and series."""
    pivot = {
        "index": [chart.x],
        "columns": chart.series,
        "aggregates": {metric: {"operator": "mean"} for metric in chart.metrics},
        "drop_missing_columns": False,
    }
    return [{"operation": "pivot", "options": pivot}, {"operation": "flatten"}]


def _order(chart: Chart) -> list[list[Any]]:
    return [[name, direction == "ascending"] for name, direction in chart.order.items()]


def _filter(column: str, value: str | int | bool) -> Params:
    if isinstance(value, bool):
        return {"col": column, "op": f"IS {str(value).upper()}"}
    return {"col": column, "op": "==", "val": value}


def _adhoc_filter(column: str, value: str | int | bool) -> Params:
    given = _filter(column, value)
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": given["op"],
        "operatorId": "EQUALS" if given["op"] == "==" else given["op"].replace(" ", "_"),
        "comparator": given.get("val"),
        "filterOptionName": f"filter_{column}",
        "isExtra": False,
        "isNew": False,
    }
