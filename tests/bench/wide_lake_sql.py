"""The SQL that turns a wide row a report into the rows of the lake's tables, in the order of their keys."""

# ruff: noqa: E501, UP031 - long SQL texts with names of contracts in them

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from gongkai.contracts.template import TemplateContract
from gongkai.quality.textbook import text_rules

FAILING = "row_sum:applications/received/total"
_APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
_REVIEW = ("upheld", "corrected", "other", "pending", "total")
_PROACTIVE = ("issued", "repealed", "in_force", "decisions", "amount_10k_cny")


@dataclass(frozen=True)
class Place:
    """A cell of the form: its codes, label, unit of place in the wide row, and where it stands in a document."""

    table: str
    row: str
    column: str
    label: str
    is_total: bool
    sign_at: int
    page: int
    x0: float
    top: float
    path: str


@dataclass(frozen=True)
class Form:
    """The cells of a template's form in the order of their codes."""

    places: list[Place]
    rules: list[str]

    @classmethod
    def of(cls, contract: TemplateContract) -> Form:
        """Read a contract; the sign of a cell stands at its place in contract order, from 1."""
        order = [
            (table, row, column) for table in contract.tables for row in table.rows for column in table.columns_of(row)
        ]
        printed = {
            (table.code, row.code) for table in contract.tables for row in contract.form(frozenset(), table.code)
        }
        found, line, last = [], 0, ""
        for at, (table, row, column) in enumerate(order, start=1):
            if (table.code, row.code) not in printed:
                continue
            line, last = line + (row.code != last), row.code
            across = [one.code for one in table.columns_of(row)].index(column.code)
            number = contract.tables.index(table) + 1
            path = f"table[{number}]/row[{line}]/cell[{across + 3}]"
            place = Place(
                table.code, row.code, column.code, row.label, row.is_total, at,
                2 + line // 20, 210.0 + 45.6 * across, 90.0 + 21.3 * (line % 20), path,
            )  # fmt: skip
            found.append(place)
        rules = [rule.id for rule in (*contract.expanded_rules, *(one.rule for one in text_rules(contract.template)))]
        return cls(sorted(found, key=lambda one: (one.table, one.row, one.column)), sorted(rules))


def prepare(con: duckdb.DuckDBPyConnection, wide: str, year: int, form: Form, changed: int) -> None:
    """Make the views that TABLES ask: `given` (a row a report), `places`, `rule_ids`.

    Raises:
        duckdb.Error: The wide Parquet is not of the form.
    """
    con.execute(f"SET VARIABLE year = {year}")
    con.execute("CREATE TABLE rule_ids AS SELECT unnest(?) AS rule_id", [form.rules])
    for name in ("table", "row", "column", "label", "page", "x0", "top", "path", "sign_at", "is_total"):
        con.execute(f'SET VARIABLE "of_{name}" = ?', [[getattr(one, name) for one in form.places]])
    numbers = ", ".join(f'"{one.table}/{one.row}/{one.column}"::BIGINT' for one in form.places)
    con.execute(f"""
        CREATE VIEW given AS
        WITH numbered AS (
          SELECT *, row_number() OVER () - 1 AS number FROM read_parquet('{wide}')
        ), named AS (
          SELECT *, 'a' || lpad(number::VARCHAR, 12, '0') AS agency_id, number < {changed} AS is_changed FROM numbered
        )
        SELECT number, agency_id, '第' || number || '示例机关' AS agency_name, {year}::INTEGER AS report_year,
               agency_id || '-{year}' AS report_id,
               sha256(agency_id || '-{year}' || if(is_changed, 'new', '')) AS document_sha256,
               agency_id || '-{year}-' || left(sha256(agency_id || '-{year}' || if(is_changed, 'new', '')), 12)
                 AS revision_id,
               '2021' AS template, number % 10 < 6 AS is_pdf, number % 100 = 7 AS fails,
               number % 50 = 3 AS is_revised, (number * 7919 % 10007) / 100.0 AS moved, 0.9 + (number % 199) / 1000.0 AS scale, states,
               [{numbers}] AS numbers
        FROM named
    """)
    for table, columns in (("applications", _APPLICANTS), ("review", _REVIEW), ("proactive", _PROACTIVE)):
        rows = sorted({one.row for one in form.places if one.table == table})
        at = {(one.row, one.column): index for index, one in enumerate(form.places, start=1) if one.table == table}
        first = {one.row: one for one in reversed(form.places) if one.table == table}
        cells = [
            "{'row_code': '%s', 'row_label_zh': '%s', 'is_total': %s, %s}"
            % (
                row, first[row].label, str(first[row].is_total).lower(),
                ", ".join(f"'{c}': numbers[{at[row, c]}]" if (row, c) in at else f"'{c}': NULL::BIGINT" for c in columns),
            )
            for row in rows
        ]  # fmt: skip
        con.execute(
            f"CREATE VIEW lines_{table} AS SELECT * EXCLUDE (numbers, states, line), unnest(line) "
            f"FROM (SELECT *, unnest([{', '.join(cells)}]) AS line FROM given)"
        )


