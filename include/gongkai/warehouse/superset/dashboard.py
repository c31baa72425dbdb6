"""The dashboard of Superset: where its charts stand, and the filters above them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongkai.warehouse.superset.model import Chart, Filter, Plan, Row, Words

Say = Callable[[Words], str]
Id = Callable[[str, str], str]


def position(plan: Plan, say: Say, uuid: Id) -> dict[str, Any]:
    """Return the layout: the root, a grid, and in it the rows in order.

    Args:
        plan: What the dashboard shows.
        say: Writes a text in the language chosen.
        uuid: The uuid of a thing by its kind and name.
    """
    charts = {chart.name: (number, chart) for number, chart in enumerate(plan.charts, 1)}
    nodes: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": say(plan.dashboard)}},
    }
    children = []
    for number, row in enumerate(plan.dashboard.rows, 1):
        if row.heading is not None:
            name = f"HEADER-{number}"
            meta = {"text": say(row.heading), "headerSize": "MEDIUM_HEADER", "background": "BACKGROUND_TRANSPARENT"}
            nodes[name] = _node("HEADER", name, meta, ["ROOT_ID", "GRID_ID"])
        else:
            name = f"ROW-{number}"
            inside = _text(row, number, say) if row.text else _charts(row, charts, say, uuid)
            nodes |= {one["id"]: one | {"parents": ["ROOT_ID", "GRID_ID", name]} for one in inside}
            meta = {"background": "BACKGROUND_TRANSPARENT"}
            nodes[name] = _node("ROW", name, meta, ["ROOT_ID", "GRID_ID"], [one["id"] for one in inside])
        children.append(name)
    nodes["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": children, "parents": ["ROOT_ID"]}
    return nodes


def metadata(plan: Plan, say: Say, uuid: Id) -> dict[str, Any]:
    """Return what the dashboard keeps beside its layout: filters, colours, no refresh of its own."""
    return {
        "native_filter_configuration": [_filter(one, say, uuid) for one in plan.dashboard.filters],
        "chart_configuration": {},
        "global_chart_configuration": {},
        "cross_filters_enabled": True,
        "color_scheme": "supersetColors",
        "refresh_frequency": 0,
        "timed_refresh_immune_slices": [],
        "expanded_slices": {},
        "label_colors": {},
    }


def _node(
    kind: str, name: str, meta: dict[str, Any], parents: list[str], children: list[str] | None = None
) -> dict[str, Any]:
    return {"type": kind, "id": name, "meta": meta, "parents": parents, "children": children or []}


def _text(row: Row, number: int, say: Say) -> list[dict[str, Any]]:
    assert row.text is not None
    meta = {"code": say(row.text), "height": row.height, "width": 12}
    return [_node("MARKDOWN", f"MARKDOWN-{number}", meta, [])]


def _charts(row: Row, charts: dict[str, tuple[int, Chart]], say: Say, uuid: Id) -> list[dict[str, Any]]:
    found = []
    for name, width in row.charts.items():
        number, chart = charts[name]
        # The number joins this place with the chart's uuid while Superset imports; it then has one of its own.
        meta = {
            "chartId": number,
            "uuid": uuid("chart", name),
            "sliceName": say(chart),
            "width": width,
            "height": row.height,
        }
        found.append(_node("CHART", f"CHART-{name}", meta, []))
    return found


def _filter(one: Filter, say: Say, uuid: Id) -> dict[str, Any]:
    state: dict[str, Any] = {"extraFormData": {}, "filterState": {}, "ownState": {}}
    if one.first is not None:
        state["extraFormData"] = {"filters": [{"col": one.column, "op": "IN", "val": [one.first]}]}
        state["filterState"] = {"value": [one.first], "label": one.first, "validateStatus": False}
    single = one.pick == "one"
    first = single and one.first is None
    return {
        "id": f"NATIVE_FILTER-{one.name}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": say(one),
        "description": "",
        "targets": [{"datasetUuid": uuid("dataset", one.table), "column": {"name": one.column}}],
        "defaultDataMask": state,
        "cascadeParentIds": [f"NATIVE_FILTER-{one.after}"] if one.after else [],
        "requiredFirst": first,  # charts wait for the value; without it, it would wait for a press of Apply
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "controlValues": {
            "multiSelect": not single,
            "enableEmptyFilter": single,
            "defaultToFirstItem": first,
            "inverseSelection": False,
            "searchAllOptions": False,
            "sortAscending": True,
        },
    }
