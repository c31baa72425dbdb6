"""The second engine: Great Expectations over frames of differences, one suite a template, one validation a call.

Great Expectations 1.24 takes NULL as passing and has no DuckDB dialect; so it judges pandas columns of differences,
which are NULL where there is no answer, and expectations of completeness report those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gongkai.errors import RunError
from gongkai.quality.deltas import DeltaFrame, delta_frames, frames_of
from gongkai.quality.rulebook import RuleBook
from gongkai.quality.sheets import sheet_of_wide
from gongkai.quality.validations import PARTIAL, lasting

if TYPE_CHECKING:
    import pyarrow as pa
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

SEVERITIES = {"error": "critical", "warning": "warning"}


@dataclass(frozen=True, slots=True)
class GxVerdicts:
    """What Great Expectations found.

    Attributes:
        failing: (report_key, rule id) of every rule that a report breaks.
        undecidable: (report_key, "family:table") where a rule of the family applies but cannot be decided by what is
            printed. A year before that is not known is no gap in a report and not among them.
        validations: By template, the validation result as Great Expectations gives it, without what differs between
            two runs over the same reports.
    """

    failing: frozenset[tuple[str, str]]
    undecidable: frozenset[tuple[str, str]]
    validations: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def judge(
    book: RuleBook, cells: pa.Table, previous: pa.Table, *, subjects: Collection[str] | None = None
) -> GxVerdicts:
    """Judge all reports by all rules; arguments are those of sql.judge, and are taken to have passed its checks.

    Raises:
        RunError: An expectation could not be evaluated: a broken check is never a verdict.
    """
    return _judge(book, delta_frames(book, cells, previous, subjects=subjects))


def judge_wide(book: RuleBook, now: Mapping[str, pa.Table], before: Mapping[str, pa.Table]) -> GxVerdicts:
    """Judge a year of wide tables by template (gongkai.quality.wide), after those of the year before.

    Raises:
        RunError: An expectation could not be evaluated.
    """
    sheet = sheet_of_wide(book, [*before.items(), *now.items()])
    links: dict[str, str] = {}
    for table in now.values():
        links |= dict(zip(table["report_key"].to_pylist(), table["previous_key"].to_pylist(), strict=True))
    return _judge(book, frames_of(book, sheet, links, list(links)))


def _judge(book: RuleBook, frames: Iterable[DeltaFrame]) -> GxVerdicts:
    context = _context()
    failing: set[tuple[str, str]] = set()
    undecidable: set[tuple[str, str]] = set()
    validations = {}
    for deltas in frames:
        outcome = _validate(context, book, deltas)
        for result in outcome.results:
            config: Any = result.expectation_config
            meta, column = config.meta, config.kwargs["column"]
            keys = [entry["report_key"] for entry in result.result.get("unexpected_index_list") or ()]
            if meta["asks"] == "complete":
                undecidable.update((key, meta["rule"]) for key in keys)
            elif meta["asks"] == "sum":
                failing.update((key, meta["rule"]) for key in keys)
            else:
                failing.update(_name_cells(deltas, column, set(keys)))
        validations[deltas.template] = lasting(outcome)
    return GxVerdicts(frozenset(failing), frozenset(undecidable), validations)


def suite_expectations(book: RuleBook, template: str) -> list[Any]:
    """The expectations of a template: each linear rule, each family of cell rules, each family's completeness."""
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
    from great_expectations.expectations.metadata_types import FailureSeverity

    expectations: list[Any] = []
    families: dict[str, tuple[FailureSeverity, bool]] = {}
    for rule in book.templates[template].expanded_rules:
        severity = FailureSeverity(SEVERITIES[rule.severity])
        families[f"{rule.family}:{rule.table}"] = (severity, bool(rule.check))
        if rule.terms:
            notes = {"format": "markdown", "content": [rule.explain.zh, rule.explain.en, rule.clause]}
            meta = {"rule": rule.id, "asks": "sum", "clause": rule.clause, "notes": notes}
            expectations.append(
                ExpectColumnValuesToBeInSet(column=rule.id, value_set=[0], severity=severity, meta=meta)
            )
    for family, (severity, of_cells) in families.items():
        if of_cells:
            meta = {"rule": family, "asks": "cells"}
            expectations.append(
                ExpectColumnValuesToBeInSet(column=f"broken:{family}", value_set=[0], severity=severity, meta=meta)
            )
        meta = {"rule": family, "asks": "complete"}
        expectations.append(
            ExpectColumnValuesToNotBeNull(column=f"complete:{family}", severity=FailureSeverity.INFO, meta=meta)
        )
    return expectations


def _context() -> EphemeralDataContext:
    """A context in memory that reports nothing to anybody and draws no progress bars."""
    import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    return great_expectations.get_context(mode="ephemeral", project_config=config)


def _validate(context: Any, book: RuleBook, deltas: DeltaFrame) -> ExpectationSuiteValidationResult:
    """Result of one validation, run on the batch itself: a ValidationDefinition would store a copy of each result."""
    import great_expectations

    name = f"template_{deltas.template}"
    definition = (
        context.data_sources.add_pandas(name).add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    )
    outcome: ExpectationSuiteValidationResult = definition.get_batch(
        batch_parameters={"dataframe": deltas.frame}
    ).validate(
        great_expectations.ExpectationSuite(name=name, expectations=suite_expectations(book, deltas.template)),
        result_format={
            "result_format": "COMPLETE",
            "partial_unexpected_count": PARTIAL,
            "unexpected_index_column_names": ["report_key"],
            "return_unexpected_index_query": False,
        },
    )
    for result in outcome.results:
        broken = _exception(result.exception_info)
        if broken or "element_count" not in result.result:
            config: Any = result.expectation_config
            raise RunError(
                "a check of Great Expectations is broken",
                where=f"template {deltas.template}, {config.type} of {config.kwargs['column']}",
                found=broken or "no result",
                do="this is a fault of the check, not of a report",
            )
    return outcome


def _exception(info: Any) -> str:
    """The exception in a result: told at once, or one a metric; "" for none."""
    if not isinstance(info, dict):
        return ""
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else ""
    return next((text for entry in info.values() if (text := _exception(entry))), "")


def _name_cells(deltas: DeltaFrame, column: str, keys: set[str]) -> set[tuple[str, str]]:
    """(report_key, rule id) of the cell rules broken by the reports that a family's expectation named."""
    named = deltas.frame["report_key"].isin(keys).to_numpy()
    reports = deltas.frame["report_key"]
    return {(str(key), rule_id) for rule_id, broken in deltas.breaks[column].items() for key in reports[named & broken]}
