"""Generates docs/dictionary.md, the data dictionary, from the contracts of tables and views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gongkai.contracts.tables import Authority, ColumnContract, TableContract, load_tables
from gongkai.settings import ROOT
from gongkai.warehouse.macros import Macro, load_macros
from gongkai.warehouse.marts import Mart, load_marts

DOCUMENT = ROOT / "docs" / "dictionary.md"

_HEAD = """<!-- Generated from data_contracts/warehouse by `gongkai contracts docs`: edit the contracts instead. -->

# 数据字典 · Data dictionary

The tables of schema `main` and the views and table macros of schema `mart` in the release `gongkai.duckdb`. The same
texts stand in the file itself: `SELECT table_name, column_name, comment FROM duckdb_columns()`, and of macros in
`duckdb_functions()`. Tables marked *lake* are also Parquet datasets, one partition `report_year=` each. NULL always
means that no number is stated; a blank is never 0.
"""


def dictionary(tables: Mapping[str, TableContract], marts: Iterable[Mart], macros: Sequence[Macro]) -> str:
    """Write the data dictionary as Markdown."""
    marts = sorted(marts, key=lambda mart: mart.name)
    lines = [_HEAD, "## 表 · Tables", "", "| table | 名称 | one row is |", "|---|---|---|"]
    lines += [f"| [{one.name}](#{one.name}) | {_cell(one.zh)} | {_cell(one.grain)} |" for one in tables.values()]
    lines += ["", "## 视图 · Views", "", "| view | what it answers |", "|---|---|"]
    lines += [
        f"| [mart.{mart.name}](#mart{mart.name}) | {_cell(mart.en.split('. ')[0].rstrip('.'))}. |" for mart in marts
    ]
    lines += ["", "## 表宏 · Table macros", "", "| macro | what it answers |", "|---|---|"]
    lines += [f"| [mart.{one.name}](#mart{one.name}) | {_cell(one.en.split('. ')[0].rstrip('.'))}. |" for one in macros]
    for contract in tables.values():
        lines += ["", *_table(contract)]
    for mart in marts:
        lines += ["", *_view(mart)]
    for macro in macros:
        lines += ["", *_macro(macro)]
    return "\n".join(lines) + "\n"


def write(path: Path = DOCUMENT) -> Path:
    """Write the dictionary of the project's contracts, and return its path."""
    path.write_text(dictionary(load_tables(), load_marts(), load_macros()), encoding="utf-8")
    return path


def _table(contract: TableContract) -> Iterator[str]:
    yield f"## {contract.name}"
    yield ""
    yield f"**{contract.zh}** — {contract.zh_text}"
    yield ""
    yield contract.en_text
    yield ""
    yield f"**注意 · Heed:** {contract.warning_zh} {contract.warning_en}"
    yield ""
    yield f"**依据 · Defined by:** {'；'.join(_authority(one) for one in contract.authorities)}"
    yield ""
    place = " · lake, by `report_year`" if contract.partitioned else ""
    yield f"{contract.grain} Key: `{', '.join(contract.key)}`{place} · contract {contract.version} · {contract.owner}"
    yield ""
    yield "| column | type | 名称 | 说明 · description | unit | values or reference |"
    yield "|---|---|---|---|---|---|"
    for column in contract.columns:
        yield _line(column, contract)
    if contract.checks:
        yield ""
        yield "Every release satisfies:"
        yield ""
        yield from (f"- `{check.name}`: {check.text}" for check in contract.checks)


def _authority(one: Authority) -> str:
    return f"[{one.title}]({one.url})" if one.url.startswith("https://") else f"{one.title} (`{one.url}`)"


def _line(column: ColumnContract, contract: TableContract) -> str:
    marks = ["key"] if column.name in contract.key else []
    marks += ["not null"] if column.required and not marks else []
    type_ = f"{column.type} ({', '.join(marks)})" if marks else column.type
    text = f"{column.zh_text}<br>{column.en_text}" if column.zh_text else column.en_text
    values = ", ".join(f"`{value}`" if value else "(empty)" for value in column.values)
    if column.references:
        values = f"→ {'.'.join(column.references)}"
    return f"| `{column.name}` | {type_} | {_cell(column.zh)} | {_cell(text)} | {column.unit} | {values} |"


def _view(mart: Mart) -> Iterator[str]:
    yield f"## mart.{mart.name}"
    yield from ("", mart.zh, "", mart.en, "", "| column | 名称 | description |", "|---|---|---|")
    yield from _explained(mart.columns)


def _macro(macro: Macro) -> Iterator[str]:
    yield f"## mart.{macro.name}"
    yield from ("", macro.zh, "", macro.en, "", f"`FROM mart.{macro.example}`")
    yield from ("", "| parameter | 名称 | description |", "|---|---|---|")
    yield from _explained(macro.texts)
    yield from ("", "| column | 名称 | description |", "|---|---|---|")
    yield from _explained(macro.columns)


def _explained(texts: Mapping[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        zh, _, en = text.partition(" | ")
        yield f"| `{name}` | {_cell(zh)} | {_cell(en)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
