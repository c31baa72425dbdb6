"""Fills a release-like DuckDB file with reports whose text is made by varying the sentences of the samples."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from gongkai.contracts.load import load_templates
from gongkai.contracts.tables import TableContract, load_tables
from gongkai.warehouse import build
from gongkai.warehouse.macros import add_macros, load_macros
from gongkai.warehouse.marts import load_marts
from samples.making.narrative import TEXTS

RARE, FIRST = "数据出境安全评估", 2015
TEMPLATE = "2021"
_BLOCK, _PASSAGES = 10_000, 5
_SLOT = re.compile(r"\{[^{}]*\}")
_LINE = 34
"""Characters of a line in the texts of which a share keeps the line breaks of its page, as PDFs do."""
_SHARE_RARE, _SHARE_WRAPPED, _SHARE_WIDE = 0.0004, 0.1, 0.05
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _sentences(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for one in tree.values():
            yield from _sentences(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _sentences(one)


class Chapters:
    """Draws the chapters of reports.

    Args:
        seed: Where the chance comes from.
    """

    def __init__(self, seed: int = 7) -> None:
        self._rng = random.Random(seed)
        contract = load_templates()[TEMPLATE]
        self._headings = [(one.code, one.label) for one in contract.chapters]
        stock = {code: list(_sentences(TEXTS.get(code, {}))) for code, _ in self._headings}
        self._stock = {code: [_SLOT.split(one) for one in sentences] for code, sentences in stock.items()}
        table = "本表数据为全年累计，统计口径与上年一致。"
        self._stock = {code: found or [[table]] for code, found in self._stock.items()}
        self._count = {"overview": 30, "problems": 8, "other_matters": 5, "review": 2}

    def of(self, agency: str) -> list[tuple[str, str, str]]:
        """Code, heading and text of each chapter of a report."""
        rng = self._rng
        wrapped, wide = rng.random() < _SHARE_WRAPPED, rng.random() < _SHARE_WIDE
        made = []
        for code, heading in self._headings:
            chosen = rng.choices(self._stock[code], k=self._count.get(code, 1))
            text = "\n".join(self._filled(parts, agency) for parts in chosen)
            if wrapped:
                text = "\n".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))
            made.append((code, heading, text.translate(_WIDE) if wide else text))
        if rng.random() < _SHARE_RARE:
            code, heading, text = made[-1]
            made[-1] = (code, heading, f"{text}\n配合有关部门完成{RARE}{rng.randint(1, 9)}次。")
        return made

    def _filled(self, parts: list[str], agency: str) -> str:
        text = parts[0]
        for part in parts[1:]:
            text += (agency if not text else str(self._rng.randrange(10_000))) + part
        return text


def write(path: Path, reports: int) -> None:
    """Make a file with the reports of 10,000 agencies, one year after another, and with views and macros.

    The text of the first year is drawn; that of the others is the same with other figures.

    Args:
        path: The file.
        reports: How many; beyond 10,000 a multiple of it.
    """
    tables, chapters = load_tables(), Chapters()
    with build.create(path) as con:
        for contract in tables.values():
            con.execute(build.ddl(loose(contract)))
        block = [_report(number) for number in range(min(reports, _BLOCK))]
        texts = [row for report in block for row in _narratives(report, chapters.of(report["agency_name"]))]
        for name, rows in (("reports", block), ("narratives", texts)):
            build.insert(con, tables[name], pa.Table.from_pylist(rows))
        for year in range(FIRST + 1, FIRST - (-reports // _BLOCK)):
            for name in ("reports", "narratives"):
                text = _VARIED.format(one=year % 9, two=year % 7) if name == "narratives" else ""
                con.execute(_AGAIN.format(table=name, first=FIRST, year=year, text=text))
        build.add_views(con, load_marts())
        add_macros(con, load_macros())
        con.execute("CHECKPOINT release")


_AGAIN = """
INSERT INTO {table}
SELECT * REPLACE (
  replace(report_id, '-{first}', '-{year}') AS report_id,
  replace(revision_id, '-{first}', '-{year}') AS revision_id,
  {year} AS report_year{text}
)
FROM {table}
WHERE report_year = {first}
"""
_VARIED = ", replace(replace(text, '3', '{one}'), '7', '{two}') AS text"


def loose(contract: TableContract) -> TableContract:
    """The same without demands: only some columns are filled."""
    return replace(contract, columns=tuple(replace(column, required=False) for column in contract.columns))


def _report(number: int) -> dict[str, Any]:
    report_id = f"a{number:06d}-{FIRST}"
    return {
        "report_id": report_id, "revision_id": f"{report_id}-r1", "agency_id": f"a{number:06d}", "report_year": FIRST,
        "agency_name": f"云岭{number % 97}市第{number}区人民政府", "status": "accepted",
    }  # fmt: skip


def _narratives(report: Mapping[str, Any], chapters: list[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    """The rows of a report's text: its chapters, and the passages of the overview, which repeat it."""
    ids = {name: report[name] for name in ("report_id", "revision_id", "agency_id", "report_year")}
    for number, (code, heading, text) in enumerate(chapters, 1):
        cut = -(-len(text) // _PASSAGES)
        parts = [text, *(text[at : at + cut] for at in range(0, len(text), cut) if code == "overview")]
        for topic, part in enumerate(parts):
            yield ids | {
                "template": TEMPLATE, "chapter_no": number, "topic_no": topic, "chapter_code": code,
                "topic_code": "requests" if topic else "", "heading": heading, "text": part, "n_chars": len(part),
                "start_offset": (topic - 1) * cut if topic else 0,
            }  # fmt: skip
