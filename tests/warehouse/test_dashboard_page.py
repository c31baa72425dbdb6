"""What the dashboard's page is made of: labels for every word and code, queries of main and mart, nothing from afar."""

import re

import pytest

from gongkai.contracts.load import load_templates
from gongkai.contracts.tables import load_tables
from gongkai.errors import ContractError
from gongkai.warehouse import dashboard
from gongkai.warehouse.dashboard import labels
from gongkai.warehouse.pages import script_json

PAGE = dashboard._FOLDER


def test_the_page_loads_from_nowhere():
    for name in ("page.html", "style.css", "script.js"):
        text = (PAGE / name).read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(|@import|fetch\(|XMLHttpRequest""", text), name


def test_every_word_has_a_label():
    known = labels()
    page, script = ((PAGE / name).read_text(encoding="utf-8") for name in ("page.html", "script.js"))
    used = {*re.findall(r'data-t="([\w.]+)"', page), *re.findall(r'\bt\("([\w.]+)"\)', script)}
    used |= set(re.findall(r'fact\("(\w+)"', script))
    assert used <= set(known)


def test_every_code_has_a_label():
    known = labels()
    tables = load_tables()
    columns = {f"{name}.{one.name}": one.values for name in tables for one in tables[name].columns}
    for kind, column in (
        ("kind", "agencies.kind"), ("level", "agencies.level"), ("status", "reports.status"),
        ("template", "reports.template"), ("outcome", "findings.outcome"), ("severity", "findings.severity"),
        ("attribution", "findings.attribution"),
    ):  # fmt: skip
        assert all(f"{kind}.{value}" in known for value in columns[column]), column
    seen = set(columns["coverage.outcome"]) - {"found", "not_due"}
    assert {f"outcome.{value}" for value in seen} <= set(known)
    for form in load_templates().values():
        assert {f"family.{rule.family}" for rule in form.expanded_rules} <= set(known)
        for table in form.tables:
            assert {f"column.{one.code}" for one in table.columns} | {f"form.{table.code}"} <= set(known)
            if table.code != "legacy":
                assert {f"row.{one.code}" for one in table.rows} <= set(known)


def test_a_label_has_both_languages(tmp_path):
    path = tmp_path / "labels.yml"
    path.write_text("title: {zh: 年报}\n", encoding="utf-8")
    with pytest.raises(ContractError, match="a label has zh and en; found title"):
        labels(path)


def test_only_mart_and_main_are_read():
    for path in dashboard._SQL.glob("*.sql"):
        text = re.sub(r"--.*|extract\(.*?\)", "", path.read_text(encoding="utf-8"))
        for name in re.findall(r"\b(?:FROM|JOIN)\s+([\w.]+)", text):
            assert name.startswith(("main.", "mart.")), (path.name, name)


def test_json_in_a_script_cannot_leave_it():
    text = script_json({"a": "</script><!--\u2028&", "b": None})
    assert not re.search("[<>&\u2028]", text)
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))
