"""Settled piece by piece, and only what changed, a year is the same as settled at once and from nothing."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from tests.bench.many_documents import add_documents, write_sources

from gongkai.pipeline import due, load
from gongkai.pipeline.load import load_year, open_lake
from gongkai.pipeline.review import Reviewer, accept, correct
from gongkai.settings import get_settings

from .conftest import without_great_expectations

LAST, YEAR = 2023, 2024
AGENCIES = range(9)
BY = Reviewer("王芳", "looked at the page")
CELL = "applications/received/natural_person"


@pytest.fixture(scope="module")
def two_years(tmp_path_factory):
    """Nine agencies with a report each for two years; one of them prints a wrong sum."""
    whole = tmp_path_factory.mktemp("years")
    write_sources(whole / "sources")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGKAI_SOURCES", str(whole / "sources"))
        patch.setenv("GONGKAI_DATA", str(whole / "data"))
        without_great_expectations(patch)
        get_settings.cache_clear()
        for year in (LAST, YEAR):
            add_documents(AGENCIES, year=year)
            load_year(year)
    get_settings.cache_clear()
    return whole


@pytest.fixture
def archive(one_engine, two_years, tmp_path, monkeypatch, data):
    """A copy of its own."""
    shutil.copytree(two_years, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    get_settings.cache_clear()
    return data


@pytest.fixture
def anew(monkeypatch):
    """How many reports each later settling of a year settled anew, in order."""
    found = []
    write = load.write_year

    def counted(of, year, note):
        settled = write(of, year, note)
        found.append((year, settled.anew))
        return settled

    monkeypatch.setattr(load, "write_year", counted)
    return found


def files(data):
    """All that settling writes, as bytes; the notes of years too."""
    paths = [path for path in (data / "lake").rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(data)): path.read_bytes() for path in paths if "_extracted" not in path.parts}


def from_nothing(data, *years):
    """What the same archive and decisions give in a lake that was empty."""
    kept = data / "kept"
    (data / "lake").rename(kept)
    shutil.copytree(kept / "_extracted", data / "lake" / "_extracted")
    for year in years or (LAST, YEAR):
        load_year(year)
    found = files(data)
    shutil.rmtree(data / "lake")
    kept.rename(data / "lake")
    return found


def report_of(number, year=YEAR):
    rows = open_lake().read("reports", [year]).to_pylist()
    return next(row for row in rows if row["agency_name"] == f"云岭县第{number}管理局")


def says(text):
    """Make the overview of a document this text."""
    return lambda report: replace(
        report, chapters=tuple(replace(one, text=text) if one.code == "overview" else one for one in report.chapters)
    )


@pytest.mark.parametrize(("anew_at_once", "at_once"), [(1, 3), (4, 100), (100, 5)])
def test_how_a_year_is_divided_does_not_show(archive, monkeypatch, anew_at_once, at_once):
    whole = files(archive)
    monkeypatch.setattr(due, "ANEW", anew_at_once)
    monkeypatch.setattr(due, "AT_ONCE", at_once)
    assert from_nothing(archive) == whole


@pytest.mark.slow
def test_both_engines_give_the_same_however_a_year_is_divided(both_engines, archive, monkeypatch):
    shutil.rmtree(archive / "lake/_settled")
    for year in (LAST, YEAR):
        load_year(year)
    whole = files(archive)
    monkeypatch.setattr(due, "ANEW", 5)
    monkeypatch.setattr(due, "AT_ONCE", 5)
    assert from_nothing(archive) == whole
    results = [json.loads(data) for name, data in whole.items() if "_validations" in name]
    assert [one["results"][0]["result"]["element_count"] for one in results] == [len(AGENCIES)] * 2
    add_documents([4], revision=2)
    load_year(YEAR)
    assert files(archive) == from_nothing(archive)


def test_a_revised_document_settles_its_agency_alone(archive, anew):
    add_documents([4], revision=2)
    assert load_year(YEAR)["changed"] == [YEAR]
    assert anew == [(YEAR, 1)]
    assert report_of(4)["n_revisions"] == 2
    assert files(archive) == from_nothing(archive)


def test_a_new_agency_and_one_whose_report_is_of_another_year(archive, anew):
    add_documents([9, 10], edit=lambda one: replace(one, identity=replace(one.identity, report_year=LAST)))
    add_documents([11])
    load_year(YEAR)
    assert anew == [(LAST, 2), (YEAR, 1)]
    assert files(archive) == from_nothing(archive)


def test_the_year_before_settles_the_agency_whose_report_changed(archive, anew):
    add_documents([3, 7], revision=2, year=LAST)
    load_year(LAST)
    assert anew == [(LAST, 2), (YEAR, 2)]
    assert files(archive) == from_nothing(archive)


def test_a_text_that_another_agency_copies_is_judged_again(archive, anew):
    text = "本机关认真贯彻落实条例，积极推进政务公开。" * 20
    add_documents([2], revision=2, edit=says(text))
    load_year(YEAR)
    add_documents([6], revision=2, edit=says(text))
    load_year(YEAR)
    assert anew == [(YEAR, 1), (YEAR, 2)]
    found = open_lake().read("findings", [YEAR]).to_pylist()
    copied = {row["report_id"]: row["message_en"] for row in found if row["family"] == "copied_text"}
    assert set(copied) == {report_of(number)["report_id"] for number in (2, 6)}
    assert files(archive) == from_nothing(archive)
    add_documents([6], revision=3, edit=says("另写一段。" + text))
    load_year(YEAR)
    assert anew[-1] == (YEAR, 2)
    assert not [row for row in open_lake().read("findings", [YEAR]).to_pylist() if row["family"] == "copied_text"]
    assert files(archive) == from_nothing(archive)


def test_decisions_settle_their_report_alone_and_stand_when_others_change(archive, anew):
    accept(report_of(0)["report_id"], BY)
    correct(report_of(5, LAST)["report_id"], CELL, "7", BY)
    load_year(YEAR)
    load_year(LAST)
    assert anew == [(YEAR, 1), (LAST, 1), (YEAR, 1)]
    add_documents([8], revision=2)
    load_year(YEAR)
    assert anew[3:] == [(YEAR, 1)]
    (row,) = open_lake().read("decisions", [YEAR]).to_pylist()
    assert row["standing"] == "in_force" and row["report_id"] == report_of(0)["report_id"]
    assert files(archive) == from_nothing(archive)


def test_without_its_note_a_year_is_settled_from_nothing(archive, anew):
    before = files(archive)
    (details,) = (archive / "lake/_settled" / f"report_year={YEAR}").glob("*.agencies.parquet")
    details.write_bytes(b"PAR1")
    add_documents([4], revision=2)
    load_year(YEAR)
    assert anew == [(YEAR, len(AGENCIES))]
    assert files(archive) == from_nothing(archive) != before


def test_own_text_of_the_year_before_is_known_whatever_the_report_says_of_itself(archive):
    """The lake knows an agency as it was told apart, and the title; what else a report says of itself is gone."""
    said = {"agency": "云岭第3管理局", "agency_printed": "三局", "region_code": None}
    text = "三局认真贯彻落实条例，积极推进政务公开。" * 20

    def edit(report):
        return replace(says(text)(report), identity=replace(report.identity, **said))

    for year in (LAST, YEAR):
        add_documents([3], revision=2, year=year, edit=edit)
        load_year(year)
    found = open_lake().read("findings", [YEAR]).to_pylist()
    assert {row["rule_id"] for row in found if row["family"] == "copied_text"} == {
        "copied_text:text/overview/previous_year"
    }
    assert files(archive) == from_nothing(archive)