_CELLS = """
SELECT report_id, revision_id, report_year, getvariable('of_table')[i] AS table_code,
       getvariable('of_row')[i] AS row_code, getvariable('of_column')[i] AS column_code,
       if(value IS NULL, 'blank', 'number') AS state, value::DECIMAL(24, 6) AS value,
       coalesce(value::VARCHAR, '') AS raw, NULL::VARCHAR AS note,
       if(is_pdf, getvariable('of_page')[i], NULL)::INTEGER AS page,
       if(is_pdf, round(getvariable('of_x0')[i] + moved, 2), NULL)::DOUBLE AS x0,
       if(is_pdf, round(getvariable('of_top')[i] * scale + moved, 2), NULL)::DOUBLE AS top,
       if(is_pdf, round(getvariable('of_x0')[i] + moved + 45.6, 2), NULL)::DOUBLE AS x1,
       if(is_pdf, round(getvariable('of_top')[i] * scale + moved + 21.3, 2), NULL)::DOUBLE AS bottom,
       if(is_pdf, NULL, getvariable('of_path')[i]) AS path,
       if(is_pdf, 'pdf-rules/grid', 'html-lxml/grid') AS method, 1.0::DOUBLE AS confidence,
       NULL::VARCHAR AS agreement, NULL::VARCHAR AS second_method, NULL::VARCHAR AS second_raw, document_sha256,
       NULL::VARCHAR AS corrected_state, NULL::DECIMAL(24, 6) AS corrected_value, NULL::VARCHAR AS decision_id
FROM (SELECT *, unnest(numbers) AS value, unnest(range(1, len(numbers) + 1)) AS i FROM given)
"""

