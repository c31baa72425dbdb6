"""The numbers of schema mart, computed a second time: plain Python over the truth of each report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Key = tuple[str, str, str]
Rows = dict[tuple[Any, ...], tuple[Any, ...]]
"""The numbers of a view by the values that name its row."""

ENDS = ("received", "carried_in", "resolved_total", "carried_out")
STOCKS = ("in_force", "total_public", "prior_items")


@dataclass(frozen=True)
class Agency:
    """What the release says of an agency."""

    agency_id: str
    level: str | None
    kind: str | None
    region_code: str | None


@dataclass(frozen=True)
class Stated:
    """One report as printed; cells without a number are left out of `numbers`."""

    agency: Agency
    year: int
    template: str
    cells: tuple[Key, ...]
    numbers: dict[Key, Decimal]
    violations: tuple[str, ...] = ()

    def total(self, row: str) -> int | None:
        found = self.numbers.get(("applications", row, "total"))
        return None if found is None else int(found)

    def rows(self, table: str) -> list[str]:
        return list(dict.fromkeys(row for name, row, _ in self.cells if name == table))

    def group(self, name: str) -> int | None:
        """The sum of the numbers in a group of outcomes, None where it has none."""
        found = [self.total(row) for row in self.rows("applications") if row.split(".")[0] == name]
        return sum(one for one in found if one is not None) if any(one is not None for one in found) else None


def share(part: int | None, whole: int | None, digits: int = 4) -> float | None:
    return None if part is None or not whole else round(part / whole, digits)


def plus(*found: int | None) -> int | None:
    return None if any(one is None for one in found) else sum(one for one in found if one is not None)


def some(found: Iterable[int | None]) -> int | None:
    """What SQL's sum gives: numbers alone, None where there are none."""
    numbers = [one for one in found if one is not None]
    return sum(numbers) if numbers else None


def recompute(reports: list[Stated]) -> dict[str, Rows]:
    """Every view that can be told from the reports alone: rows by view, key and numbers."""
    with_applications = [report for report in reports if report.rows("applications")]
    by_key = {(report.agency.agency_id, report.year): report for report in with_applications}
    views: dict[str, Rows] = defaultdict(dict)
    for report in with_applications:
        key = (report.year, report.agency.agency_id)
        received, carried_in, resolved, carried_out = map(report.total, ENDS)
        granted, partial = report.total("granted"), report.total("partial")
        groups = [report.group(name) for name in ("refused", "unavailable", "declined", "other")]
        missing = sum(report.total(row) is None for row in report.rows("applications"))
        views["applications_by_year"][key] = (
            *(received, carried_in, granted, partial, *groups, resolved, carried_out, missing),
        )
        zeros = plus(granted or 0, partial or 0)
        views["disclosure_rate"][key] = (share(plus(granted, partial), resolved), share(zeros, resolved))
        outcomes = [row for row in report.rows("applications") if row not in ENDS]
        for row in outcomes:
            views["disposal"][*key, row] = (report.total(row), resolved, share(report.total(row), resolved))
        not_provided = plus(*(report.total(row) for row in outcomes if row.startswith("unavailable.")))
        not_held = report.total("unavailable.not_held")
        views["not_held_share"][key] = (
            *(not_held, not_provided, resolved, share(not_held, resolved), share(not_provided, resolved)),
        )
        before = by_key.get((report.agency.agency_id, report.year - 1))
        last = before.total("carried_out") if before else None
        earlier = [year for agency, year in by_key if agency == report.agency.agency_id and year < report.year]
        since = report.year - max(earlier) if earlier else None
        views["agency_series"][key] = (since, received, carried_in, resolved, carried_out)
        workload = plus(received, carried_in)
        gap = plus(carried_in, None if last is None else -last)
        views["backlog"][key] = (workload, share(carried_out, workload), last, gap)
        if before:
            views["year_on_year"][key] = (*_changes(report, before),)
        for procedure in report.rows("review"):
            views["correction_rates"][*key, procedure] = _corrections(report, procedure)
    views |= _summed(with_applications)
    views |= _proactive(reports)
    views["publisher_error_counts"] = {
        (report.year, report.agency.agency_id): (len([one for one in report.violations if not _warns(one)]),)
        for report in reports
    }
    return views


def _warns(rule: str) -> bool:
    return rule.split(":", maxsplit=1)[0] in {"narrative", "stock"}


def _changes(report: Stated, before: Stated) -> Iterator[Any]:
    for row in ("received", "resolved_total", "carried_out"):
        now, then = report.total(row), before.total(row)
        change = plus(now, None if then is None else -then)
        yield change
        if row == "received":
            yield share(change, then)


def _corrections(report: Stated, procedure: str) -> tuple[Any, ...]:
    def of(column: str) -> int | None:
        found = report.numbers.get(("review", procedure, column))
        return None if found is None else int(found)

    decided = plus(of("upheld"), of("corrected"), of("other"))
    resolved, cases = report.total("resolved_total"), of("total")
    rate = share(None if cases is None else 1000 * cases, resolved, 2)
    return of("corrected"), decided, of("pending"), cases, share(of("corrected"), decided), rate


