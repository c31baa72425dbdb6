"""The first engine: rules as DuckDB SQL over wide tables, a template and a year at a time.

Measured against one long relation of cells and one aggregation: 30 times the reports a second, and memory that depends
on one year alone.
"""

# ruff: noqa: S608 - names come from contracts

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gongkai.contracts.template import TemplateContract
from gongkai.quality.before import Rules, link, make_before
from gongkai.quality.coverage import coverage_of, printed_cells
from gongkai.quality.faults import refuse_bad_cells, refuse_bad_links
from gongkai.quality.model import Outcome, Reason, RuleCoverage
from gongkai.quality.relations import register_book, register_keys
from gongkai.quality.rulebook import NumberedRule, RuleBook
from gongkai.quality.statements import (
    EXACT,
    OUTCOMES,
    REASONS,
    WHOLE_TYPES,
    Layout,
    all_plain,
    check_statement,
    judge_statement,
    needed_before,
    needed_now,
    place_of,
    quoted,
    sum_statement,
    unread_statement,
)
from gongkai.quality.wide import ABSENT, layout, pivot

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Tell = Literal["all", "worth_showing"]
"""Which verdicts are written out: all but plain passes, or only those somebody can act on. All are counted."""


@dataclass(frozen=True, slots=True)
class SqlVerdicts:
    """What the SQL engine found.

    Attributes:
        table: Every verdict but plain passes, ordered by report_key and rule number: report_key string, rule int32
            (index in the book), outcome, reason, attribution string, printed, expected decimal128(38, 6),
            seen int64 (mask of the rule's cells that the forms have).
        coverage: One per rule of the book that was asked.
    """

    table: pa.Table
    coverage: tuple[RuleCoverage, ...]


@dataclass(frozen=True, slots=True)
class WideYear:
    """Reports of one year as wide Parquet (gongkai.quality.wide), a file a template; links lead to the year before."""

    year: int
    files: Mapping[str, str]


def judge(
    book: RuleBook,
    cells: pa.Table,
    previous: pa.Table,
    *,
    subjects: Collection[str] | None = None,
    certain: Collection[str] = (),
    tell: Tell = "all",
) -> SqlVerdicts:
    """Judge all reports by all rules.

    Args:
        book: The rules.
        cells: report_key, template, table, row, column, state string; value decimal128(24, 6); one row per cell of
            the form as printed.
        previous: report_key, previous_key string: the agency's report of the year before.
        subjects: Reports to judge; None for all that have cells. The others only lend their cells to the next year.
        certain: Reports whose reading is beyond doubt.
        tell: Which verdicts are written out.

    Raises:
        RunError: The cells contradict the contracts, themselves, or the subjects.
    """
    wanted = None if subjects is None else set(subjects)
    with _connection() as con:
        con.register("cells", cells)
        con.register("previous", previous)
        register_book(con, book)
        register_keys(con, "wanted", cells if wanted is None else None, wanted or ())
        refuse_bad_links(con)
        refuse_bad_cells(con)
        links = dict(zip(previous["report_key"].to_pylist(), previous["previous_key"].to_pylist(), strict=True))
        wide = pivot(book, cells, links, wanted)
        for code, table in wide.items():
            con.register(f"given_{code}", table)
        register_keys(con, "certain", None, certain)
        sources = {code: quoted(f"given_{code}") for code in wide}
        make_before(con, book, sources, book.rules)
        subjects_of = {code: f"(FROM {source} WHERE is_subject)" for code, source in sources.items()}
        return _judge_one(con, book, subjects_of, book.rules, tell)


def judge_years(
    book: RuleBook,
    years: Iterable[WideYear],
    *,
    rules: Collection[str] | None = None,
    certain: Collection[str] = (),
    memory_limit: str = "2GB",
    tell: Tell = "worth_showing",
) -> Iterator[tuple[int, SqlVerdicts]]:
    """Judge years of wide Parquet, one after the other, by all rules or only by some: a changed rule is replayed alone.

    Args:
        book: The rules.
        years: In order; a report's year before is looked for in the year given before its own.
        rules: Ids of the rules to ask; None for all. Only columns that they need are read.
        certain: Reports whose reading is beyond doubt.
        memory_limit: Most memory that DuckDB takes before it writes to disk.
        tell: Which verdicts are written out.
    """
    with _connection(memory_limit=memory_limit) as con:
        register_keys(con, "certain", None, certain)
        asked = [numbered for numbered in book.rules if rules is None or numbered.rule.id in rules]
        register_book(con, book)
        make_before(con, book, {}, asked)
        for one in years:
            sources = {
                code: f"read_parquet('{path.replace(chr(39), chr(39) * 2)}')" for code, path in one.files.items()
            }
            yield one.year, _judge_one(con, book, sources, asked, tell)
            make_before(con, book, sources, asked)


@contextmanager
def _connection(**settings: str) -> Iterator[duckdb.DuckDBPyConnection]:
    import tempfile

    import duckdb

    with tempfile.TemporaryDirectory(prefix="gongkai-check-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
            **settings,
        }
        with duckdb.connect(":memory:", config=config) as con:
            yield con


