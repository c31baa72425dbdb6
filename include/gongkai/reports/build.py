"""From a Document to a Report, or to the error that says why it is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from gongkai.contracts.load import load_templates
from gongkai.contracts.template import TemplateContract
from gongkai.documents.model import Document, Grid, GridCell
from gongkai.errors import NoTablesError, NotAReportError, UnknownIdentityError, UnknownTemplateError
from gongkai.reports.chapters import FREE, PREAMBLE, find_chapters
from gongkai.reports.figures import find_figures
from gongkai.reports.identity import Hints, find_identity
from gongkai.reports.match import Match, TemplateMatcher, labels_of
from gongkai.reports.model import Cell, Identity, Report, State
from gongkai.reports.numbers import Value, looks_like_value, parse_value
from gongkai.reports.placing import MatchedRow
from gongkai.reports.stream import stream_rows

_FEWEST_ROWS = 3
"""A document with fewer matched rows of values has none of the template's tables."""
_FEWEST_CHAPTERS = 3
_TABLE_LIKE_ROWS = 5
_SAME_SCORE = 0.6
_LEAST_CONFIDENCE = 0.5
"""A value that a reader is less sure of is kept as raw text but not taken for a number."""


@cache
def matchers() -> tuple[TemplateMatcher, ...]:
    """Return one matcher for each template contract, made once a process."""
    return tuple(TemplateMatcher(contract) for contract in load_templates().values())


def build_report(document: Document, hints: Hints | None = None) -> Report:
    """Match a document with the templates and read identity, values, chapters and stated figures.

    Args:
        document: The document.
        hints: What the listing says of it.

    Raises:
        NotAReportError: Neither title nor chapters nor tables are those of an annual disclosure report.
        NoTablesError: A report without any of the template's tables.
        UnknownTemplateError: A report whose tables fit no template.
        UnknownIdentityError: A report that does not tell its year.
    """
    identity = find_identity(document, hints)
    rows = stream_rows(document)
    labels = labels_of(rows)
    matches = [matcher.match(rows, labels) for matcher in matchers()]
    best = _best(matches, identity)
    if best.n_rows < _FEWEST_ROWS:
        raise _refusal(document, identity, best)
    if identity is None:
        raise UnknownIdentityError(
            "the report year cannot be told",
            found="no title with a year, no period of the statistics, no year in the text",
            expected="a title such as …2024年政府信息公开工作年度报告",
            do="give the listed title, or see the document",
        )
    contract, matched = best.contract, best.rows()
    chapters = find_chapters(document, contract)
    return Report(
        identity=identity,
        template=contract.template,
        cells=tuple(_cells(contract, matched, document)),
        chapters=chapters,
        figures=find_figures(chapters, contract.template, identity.report_year),
        document_sha256=document.sha256,
        format=document.format,
        method=document.method,
        warnings=(*document.warnings, *_warnings(contract, matched, identity)),
    )


def _best(matches: list[Match], identity: Identity | None) -> Match:
    """The match of greatest score; where two are about equal (only table 三 is printed), the year decides."""
    top = max(match.score for match in matches)
    near = [match for match in matches if match.score >= top - _SAME_SCORE]
    if identity is not None and len(near) > 1:
        near.sort(key=lambda match: (not _prescribed(match.contract, identity.report_year), -match.score))
    return near[0]


def _prescribed(contract: TemplateContract, year: int) -> bool:
    years = contract.report_years
    return (years.first or 0) <= year <= (years.last or 9999)


