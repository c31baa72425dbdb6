"""What can be wrong with the input of a check: each fault ends the run, since a verdict over it would mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gongkai.errors import RunError
from gongkai.reports.model import State

if TYPE_CHECKING:
    import duckdb

_UNNAMED = """
SELECT coalesce(report_key, 'NULL'), coalesce(template, 'NULL') FROM cells
WHERE report_key IS NULL OR template IS NULL
"""
_OWN_PREDECESSOR = "SELECT report_key, previous_key FROM previous WHERE report_key = previous_key"
_TWO_TEMPLATES = """
SELECT report_key, template || ', ' || other_template
FROM (
  SELECT report_key, min(template) AS template, max(template) AS other_template FROM cells GROUP BY report_key
)
WHERE template <> other_template
"""
_NO_CONTRACT = """
SELECT DISTINCT report_key, template FROM cells WHERE template NOT IN (FROM book_templates)
"""
_TWO_PREDECESSORS = """
SELECT report_key, count(*) || ' reports of the year before' FROM previous SEMI JOIN wanted USING (report_key)
GROUP BY report_key HAVING count(*) > 1
"""
_NO_CELLS = "SELECT report_key, 'no cells' FROM wanted ANTI JOIN cells USING (report_key)"
_STATES = ", ".join(f"'{state}'" for state in State)
_STATE_AND_VALUE = f"""
SELECT report_key, concat_ws(' ', concat_ws('/', "table", "row", "column"), coalesce(state, 'NULL'), value) FROM cells
WHERE state IS NULL OR state NOT IN ({_STATES}) OR (state = '{State.NUMBER}') <> (value IS NOT NULL)
"""  # noqa: S608 - states of our own enum


def refuse_bad_links(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse reports, templates, links and subjects that contradict each other.

    Raises:
        RunError: With the reports concerned.
    """
    _require(con, _UNNAMED, "a cell names no report or no template", "give both with each cell")
    _require(con, _OWN_PREDECESSOR, "a report is linked with itself as the year before", "link the report before it")
    _require(con, _TWO_TEMPLATES, "a report has cells of two templates", "give each report cells of one template")
    _require(con, _NO_CONTRACT, "a report's template has no contract", "add it to data_contracts/templates")
    _require(con, _TWO_PREDECESSORS, "a report is linked with several of the year before", "link the one in force")
    _require(con, _NO_CELLS, "a report to check has no cells", "give its cells, or leave it out of the subjects")


def refuse_bad_cells(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse cells whose state contradicts their value.

    Raises:
        RunError: With the reports and cells concerned.
    """
    do = "give a value where the state is number, and only there"
    _require(con, _STATE_AND_VALUE, "a cell's state and value do not go together", do)


def _require(con: duckdb.DuckDBPyConnection, faults: str, what: str, do: str) -> None:
    """Raise where a query of (report_key, what was found) is not empty, naming the first three."""
    rows = con.execute(f"FROM ({faults}) AS fault(report_key, found) ORDER BY ALL LIMIT 3").fetchall()
    if rows:
        where = ", ".join(dict.fromkeys(str(key) for key, _ in rows))
        raise RunError(what, where=where, found="; ".join(str(found) for _, found in rows), do=do)
