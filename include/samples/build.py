"""Builds include/samples/documents: the reports of the sample portal, its catalogue, and the truth of every report.

Run `.venv/bin/python -m samples.build` from the checkout. The same plan gives the same bytes again; nothing of the day
or the machine goes into a file. The PDFs need the font that samples.making.render_pdf names; `--only docx html` does
without. Nobody needs to run it to use the project: what it makes is committed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from samples.making.book import Entry, entries, truth
from samples.making.paper import Paper
from samples.making.plan import load_plan
from samples.making.render_docx import render_docx
from samples.making.render_html import render_html
from samples.making.render_pdf import render_pdf

DOCUMENTS = Path(__file__).with_name("documents")
RENDERERS: Mapping[str, Callable[[Paper], bytes]] = {"docx": render_docx, "html": render_html, "pdf": render_pdf}
_CATALOG_HEAD = """\
# What the sample portal lists; made by samples.build, used by the portal server. Comments tell what is planted in a
# report; the truth of each file is truth/<file>.json.
"""


def render(paper: Paper) -> bytes:
    """Print a paper in the format that its file name says."""
    return RENDERERS[paper.file.rsplit(".", 1)[1]](paper)


def build(folder: Path, formats: frozenset[str]) -> list[str]:
    """Write documents of the given formats, the truth of all, and the catalogue.

    Returns:
        Names of the documents written.
    """
    written, listed = [], []
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    for entry in entries(load_plan()):
        listed.append(entry)
        for paper in entry.papers():
            (folder / "truth" / f"{paper.file}.json").write_text(
                truth_text(truth(paper, entry.before)), encoding="utf-8"
            )
            if paper.file.rsplit(".", 1)[1] in formats:
                (folder / paper.file).write_bytes(render(paper))
                written.append(paper.file)
    (folder / "catalog.yml").write_text(catalog_text(listed), encoding="utf-8")
    return written


def truth_text(content: Mapping[str, object]) -> str:
    """Truth as JSON with one cell or violation a line, for review."""
    lines = []
    for name, value in content.items():
        if name in ("cells", "violations", "stated") and isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f"{json.dumps(name)}: [\n{rows}\n]" if value else f"{json.dumps(name)}: []")
        else:
            lines.append(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def catalog_text(listed: list[Entry]) -> str:
    """The catalogue as YAML with the planted peculiarities as comments."""
    lines = [_CATALOG_HEAD]
    for entry in listed:
        paper = entry.paper
        lines += [f"# {remark}" for remark in paper.remarks]
        lines += [
            f"- file: {paper.file}",
            f"  title: {paper.title}",
            f"  agency: {paper.agency}",
            f"  report_year: {paper.report_year}",
            f"  published: {paper.published}",
            f"  column: {entry.column}",
        ]
        if entry.corrected:
            lines += [f"  corrected_by: {entry.corrected.file}", f"  corrected_on: {entry.corrected_on}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=sorted(RENDERERS), default=sorted(RENDERERS), help="formats to write"
    )
    parser.add_argument("--to", type=Path, default=DOCUMENTS, help="folder to write to")
    chosen = parser.parse_args()
    written = build(chosen.to, frozenset(chosen.only))
    print(f"{len(written)} documents in {chosen.to}")


if __name__ == "__main__":
    main()