_URL = "'https://portal.example/' || report_year || '/' || left(document_sha256, 20) || if(is_pdf, '.pdf', '.html')"
_TITLE = "agency_name || report_year || '年政府信息公开工作年度报告'"
_REVISION = """
       agency_id, {number}::INTEGER AS revision_no, {sha} AS document_sha256, if(is_pdf, 'pdf', 'html') AS format,
       'bench' AS source, {url} AS url, {title} AS listed_title, make_date(report_year + 1, 1, 20) AS listed_date,
       make_date(report_year + 1, 1, 20) AS published_on, make_timestamp(report_year + 1, 2, 1, 3, 0, 0) AS first_seen,
       1::INTEGER AS n_addresses, {in_force} AS in_force, '{fate}' AS fate, template, {title} AS title
"""
_IN_FORCE = _REVISION.format(
    number="1 + is_revised::INTEGER", sha="document_sha256", url=_URL, title=_TITLE, in_force="true", fate="in_force"
)
_OLD_SHA = "sha256(document_sha256 || 'old')"
_OLD = _REVISION.format(
    number="1", sha=_OLD_SHA, url=_URL + " || '?old'", title=_TITLE, in_force="false", fate="superseded"
)
_OLD_ID = f"report_id || '-' || left({_OLD_SHA}, 12)"
_REASON = """
       agency_id, report_year, '{code}' AS code, '{status}' AS status, true AS is_decisive, '{code}' AS measure,
       1.0::DOUBLE AS threshold, 1.0::DOUBLE AS value, []::VARCHAR[] AS detail, '{zh}' AS reason_zh, '{en}' AS reason_en
"""
_CLEAN = _REASON.format(
    code="clean", status="accepted", zh="单元格均已读出，可判定的勾稽关系均成立",
    en="every cell was read, and every rule that can be judged holds",
)  # fmt: skip
_FAILS = _REASON.format(
    code="fails_publisher", status="accepted_with_errors", zh="1 条规则按原文即不符", en="1 rules fail as printed"
)
_SUPERSEDED = _REASON.format(
    code="superseded", status="superseded", zh="已由更新的版本取代", en="a later revision is in force"
)
_PASSAGE = """
'本机关认真贯彻落实《中华人民共和国政府信息公开条例》，全年主动公开政府信息' || (number * 7 + i) % 997 || '条，受理政府信息公开申请'
|| coalesce(numbers[1], 0) || '件，第' || i || '项工作较上年有新的进展，下一步将继续完善制度、加强培训。'
"""

