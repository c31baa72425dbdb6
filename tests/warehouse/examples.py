"""The examples of the guides: every sql block of README.md, docs/analysts.md and docs/bi.md is a query of a release."""

from __future__ import annotations

import re

from gongkai.settings import ROOT

GUIDES = ("README.md", "docs/analysts.md", "docs/bi.md")
_BLOCK = r"^```{}\n(.*?)^```"


def guide(name: str) -> str:
    """Return the text of a guide."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return the blocks of a guide in one language, in their order."""
    return re.findall(_BLOCK.format(language), guide(name), re.DOTALL | re.MULTILINE)


def queries(*names: str) -> list[str]:
    """Return the queries of guides, in their order, each without its semicolon."""
    found = [block for name in names or GUIDES for block in blocks(name, "sql")]
    return [query.strip().rstrip(";") for block in found for query in block.split(";\n") if query.strip()]


def answer_table(name: str, heading: str) -> list[dict[str, str]]:
    """Return the answers printed in a section as a table with one column per row of the answer.

    Each is a mapping of the query's columns to what is printed.
    """
    section = guide(name).split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    (names, *columns) = zip(*lines[2:], strict=True)
    return [dict(zip(names, column, strict=True)) for column in columns]
