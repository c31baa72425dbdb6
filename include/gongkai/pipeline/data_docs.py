"""Data Docs: what is asked of each template, and how each year of the lake answered, as pages that need no network."""

from __future__ import annotations

from pathlib import Path

from gongkai.pipeline.load import open_lake
from gongkai.settings import get_settings


def write_data_docs(folder: Path | None = None) -> Path:
    """Write the pages, and return the first.

    Args:
        folder: Where to; default `docs` below the data folder, for they are of the data as much as of the rules.
    """
    from gongkai.quality.data_docs import index_page, suite_page, validation_page
    from gongkai.quality.rulebook import rule_book

    folder, book = folder or get_settings().data / "docs", rule_book()
    folder.mkdir(parents=True, exist_ok=True)
    pages: list[tuple[str, str, str]] = []
    for (year, template), result in open_lake().validations().items():
        told = result["statistics"]
        file, title = f"{year}-{template}.html", f"{year}: template {template}"
        (folder / file).write_text(validation_page(result, title), encoding="utf-8")
        text = f"{told['successful_expectations']} of {told['evaluated_expectations']} expectations hold"
        pages.append((file, title, text))
    for template in book.templates:
        file, title = f"suite-{template}.html", f"Expectations of template {template}"
        (folder / file).write_text(suite_page(book, template, title), encoding="utf-8")
        rules = sum(one.template == template for one in book.rules)
        pages.append((file, title, f"{rules} rules over the tables"))
    wanted = {file for file, _, _ in pages}
    for old in folder.glob("*.html"):
        if old.name not in wanted:
            old.unlink()
    index = folder / "index.html"
    index.write_text(index_page(pages), encoding="utf-8")
    return index
