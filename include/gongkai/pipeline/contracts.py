"""Contracts as a whole: all are checked at once, and the dictionary is written from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gongkai.contracts.load import load_templates
from gongkai.contracts.quality import attribution_policy, settling_policy
from gongkai.contracts.regions import load_regions
from gongkai.contracts.tables import load_tables
from gongkai.contracts.text_rules import load_text_families
from gongkai.contracts.versions import accept, demand_versions
from gongkai.documents.page_rules import load_page_rules
from gongkai.pipeline.publish import current_release
from gongkai.quality.textbook import text_rules
from gongkai.reports import figure_forms, identity, numbers
from gongkai.reports.agency import agency_forms
from gongkai.settings import TIMEZONE, get_settings
from gongkai.sources.answer_rules import load_answer_rules
from gongkai.sources.check import check_sources
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.registry import load_sources
from gongkai.sources.schema import write_schema
from gongkai.warehouse.dictionary import write
from gongkai.warehouse.dictionary_html import PAGE, dictionary_page, release_facts
from gongkai.warehouse.macros import load_macros
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.release import DICTIONARY
from gongkai.warehouse.superset.check import check
from gongkai.warehouse.superset.datasets import sources
from gongkai.warehouse.superset.model import load_plan


def lint() -> Iterator[str]:
    """Load every contract and source, and say in a line each what was found.

    Raises:
        ContractError: The first that is broken, with file, line and reason.
    """
    settings = get_settings()
    for code, contract in load_templates().items():
        cells = sum(len(table.columns_of(row)) for table in contract.tables for row in table.rows)
        yield f"template {code}: {len(contract.tables)} tables, {cells} cells, {len(contract.expanded_rules)} rules"
    known = {form.indicator for form in figure_forms.load_forms().figures}
    for code in load_templates():
        yield f"text, template {code}: {len(text_rules(code))} rules"
    for family in load_text_families():
        for unknown in sorted({one for rule in family.rules for one in rule.indicators} - known):
            yield f"quality/text.yml: {family.family}: figures.yml has no indicator {unknown}"
    tables, marts = load_tables(), load_marts()
    yield f"warehouse: {len(tables)} tables, {sum(len(table.columns) for table in tables.values())} columns"
    yield (
        "contracts: as last published"
        if demand_versions()
        else "contracts: they moved on since published.json; run `gongkai contracts accept`"
    )
    yield f"marts: {', '.join(mart.name for mart in marts)}"
    yield f"macros: {', '.join(macro.name for macro in load_macros())}"
    plan = load_plan()
    check(plan, sources(plan))
    yield f"superset: {len(plan.datasets)} datasets, {len(plan.charts)} charts"
    stated = figure_forms.load_forms().figures
    for form in stated:
        for code, (table, row, column) in form.cells.items():
            template = load_templates().get(code)
            if template is None or not template.has_cell(table, row, column):
                yield f"figures.yml: {form.indicator}: template {code} has no cell {table}/{row}/{column}"
    titles, signs = identity.forms().title_patterns, numbers.forms()[0].not_applicable
    indicators = {form.indicator for form in stated}
    yield f"reading: {len(indicators)} indicators, {len(titles)} title patterns, {len(signs)} signs for not applicable"
    yield f"regions: {len(load_regions().by_code)}; agencies: {len(agency_forms().short)} short forms of organs"
    load_page_rules()
    load_link_rules(settings.contracts)
    load_answer_rules(settings.contracts)
    yield "pages, links and answers: read"
    rules, decisions = settling_policy().rules, attribution_policy().decisions
    yield f"quality: {len(decisions)} facts that tell who is to blame, {len(rules)} reasons for a status"
    for source in load_sources(settings.sources):
        yield f"source {source.name}: {source.adapter}, {len(source.expect.agencies)} agencies expected"
    for finding in check_sources(settings.sources, today=datetime.now(ZoneInfo(TIMEZONE)).date()):
        yield str(finding)


def write_docs() -> list[Path]:
    """Write everything that is generated from the contracts; return the files.

    Raises:
        ContractError: A contract changed in a way that breaks its readers, without a major version step.
    """
    return [accept(), write(), write_page(), write_schema()]


def write_page(path: Path = PAGE) -> Path:
    """Write the dictionary of the contracts as HTML, and return its path."""
    path.write_text(dictionary_page(load_tables(), load_marts(), load_macros()), encoding="utf-8")
    return path


def write_release_docs(path: Path | None = None) -> Path:
    """Write the dictionary of the current release, with its row counts and sample values; return its path.

    Args:
        path: The file; beside the release, and removed with it, where none is given.

    Raises:
        RunError: Nothing was published yet.
    """
    release, tables, marts = current_release(), load_tables(), load_marts()
    path = path or release.with_suffix(DICTIONARY)
    page = dictionary_page(tables, marts, load_macros(), release_facts(release, tables, marts))
    path.write_text(page, encoding="utf-8")
    return path
