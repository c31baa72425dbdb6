"""A year with one report that waits for a person, and what the lake says of it."""

from __future__ import annotations

from gongkai.pipeline.load import open_lake
from gongkai.pipeline.review import Reviewer
from gongkai.settings import ROOT

DOCUMENTS = ROOT / "include" / "samples" / "documents"
BY = Reviewer("王芳", "looked at the page")
YEAR = 2023
TITLE = f"{YEAR}年政府信息公开工作年度报告"
CELL = "applications/received/total"


def spoiled(page, said="见附件"):
    """The page with the total of its first row of table 三 replaced by words."""
    before, row, after = page.partition("本年新收政府信息公开申请数量")
    assert row
    line, end, rest = after.partition("</tr>")
    start = line.rindex("<td")
    cut = line.index(">", start) + 1
    close = line.index("</td>", cut)
    return before + row + line[:cut] + said + line[close:] + end + rest


def rows(table, year=YEAR):
    return open_lake().read(table, [year]).to_pylist()


def report():
    (row,) = rows("reports")
    return row


def cell(name=CELL):
    return next(
        one for one in rows("cells") if "/".join((one["table_code"], one["row_code"], one["column_code"])) == name
    )


def total():
    return next(row["total"] for row in rows("applications") if row["row_code"] == "received")


def printed():
    return sum(
        row["value"]
        for row in rows("cells")
        if row["row_code"] == "received" and row["column_code"] != "total" and row["value"] is not None
    )
