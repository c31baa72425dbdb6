"""A breaking change of a table contract needs a major version step; anything else is free."""

import shutil

import pytest

from gongkai.contracts.versions import SNAPSHOT, accept, demand_versions, load_published
from gongkai.errors import ContractError
from gongkai.settings import ROOT

FOLDER = ROOT / "data_contracts" / "warehouse"


@pytest.fixture
def folder(tmp_path):
    """Three tables with the shapes they were published with, and a function that edits the contract of regions."""
    for name in ("regions.yml", "agencies.yml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    published = load_published(FOLDER / SNAPSHOT)
    assert {"regions", "agencies"} <= set(published)
    accept(tmp_path)
    work = tmp_path / "work"  # contracts are read once a folder
    work.mkdir()
    for path in (*tmp_path.glob("*.yml"), tmp_path / SNAPSHOT):
        shutil.copy(path, work / path.name)

    def edit(*changes):
        text = (work / "regions.yml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (work / "regions.yml").write_text(text, encoding="utf-8")
        return work

    return edit


EXTRA = """      - name: extra
        businessName: 附加
        description: More
        logicalType: string
        physicalType: VARCHAR
"""
MAJOR = ("version: 1.", "version: 2.")
NAME = "      - name: region_name\n"
REQUIRED = "        physicalType: VARCHAR\n        required: true\n"
BREAKING = [
    ([("- name: level\n", "- name: rank\n")], r"regions 1\.\S+ -> 1\.\S+: column level is gone \(renamed to rank\?\)"),
    ([("physicalType: VARCHAR", "physicalType: BIGINT")], "column region_code: type VARCHAR became BIGINT"),
    ([(REQUIRED, "        physicalType: VARCHAR\n")], "column region_code became nullable"),
    (
        [
            ("        primaryKey: true\n        primaryKeyPosition: 1\n", ""),
            (NAME, NAME + "        primaryKey: true\n        primaryKeyPosition: 1\n"),
        ],
        r"key \(region_code\) became \(region_name\)",
    ),
]


@pytest.mark.parametrize(("changes", "words"), BREAKING, ids=lambda value: value if isinstance(value, str) else "")
def test_breaking_changes_need_a_major_step(folder, changes, words):
    with pytest.raises(ContractError, match=words) as caught:
        demand_versions(folder(*changes))
    assert "major version step" in str(caught.value)
    with pytest.raises(ContractError, match=words):
        accept(folder())


@pytest.mark.parametrize(("changes", "words"), BREAKING, ids=lambda value: value if isinstance(value, str) else "")
def test_with_a_major_step_they_are_accepted(folder, changes, words):
    work = folder(*changes, MAJOR)
    assert demand_versions(work) is False
    accept(work)
    assert demand_versions(work) is True
    assert load_published(work / SNAPSHOT)["regions"].version.startswith("2.")


def test_a_minor_step_is_no_excuse(folder):
    with pytest.raises(ContractError, match="column level is gone"):
        demand_versions(folder(("- name: level\n", "- name: rank\n"), ("version: 1.", "version: 1.9")))


def test_a_dropped_column_is_found(folder):
    work = folder()
    text = (work / "regions.yml").read_text(encoding="utf-8")
    start = text.index("      - name: level\n")
    end = text.index("      - name: ", start + 1)
    (work / "regions.yml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(ContractError, match="column level is gone"):
        demand_versions(work)


def test_a_new_column_and_new_words_are_free(folder):
    work = folder(
        (
            "      - name: level\n",
            EXTRA + "      - name: level\n",
        )
    )
    assert demand_versions(work) is False
    accept(work)
    assert demand_versions(work) is True


def test_a_version_never_goes_back(folder):
    with pytest.raises(ContractError, match="the version went back"):
        demand_versions(folder(("version: 1.", "version: 0.")))


def test_a_version_is_three_numbers(folder):
    with pytest.raises(ContractError, match="three numbers"):
        demand_versions(folder(("version: 1.0.0", "version: one")))


def test_a_table_that_is_gone_must_be_named(folder):
    work = folder()
    (work / "agencies.yml").unlink()
    with pytest.raises(ContractError, match=r"agencies .*: the table is gone"):
        accept(work)
    accept(work, dropped=["agencies"])
    assert set(load_published(work / SNAPSHOT)) == {"regions"}


def test_a_damaged_file_says_so(folder):
    work = folder()
    (work / SNAPSHOT).write_text('{"regions": {"version": 3}}', encoding="utf-8")
    with pytest.raises(ContractError, match=r"published\.json: damaged shapes"):
        demand_versions(work)


def test_the_committed_shapes_are_those_of_the_contracts(tmp_path):
    assert demand_versions(), "run `gongkai contracts accept` (make docs does)"
    before = (FOLDER / SNAPSHOT).read_text(encoding="utf-8")
    assert accept().read_text(encoding="utf-8") == before
