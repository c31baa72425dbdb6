import json

import jsonschema
import pytest
from open_data_contract_standard.model import OpenDataContractStandard
from ruamel.yaml import YAML

from gongkai.contracts.tables import load_table, load_tables
from gongkai.errors import ContractError
from gongkai.settings import ROOT

FOLDER = ROOT / "data_contracts" / "warehouse"
PATHS = sorted(FOLDER.glob("*.yml"))
STANDARD = jsonschema.Draft201909Validator(json.loads(OpenDataContractStandard.json_schema()))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_contracts_satisfy_the_standard(path):
    form = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    assert [error.message for error in STANDARD.iter_errors(form)] == []


def test_the_tables_of_the_design_are_there():
    assert set(load_tables()) == {
        *("reports", "agencies", "regions", "applications", "proactive_disclosure", "review_litigation"),
        *("legacy_statistics", "narratives", "stated_figures", "cells", "findings", "revisions", "coverage"),
        *("releases", "documents", "rules", "rule_coverage", "proposals", "status_reasons", "revision_changes"),
        *("addresses", "listings", "collect_runs", "requests", "decisions", "agency_names", "region_names"),
    }


def is_chinese(text):
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def test_every_table_has_owner_authority_and_warnings():
    for contract in load_tables().values():
        assert contract.owner, contract.name
        assert is_chinese(contract.warning_zh), contract.name
        assert contract.warning_en and contract.warning_en != contract.warning_zh, contract.name
        assert contract.authorities, contract.name
        for authority in contract.authorities:
            assert authority.kind in {"notice", "regulation", "standard", "implementation"}
            assert authority.title
            assert authority.url.startswith("https://") or (ROOT / authority.url).is_file(), authority


def test_what_prescribes_the_templates_is_named():
    for table, words in (
        ("applications", ("2021〕30号", "2019〕60号", "条例")),
        ("proactive_disclosure", ("2021〕30号", "2019〕60号")),
        ("review_litigation", ("2021〕30号", "2019〕60号")),
        ("legacy_statistics", ("2014", "条例")),
        ("reports", ("2021〕30号", "2019〕60号", "2014", "条例")),
    ):
        titles = " ".join(authority.title for authority in load_tables()[table].authorities)
        assert all(word in titles for word in words), table


def test_every_column_is_described_in_both_languages():
    for contract in load_tables().values():
        assert contract.zh_text != contract.en_text
        for column in contract.columns:
            assert is_chinese(column.zh), column
            assert is_chinese(column.zh_text), f"{contract.name}.{column.name} lacks its descriptionZh"
            assert column.en_text.isascii() or any(sign in column.en_text for sign in "二三四无"), column


def test_what_is_read_of_a_contract():
    cells = load_tables()["cells"]
    assert cells.key == ("revision_id", "table_code", "row_code", "column_code")
    assert cells.partitioned
    assert cells.shrink == 0.05
    columns = {column.name: column for column in cells.columns}
    assert columns["value"].type == "DECIMAL(24,6)"
    assert not columns["value"].required
    assert columns["state"].values == ("number", "blank", "not_applicable", "text", "not_extracted")
    assert columns["report_id"].references == ("reports", "report_id")
    assert columns["x0"].comment == "左（pt）：单元格方框在页面上的左边缘 | Left edge of the box on the page"
    assert {"in_force_only", "value_means_number"} <= {check.name for check in cells.checks}
    assert not load_tables()["agencies"].partitioned


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("        required: true\n", "        requird: true\n", r"rules\.yml:\d+: unknown key requird"),
        ("apiVersion: v3.1.0", "apiVersion: v2.2.0", "other version of ODCS; found v2.2.0; expected v3.1.0"),
        ("  - name: rules\n", "  - name: rule\n", "named after; found rule; expected rules"),
        ("      - name: clause\n", "      - name: rule_id\n", "given twice"),
        ("      - name: clause\n", "      - name: Clause; DROP\n", "small letters"),
        ("        primaryKey: true\n", "", "no primary key"),
        ("        physicalType: VARCHAR\n", "", "physicalType of .* is missing"),
        ("        businessName: 依据\n", "", "businessName of clause is missing"),
        ("        metric: rowCount\n", "        metric: duplicateValues\n", "cannot run"),
        ("metric: invalidValues", "metric: nullValues", "only invalidValues"),
        ("kind: DataContract", "kind: [", "not valid YAML"),
        ("status: active", "status: {a: b}", r"rules\.yml:\d+: status"),
    ],
)
def test_broken_contracts_are_refused(tmp_path, old, new, words):
    text = (FOLDER / "rules.yml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rules.yml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError, match=words):
        load_table(path)


def test_references_to_nothing_are_refused(tmp_path):
    (tmp_path / "agencies.yml").write_text((FOLDER / "agencies.yml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"agencies\.region_code refers.*found regions\.region_code"):
        load_tables(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ContractError, match="no table contracts"):
        load_tables(tmp_path)