def _judge_one(
    con: duckdb.DuckDBPyConnection, book: RuleBook, sources: Mapping[str, str], asked: Rules, tell: Tell
) -> SqlVerdicts:
    """Judge the reports of some relations by template, against the table `before`."""
    con.execute(_VERDICTS)
    patterns: dict[str, list[tuple[str, int]]] = {}
    unlinked: dict[str, list[tuple[str, int]]] = {}
    for code, source in sources.items():
        names = layout(book, code)
        count = f"SELECT states, count(*) FROM {source} AS now {{}} GROUP BY states"
        patterns[code] = con.execute(count.format("")).fetchall()
        if tell == "worth_showing":
            alone = "ANTI JOIN before ON before.report_key = now.previous_key"
            unlinked[code] = con.execute(count.format(alone)).fetchall()
        printed = printed_cells(patterns[code], names)
        places = Layout(
            {name: at for at, name in enumerate(names)},
            {name: at for at, name in enumerate(needed_before(asked))},
            _mixes(book.templates[code], names, [states for states, _ in patterns[code]]),
        )
        of_template = [n for n in asked if n.template == code and place_of(n) in printed]
        _judge_template(con, book, code, source, of_template, places, linked_only=tell == "worth_showing")
    counts = con.execute("SELECT rule, outcome, count(*) FROM verdicts GROUP BY ALL").fetchall()
    counted = {(rule, OUTCOMES[outcome]): n for rule, outcome, n in counts}
    return SqlVerdicts(con.sql(_findings(tell)).to_arrow_table(), coverage_of(book, asked, patterns, counted, unlinked))


def _judge_template(
    con: duckdb.DuckDBPyConnection,
    book: RuleBook,
    code: str,
    source: str,
    asked: Rules,
    places: Layout,
    *,
    linked_only: bool,
) -> None:
    """Write the verdicts over a template's reports.

    First the reports that plainly pass everything are left behind, in one reading of all columns; then each rule is
    asked of the others. `linked_only`: rules over two years are asked only where both are known.
    """
    contract, now = book.templates[code], quoted(f"now_{code}")
    types = {row[0]: row[1] for row in con.execute(f"DESCRIBE FROM {source}").fetchall()}
    sums, checks = [n for n in asked if n.rule.terms], [n for n in asked if n.rule.check]
    crossing = [numbered for numbered in sums if numbered.rule.crosses_years]
    within = [numbered for numbered in asked if not numbered.rule.crosses_years]
    columns = ", ".join(quoted(name) for name in ("report_key", "previous_key", "states", *needed_now(within)))
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE {now} AS
SELECT {columns} FROM {source} WHERE ({all_plain(within, contract, places, types)}) IS NOT TRUE;
INSERT INTO subjects SELECT report_key, previous_key FROM {now}""")
    if crossing:
        link(con, source, crossing, places, all_plain(crossing, contract, places, types), linked_only=linked_only)
    if sums:
        told = " UNION ALL ".join(f"({sum_statement(numbered, contract, places)})" for numbered in sums)
        # in two steps: the first yields a handful of rows a vector, over which the second would be slow
        con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {told}")
        con.execute(f"INSERT INTO verdicts {judge_statement('FROM told')}")
    for numbered in _worth_asking(con, now, checks, types):
        con.execute(f"INSERT INTO verdicts {check_statement(numbered)}")
    if checks:
        con.execute(f"INSERT INTO verdicts {unread_statement(checks, places)}")


def _mixes(contract: TemplateContract, names: Sequence[str], states: Sequence[str]) -> bool:
    """Tell whether some form has a row and one of those that it stands for."""
    index = {name: at for at, name in enumerate(names)}
    pairs = [
        (index[f"{table.code}/{row.code}/{column.code}"], index[f"{table.code}/{other}/{column.code}"])
        for table in contract.tables
        for row in table.rows
        for other in row.instead_of
        for column in table.columns_of(row)
    ]
    return any(ABSENT not in (one[alone], one[part]) for one in states for alone, part in pairs)


def _worth_asking(
    con: duckdb.DuckDBPyConnection, now: str, checks: Rules, types: Mapping[str, str]
) -> list[NumberedRule]:
    """Rules of single cells that some report may break: by the least number of a column, and by its type."""
    signed = [numbered for numbered in checks if numbered.rule.check == "non_negative"]
    least: Sequence[object] = ()
    if signed:
        columns = ", ".join(f"min({quoted(place_of(numbered))}) < 0" for numbered in signed)
        least = con.execute(f"SELECT {columns} FROM {now}").fetchall()[0]
    fractions = [n for n in checks if n.rule.check == "integer" and types[place_of(n)] not in WHOLE_TYPES]
    return [numbered for numbered, below in zip(signed, least, strict=True) if below] + fractions


_VERDICTS = f"""
CREATE OR REPLACE TEMP TABLE subjects (report_key VARCHAR, previous_key VARCHAR);
CREATE OR REPLACE TEMP TABLE verdicts
 (report_key VARCHAR, rule INTEGER, outcome UTINYINT, reason UTINYINT, seen BIGINT, printed {EXACT}, expected {EXACT})
"""


def _findings(tell: Tell) -> str:
    outcomes, reasons = (
        f"CASE {column} {' '.join(f'WHEN {at} THEN {one.value!r}' for at, one in enumerate(words))} END"
        for column, words in (("outcome", OUTCOMES), ("reason", REASONS))
    )
    shown = (
        f"outcome <> {OUTCOMES.index(Outcome.PASS_IF_BLANK_IS_ZERO)} "
        f"AND reason <> {REASONS.index(Reason.NO_PREVIOUS_REPORT)}"
    )
    return f"""
SELECT report_key, rule, {outcomes} AS outcome, {reasons} AS reason,
       CASE WHEN reason = {REASONS.index(Reason.NOT_EXTRACTED)} THEN 'extraction'
            WHEN reason <> {REASONS.index(Reason.NO_PREVIOUS_REPORT)} AND report_key IN (FROM certain)
             AND (previous_bits = 0 OR previous_key IN (FROM certain))
            THEN 'publisher' ELSE 'unknown' END AS attribution,
       printed, expected, seen
FROM verdicts JOIN (SELECT DISTINCT * FROM subjects) USING (report_key) JOIN book_rules USING (rule)
WHERE {shown if tell == "worth_showing" else "true"}
ORDER BY report_key, rule"""