def _refusal(document: Document, identity: Identity | None, best: Match) -> Exception:
    """The error for a document without the template's tables."""
    # What the listing calls it is no evidence: portals answer with error pages under the titles of reports.
    titled = identity is not None and identity.evidence.get("title", "listing") != "listing"
    codes = {chapter.code for chapter in find_chapters(document, best.contract)} - {PREAMBLE, FREE}
    if not titled and len(codes) < _FEWEST_CHAPTERS:
        return NotAReportError(
            "not an annual disclosure report",
            found=_describe(document),
            expected="a title with a year and 信息公开…年度报告, or the chapters of the report form",
            do="nothing, unless the document should be one: then see data_contracts/reading/identity.yml",
        )
    if any(_is_table_like(grid) for grid in document.grids()):
        return UnknownTemplateError(
            "the tables fit no known template",
            found=f"{best.n_rows} rows of values of template {best.contract.template}",
            expected=f"at least {_FEWEST_ROWS} rows of one of {', '.join(load_templates())}",
            do="see docs/maintainers.md: extend a template, or add one",
        )
    names = ", ".join(text or href for href, text in document.attachments)
    return NoTablesError(
        "the report has none of the template's tables",
        found=f"links to attachments: {names}" if names else _describe(document),
        expected=f"at least {_FEWEST_ROWS} rows of one of {', '.join(load_templates())}",
        do="read the attachment" if names else "the tables may be pictures; see the document",
    )


def _describe(document: Document) -> str:
    grids = sum(1 for _ in document.grids())
    first = next((block.text.strip() for block in document.texts() if block.text.strip()), "")
    return f"{grids} tables and text beginning {first[:40]!r}"


def _is_table_like(grid: Grid) -> bool:
    numeric = sum(1 for row in grid.rows() if any(cell.text.strip() and looks_like_value(cell.text) for cell in row))
    return numeric >= _TABLE_LIKE_ROWS


def _cells(contract: TemplateContract, rows: Sequence[MatchedRow], document: Document) -> Iterator[Cell]:
    """Every cell of the form as printed, found or not, in contract order."""
    found: dict[tuple[str, str, str], tuple[GridCell | None, str, MatchedRow]] = {}
    printed: dict[str, set[str]] = defaultdict(set)
    for matched in rows:
        placed, remarks, code = matched.placed, matched.placed.remarks, matched.target.table.code
        for place, ((row, column), cell) in enumerate(zip(matched.target.cells, placed.cells, strict=True)):
            note = placed.note if cell is None or not remarks else remarks.get(place, "")
            found[code, row.code, column.code] = (cell, note, matched)
            printed[code].add(row.code)
    missing = (None, "the row was not found", None)
    method = document.method
    for table in contract.tables:
        code = table.code
        for row in contract.form(frozenset(printed[code]), code):
            for column in table.columns_of(row):
                cell, note, where = found.get((code, row.code, column.code), missing)
                if cell is None or where is None:
                    yield Cell(
                        code, row.code, column.code, State.NOT_EXTRACTED,
                        note=note or "no cell stands in the column", method=method,
                    )  # fmt: skip
                    continue
                value = parse_value(cell.text, column.unit or row.unit)
                remark = note if where.placed.remarks else None
                confidence = cell.confidence
                if confidence < _LEAST_CONFIDENCE:
                    value = Value(State.NOT_EXTRACTED, None, f"read with confidence {confidence:.2f}")
                if where.likeness < 1 or confidence < 1:
                    confidence = round(confidence * min(where.likeness, 1.0), 3)
                yield Cell(
                    code, row.code, column.code, value.state, value.number, cell.text, value.note or remark,
                    cell.page, cell.bbox, cell.path or None, f"{method}/{where.row.way}", confidence,
                )  # fmt: skip


def _warnings(contract: TemplateContract, rows: Sequence[MatchedRow], identity: Identity) -> Iterator[str]:
    found = {(matched.target.table.code, row.code) for matched in rows for row, _ in matched.target.cells}
    for table in contract.tables:
        seen = frozenset(row for code, row in found if code == table.code)
        form = [row.code for row in contract.form(seen, table.code) if not row.heading]
        if len(seen) < len(form):
            yield f"table {table.code}: {len(seen)} of {len(form)} rows found"
    if not identity.agency:
        yield "the agency is not named"
    if not _prescribed(contract, identity.report_year):
        yield f"printed on template {contract.template}, which is not prescribed for {identity.report_year}"
