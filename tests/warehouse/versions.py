"""Runs with any DuckDB: `python versions.py FILE QUERIES` asks a release queries and prints the answers as JSON.

Nothing else of the project is imported, so that it runs where only duckdb is installed.
"""

import json
import sys
from pathlib import Path

import duckdb

TABLES = """
SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal
ORDER BY ALL
"""


def main(path: str, queries: str) -> None:
    asked = json.loads(Path(queries).read_text(encoding="utf-8"))
    with duckdb.connect(path, read_only=True) as con:
        answers = {query: _answer(con, query) for query in asked}
        tables = [f'{schema}."{name}"' for schema, name in con.execute(TABLES).fetchall()]
        rows = {name: _answer(con, f"FROM {name}") for name in tables}
        counts = {name: con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in tables}
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS annual (READ_ONLY)")
        attached = _answer(con, "FROM annual.mart.applications_by_year")
        searched = _answer(con, "FROM annual.mart.search_narratives('收到 公开申请', in_database := 'annual')")
    print(
        json.dumps(
            {
                "version": duckdb.__version__,
                "answers": answers,
                "rows": rows,
                "counts": counts,
                "attached": attached,
                "searched": searched,
                "reopened": _reopened(Path(queries).with_name(f"reopened-{duckdb.__version__}")),
            },
            ensure_ascii=False,
        )
    )


def _answer(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, list]:
    """Names of columns, and rows as text, sorted: a query with ties may give them in another order."""
    found = con.execute(query)
    return {"columns": [column[0] for column in found.description], "rows": sorted(map(repr, found.fetchall()))}


def _reopened(folder: Path) -> str:
    """Open a link, turn it to another file, open it again in one process: `old` or `new`, whichever it then has."""
    folder.mkdir()
    for name in ("old", "new"):
        with duckdb.connect(str(folder / name)) as con:
            con.execute(f"CREATE TABLE this AS SELECT '{name}' AS is")
    link = folder / "link"
    link.symlink_to("old")
    with duckdb.connect(str(link), read_only=True) as first:
        first.execute("FROM this").fetchall()
        (folder / "aside").symlink_to("new")
        (folder / "aside").replace(link)
        second = duckdb.connect(str(link), read_only=True)  # no `with`: 1.4 shares the handle and would close it twice
        return second.execute("FROM this").fetchall()[0][0]


if __name__ == "__main__":
    main(*sys.argv[1:])
