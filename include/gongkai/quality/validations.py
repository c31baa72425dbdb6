"""Validation results of Great Expectations as lasting data, and those of several groups of reports made one.

Great Expectations lists reports in the order of rows, which is that of their keys (gongkai.quality.deltas), each with
its unexpected value, and all of them. Of the values alone it lists the first 200, and counts the most common of these.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult

PARTIAL = 20
"""How far partial lists go."""
_VALUES = 200
"""How far the list of unexpected values goes: a constant of Great Expectations."""


def lasting(outcome: ExpectationSuiteValidationResult) -> dict[str, Any]:
    """A validation result as plain data, without the ids and times of this run: equal reports give an equal result."""
    plain: dict[str, Any] = outcome.to_json_dict()  # type: ignore[no-untyped-call]
    results = []
    for result in plain["results"]:
        config = {name: value for name, value in result["expectation_config"].items() if name != "id"}
        config["kwargs"] = {name: value for name, value in config["kwargs"].items() if name != "batch_id"}
        results.append(result | {"expectation_config": config})
    return {
        "success": plain["success"],
        "suite_name": plain["suite_name"],
        "results": results,
        "statistics": plain["statistics"],
        "meta": {"great_expectations_version": plain["meta"]["great_expectations_version"]},
    }


def merged(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Make one result of those of a template over groups of reports: what one run over all the reports gives.

    Args:
        results: Lasting results; no report is in two of them. However reports are grouped and groups are ordered, the
            outcome is the same.

    Raises:
        ValueError: There are no results, or they are not of the same expectations and Great Expectations.
    """
    if not results:
        raise ValueError("no validation results to merge")
    first = results[0]
    for other in results[1:]:
        if _asked(other) != _asked(first):
            raise ValueError(f"results of {other['suite_name']} and {first['suite_name']} are not of the same suite")
    merged_results = [_merged(list(same)) for same in zip(*(one["results"] for one in results), strict=True)]
    evaluated, successful = len(merged_results), sum(one["success"] for one in merged_results)
    return dict(first) | {
        "success": successful == evaluated,
        "results": merged_results,
        "statistics": {
            "evaluated_expectations": evaluated,
            "successful_expectations": successful,
            "unsuccessful_expectations": evaluated - successful,
            "success_percent": _percent(successful, evaluated),
        },
    }


def _asked(result: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a result answers, whatever the reports."""
    return result["suite_name"], result["meta"], [one["expectation_config"] for one in result["results"]]


def _merged(same: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The result of one expectation over all groups."""
    first, parts = same[0], [one["result"] for one in same]
    column, names = first["expectation_config"]["kwargs"]["column"], parts[0]["unexpected_index_column_names"]
    index = [entry for part in parts for entry in part["unexpected_index_list"]]
    index.sort(key=lambda entry: [entry[name] for name in names])
    values = [entry[column] for entry in index[:_VALUES]]
    elements, unexpected = (sum(part[name] for part in parts) for name in ("element_count", "unexpected_count"))
    found = {
        "element_count": elements,
        "unexpected_count": unexpected,
        "unexpected_percent": _percent(unexpected, elements),
        "partial_unexpected_list": values[:PARTIAL],
        "partial_unexpected_counts": _most_common(values),
        "partial_unexpected_index_list": index[:PARTIAL],
        "unexpected_list": values,
        "unexpected_index_list": index,
    }
    if "missing_count" in parts[0]:  # an expectation that leaves NULL aside
        missing = sum(part["missing_count"] for part in parts)
        of_present = _percent(unexpected, elements - missing)
        found |= {
            "unexpected_percent": of_present,
            "missing_count": missing,
            "missing_percent": _percent(missing, elements),
            "unexpected_percent_total": _percent(unexpected, elements),
            "unexpected_percent_nonmissing": of_present,
        }
    # a union keeps the order of names in the first, so that results are the same to the byte
    return dict(first) | {"success": all(one["success"] for one in same), "result": parts[0] | found}


def _most_common(values: Sequence[Any]) -> list[dict[str, Any]]:
    """The most common values with their numbers; NULLs are NaN to Great Expectations, each another value."""
    counts = Counter(float("nan") if value is None else value for value in values).most_common(PARTIAL)
    counts.sort(key=lambda counted: (-counted[1], counted[0]))
    return [{"value": None if math.isnan(value) else value, "count": n} for value, n in counts]


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None