def _summed(reports: list[Stated]) -> dict[str, Rows]:
    levels: dict[tuple[Any, ...], list[Stated]] = defaultdict(list)
    regions: dict[tuple[Any, ...], list[Stated]] = defaultdict(list)
    for report in reports:
        levels[report.year, report.agency.level, report.agency.kind].append(report)
        if report.agency.region_code:
            regions[report.year, report.agency.region_code].append(report)
    views: dict[str, Rows] = defaultdict(dict)
    for key, found in levels.items():
        received, carried_in, resolved, carried_out = ([one.total(row) for one in found] for row in ENDS)
        views["applications_by_level"][key] = (
            *(len(found), sum(one is not None for one in received), some(received), some(carried_in)),
            *(some(resolved), some(carried_out), some(one.group("refused") for one in found)),
        )
        refused = 0
        for row in sorted({row for one in found for row in one.rows("applications") if row not in ENDS}):
            both = [(one.total(row), one.total("resolved_total")) for one in found]
            whole = [(cases, all_of) for cases, all_of in both if cases is not None and all_of is not None]
            if whole:
                cases, all_of = sum(one for one, _ in whole), sum(one for _, one in whole)
                views["disposal_by_year"][*key, row] = (len(whole), cases, all_of, share(cases, all_of))
                refused += cases if row.startswith("refused.") else 0
        for (*place, row), numbers in list(views["disposal_by_year"].items()):
            if tuple(place) == key and row.startswith("refused."):
                views["refusal_grounds"][*place, row] = (numbers[1], refused, share(numbers[1], refused))
    for key, found in regions.items():
        own = [one for one in found if one.agency.kind == "government"]
        if own:
            views["applications_by_region"][key] = (len(own), *_of_region(own if len(own) == 1 else []))
        if len(own) <= 1:
            chosen = own or found
            views["region_totals"][key] = (len(chosen), *_of_region(chosen))
    return views


def _of_region(reports: list[Stated]) -> tuple[int | None, ...]:
    return tuple(some(one.total(row) for one in reports) for row in ("received", "resolved_total", "carried_out"))


def _proactive(reports: list[Stated]) -> dict[str, Rows]:
    views: dict[str, Rows] = defaultdict(dict)
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(list)
    by_key = {(one.agency.agency_id, one.year): one for one in reports if one.template == "2021"}
    for report in reports:
        place = (report.year, report.template, report.agency.level, report.agency.kind)
        for (table, row, column), number in report.numbers.items():
            if table == "proactive" and column != "amount_cny":
                sums[*place, row, column].append(number)
        before = by_key.get((report.agency.agency_id, report.year - 1))
        for row in ("regulations", "normative_documents") if report.template == "2021" else ():
            issued, repealed, in_force = (
                None if (found := report.numbers.get(("proactive", row, column))) is None else int(found)
                for column in ("issued", "repealed", "in_force")
            )
            last = before.numbers.get(("proactive", row, "in_force")) if before else None
            stock = None if last is None else int(last)
            due = plus(stock, issued, None if repealed is None else -repealed)
            gap = plus(in_force, None if due is None else -due)
            views["normative_stock"][report.year, report.agency.agency_id, row] = (stock, in_force, gap)
        for row in report.rows("proactive"):
            view, columns = (
                ("proactive_2021", ("issued", "in_force", "decisions"))
                if report.template == "2021"
                else ("proactive_2019", ("made", "total_public", "decisions", "change"))
            )
            numbers = [report.numbers.get(("proactive", row, column)) for column in columns]
            views[view][report.year, report.agency.agency_id, row] = tuple(numbers)
    views["proactive_by_year"] = {
        key: (len(found), sum(found, Decimal(0)), key[-1] in STOCKS) for key, found in sums.items()
    }
    return views


_COUNTS = (
    "received, carried_in, granted, partial, refused, unavailable, declined, other, resolved, carried_out, "
    "n_without_number"
)
QUERIES = {
    "agency_series": ("report_year, agency_id", "years_since, received, carried_in, resolved, carried_out"),
    "applications_by_year": ("report_year, agency_id", _COUNTS),
    "disclosure_rate": ("report_year, agency_id", "rate, rate_if_blank_is_zero"),
    "disposal": ("report_year, agency_id, row_code", "cases, resolved, share"),
    "not_held_share": (
        "report_year, agency_id",
        "not_held, unavailable, resolved, not_held_share, unavailable_share",
    ),
    "backlog": ("report_year, agency_id", "workload, backlog_share, carried_out_before, carry_over_gap"),
    "year_on_year": (
        "report_year, agency_id",
        "received_change, received_growth, resolved_change, carried_out_change",
    ),
    "correction_rates": (
        "report_year, agency_id, procedure",
        "corrected, decided, pending, cases, correction_rate, cases_per_1000",
    ),
    "applications_by_level": (
        "report_year, level, kind",
        "n_reports, n_received, received, carried_in, resolved, carried_out, refused",
    ),
    "disposal_by_year": ("report_year, level, kind, row_code", "n_reports, cases, resolved, share"),
    "refusal_grounds": ("report_year, level, kind, row_code", "refused, refused_all, share"),
    "applications_by_region": ("report_year, region_code", "n_governments, received, resolved, carried_out"),
    "region_totals": ("report_year, region_code", "n_reports, received, resolved, carried_out"),
    "normative_stock": ("report_year, agency_id, row_code", "in_force_before, in_force, stock_gap"),
    "proactive_2021": ("report_year, agency_id, row_code", "issued, in_force, decisions"),
    "proactive_2019": ("report_year, agency_id, row_code", "made, total_public, decisions, change"),
    "proactive_by_year": (
        "report_year, template, level, kind, row_code, measure",
        "n_reports, amount, is_stock",
    ),
    "publisher_error_counts": ("report_year, agency_id", "errors"),
}
"""What is compared of each view: the columns that name a row, and those with numbers."""