TABLES = {
    "reports": f"""
SELECT report_id, agency_id, agency_name, NULL::VARCHAR AS region_code, report_year, template, {_TITLE} AS title,
       make_date(report_year + 1, 1, 20) AS published_on, make_date(report_year + 1, 1, 20) AS first_published_on,
       'report' AS published_from, make_date(report_year + 1, 1, 31) AS due_on,
       if(fails, 'accepted_with_errors', 'accepted') AS status,
       if(fails, '1 rules fail as printed', 'every cell was read, and every rule that can be judged holds')
         AS status_reason,
       revision_id, document_sha256, if(is_pdf, 'pdf', 'html') AS format, 'bench' AS source, {_URL} AS url,
       1 + is_revised::INTEGER AS n_revisions, len(numbers)::INTEGER AS n_cells,
       len(list_filter(numbers, lambda x: x IS NOT NULL))::INTEGER AS n_numbers,
       len(list_filter(numbers, lambda x: x IS NULL))::INTEGER AS n_blank, 0::INTEGER AS n_not_extracted,
       fails::INTEGER AS n_failed_rules, 0::INTEGER AS n_corrected, NULL::VARCHAR AS decision_id, 0::INTEGER AS days_late
FROM given
""",
    "revisions": f"""
FROM (SELECT revision_id, report_id, report_year, {_IN_FORCE} FROM given
      UNION ALL
      SELECT {_OLD_ID}, report_id, report_year, {_OLD} FROM given WHERE is_revised)
ORDER BY revision_id
""",
    "documents": f"""
SELECT document_sha256, {_URL} AS url, 'bench' AS source, report_year, {_TITLE} AS listed_title,
       if(is_pdf, 'pdf', 'html') AS format, 'report' AS fate, '' AS error_code, '' AS reason, report_id,
       make_timestamp(report_year + 1, 2, 1, 3, 0, 0) AS first_seen, '0123456789abcdef.0123456789ab' AS extractor
FROM given
ORDER BY report_year, source, url, document_sha256
""",
    "status_reasons": f"""
FROM (SELECT report_id, revision_id, {_CLEAN} FROM given WHERE NOT fails
      UNION ALL SELECT report_id, revision_id, {_FAILS} FROM given WHERE fails
      UNION ALL SELECT report_id, {_OLD_ID}, {_SUPERSEDED} FROM given WHERE is_revised)
ORDER BY revision_id
""",
    "findings": f"""
SELECT report_id, revision_id, agency_id, report_year, document_sha256, '{FAILING}' AS rule_id, 'row_sum' AS family,
       'applications' AS table_code, 'received' AS row_code, 'total' AS column_code, 'fail' AS outcome,
       NULL::VARCHAR AS outcome_corrected, 'error' AS severity, 12::DECIMAL(24, 6) AS printed, '12' AS raw,
       11::DECIMAL(24, 6) AS expected, 'publisher' AS attribution, ['exact_text'] AS facts, '文件以文字给出数字' AS basis_zh,
       'the file states its figures as text' AS basis_en, '' AS reason, ['applications/received/total'] AS cells,
       []::VARCHAR[] AS guilty_cells, NULL::VARCHAR AS decision_id, '本年新收／总计：印为 12，应为 11' AS message_zh,
       'received / total: printed 12, expected 11' AS message_en
FROM given WHERE fails
""",
    "rule_coverage": f"""
SELECT getvariable('year')::INTEGER AS report_year, '2021' AS template, rule_id, n AS applicable, n - failed AS passed,
       0::BIGINT AS passed_if_blank_is_zero, failed, 0::BIGINT AS undecidable
FROM (SELECT rule_id, count(*) AS n, if(rule_id = '{FAILING}', count(*) FILTER (fails), 0)::BIGINT AS failed
      FROM rule_ids, given GROUP BY rule_id)
ORDER BY rule_id
""",
    "applications": """
SELECT report_id, revision_id, agency_id, report_year, template, row_code, row_label_zh, is_total, natural_person,
       business, research, nonprofit, legal_service, other_org, total,
       ((natural_person IS NULL)::INTEGER + (business IS NULL)::INTEGER + (research IS NULL)::INTEGER
        + (nonprofit IS NULL)::INTEGER + (legal_service IS NULL)::INTEGER + (other_org IS NULL)::INTEGER
        + (total IS NULL)::INTEGER)::INTEGER AS blanks,
       0::INTEGER AS n_corrected
FROM lines_applications
""",
    "review_litigation": """
SELECT report_id, revision_id, agency_id, report_year, template, row_code AS procedure, upheld, corrected, other,
       pending, total, 0::INTEGER AS n_corrected
FROM lines_review
""",
    "proactive_disclosure": """
SELECT report_id, revision_id, agency_id, report_year, template, row_code, row_label_zh, issued, repealed, in_force,
       NULL::BIGINT AS made, NULL::BIGINT AS published, NULL::BIGINT AS total_public, decisions,
       NULL::BIGINT AS prior_items, NULL::BIGINT AS change, NULL::BIGINT AS items,
       amount_10k_cny::DECIMAL(18, 6) AS amount_10k_cny, NULL::DECIMAL(18, 2) AS amount_cny, 0::INTEGER AS n_corrected
FROM lines_proactive
""",
    "narratives": f"""
SELECT report_id, revision_id, agency_id, report_year, template, i::INTEGER AS chapter_no, 0::INTEGER AS topic_no,
       ['overview', 'proactive', 'applications', 'review', 'problems', 'other'][i] AS chapter_code, '' AS topic_code,
       ['一、总体情况', '二、主动公开', '三、收到和处理', '四、复议诉讼', '五、存在的问题', '六、其他'][i] AS heading, text,
       0::INTEGER AS start_offset, length(text)::INTEGER AS n_chars
FROM (SELECT *, {_PASSAGE} AS text FROM (SELECT *, unnest(range(1, 7)) AS i FROM given))
""",
    "stated_figures": f"""
SELECT report_id, revision_id, agency_id, report_year, template, 'applications_received' AS indicator, 'exact' AS kind,
       'applications' AS table_code, 'received' AS row_code, 'total' AS column_code, 12::DECIMAL(24, 6) AS value,
       {_PASSAGE} AS sentence, 1::INTEGER AS chapter_no, 0::INTEGER AS start_offset, 60::INTEGER AS end_offset,
       '' AS scope
FROM (SELECT *, 1 AS i FROM given)
""",
    "cells": _CELLS,
}
"""The tables that a synthetic report has rows in; the other tables of the lake stay empty."""
