"""Validation results and suites as Great Expectations' Data Docs, made to need no network.

Great Expectations loads styles, scripts and pictures from half a dozen hosts. All of that is taken out of its pages,
and a style sheet of our own put in: the pages are tables, and need no script.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gongkai.quality.gx import suite_expectations
from gongkai.quality.rulebook import RuleBook

_SHOWN = 20
"""Reports that a page names for each expectation; the result itself names all."""
_LISTS = ("partial_unexpected_list", "partial_unexpected_index_list", "unexpected_list", "unexpected_index_list")
_COUNTS = ("partial_unexpected_counts",)
_STYLE = Path(__file__).with_name("data_docs.css")
_FOREIGN = re.compile(r"url\(\s*['\"]?(?:https?:)?//[^)]*\)", re.IGNORECASE)
_SUITE = re.compile(r"/template_([^/]+)\.html$")
_UNWANTED = ("script", "link", "iframe", "object", "embed", "img", "footer", "base")
_LOADS = ("src", "srcset", "data", "poster", "background")


def validation_page(result: Mapping[str, Any], title: str) -> str:
    """Render a validation result, as validations.lasting gives it, as one page.

    Args:
        result: The result.
        title: Heading of the page.
    """
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    shown = copy.deepcopy(dict(result))
    for one in shown["results"]:
        for name in (*_LISTS, *_COUNTS):
            if isinstance(one["result"].get(name), list):
                one["result"][name] = _escaped(one["result"][name][:_SHOWN])
    run = {"run_name": title, "run_time": "1970-01-01T00:00:00+00:00"}
    shown["meta"] = shown["meta"] | {"run_id": run, "active_batch_definition": {}, "batch_spec": {}}
    return _page(ValidationResultsPageRenderer().render(expectationSuiteValidationResultSchema.load(shown)), title)


def _escaped(value: Any) -> Any:
    """The same with all strings escaped: Great Expectations puts names of reports into its pages as they are."""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return {name: _escaped(one) for name, one in value.items()} if isinstance(value, dict) else value


def suite_page(book: RuleBook, template: str, title: str) -> str:
    """Render the expectations of a template as one page: what is asked, whether or not there are reports."""
    import great_expectations
    from great_expectations.render.renderer.page_renderer import ExpectationSuitePageRenderer

    suite = great_expectations.ExpectationSuite(
        name=f"template_{template}", expectations=suite_expectations(book, template)
    )
    content = ExpectationSuitePageRenderer().render(suite)  # type: ignore[no-untyped-call]
    return _page(content, title)


def index_page(pages: Iterable[tuple[str, str, str]]) -> str:
    """Render the list of pages: (file, title, what it says)."""
    rows = "".join(
        f'<tr><td><a href="{html.escape(file)}">{html.escape(title)}</a></td><td>{html.escape(text)}</td></tr>'
        for file, title, text in pages
    )
    head = f"<title>Data Docs</title><meta charset='utf-8'><style>{_STYLE.read_text('utf-8')}</style>"
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><div class='container-fluid'><h1>Data Docs</h1>"
        f"<table>{rows}</table></div></body></html>"
    )


def _page(content: Any, title: str) -> str:
    from great_expectations.render.view.view import DefaultJinjaPageView

    return offline(DefaultJinjaPageView().render(content), title)  # type: ignore[no-untyped-call]


def offline(page: str, title: str) -> str:
    """Take everything out of a page that a browser would load, and put our own style in."""
    from lxml import html as lxml_html

    tree: Any = lxml_html.document_fromstring(page)
    unwanted = [*tree.iter(*_UNWANTED), *tree.find_class("card"), *tree.find_class("ge-breadcrumbs")]
    for element in unwanted:
        element.drop_tree()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for name in list(element.attrib):
            if name in _LOADS or name.startswith("on"):
                del element.attrib[name]
        if element.tag == "style" and element.text:
            element.text = _FOREIGN.sub("none", element.text)
        if "style" in element.attrib:
            element.set("style", _FOREIGN.sub("none", element.get("style", "")))
        if element.tag == "a" and "//" in element.get("href", ""):
            del element.attrib["href"]
        elif element.tag == "a" and element.get("href", "").endswith("index.html"):
            element.set("href", "index.html")
        elif element.tag == "a" and (suite := _SUITE.search(element.get("href", ""))):
            element.set("href", f"suite-{suite[1]}.html")
    head = tree.find("head")
    if head is not None:
        for old in head.findall("title"):
            head.remove(old)
        for tag, text in (("title", title), ("style", _STYLE.read_text("utf-8"))):
            made = lxml_html.Element(tag)
            made.text = text
            head.append(made)
    return f"<!DOCTYPE html>\n{lxml_html.tostring(tree, encoding='unicode')}"
