"""The names of regions over the years: made from packages, with successors that their codes and names tell."""

from __future__ import annotations

import pytest

from gongkai.contracts.region_history import collect_names, render
from gongkai.contracts.region_names import load_region_names
from gongkai.contracts.regions import load_regions
from gongkai.errors import ContractError
from gongkai.settings import get_settings


def test_the_file_is_what_the_packages_give():
    file = get_settings().contracts / "reading" / "region_names.csv"
    assert file.read_text(encoding="utf-8") == render(collect_names()), "run `make regions`"


def test_every_region_that_reports_are_matched_with_has_its_names():
    known = {(one.code, one.name) for one in load_region_names()}
    assert {(one.code, one.name) for one in load_regions().by_code.values()} <= known


def test_todays_are_todays():
    today = {one.code for one in load_region_names() if one.last_year is None}
    assert today == {one.code for one in load_regions().by_code.values() if not one.former}
    assert all((one.successor is None) == (one.basis is None) for one in load_region_names())
    assert {one.successor for one in load_region_names() if one.successor} <= today


@pytest.mark.parametrize(
    ("code", "name", "first", "last", "successor", "basis"),
    [
        ("420600", "襄樊市", 1980, 2009, "420600", "same_code"),
        ("420600", "襄阳市", 2010, None, None, None),
        ("522227", "德江县", 1980, 2010, "520626", "same_name"),
        ("110228", "密云县", 1980, 2014, "110118", "same_stem"),
        ("321284", "姜堰市", 1996, 2012, "321204", "same_stem"),
        ("652200", "哈密地区", 1980, 2015, "650500", "same_stem"),
        ("410307", "偃师区", None, None, None, None),
        ("110103", "崇文区", 1980, 2009, None, None),
        # became 建安区 by another code: neither code nor name tells it
        ("411023", "许昌县", 1986, 2015, None, None),
    ],
)
def test_what_became_of_regions(code, name, first, last, successor, basis):
    (found,) = [one for one in load_region_names() if (one.code, one.name) == (code, name)]
    assert found[2:] == (first, last, successor, basis)


@pytest.mark.parametrize("line", ["37081,兖州区,,,,", "370812,兖州区,,,370812,", "370812,兖州区,80,,,", "370812,,,,,"])
def test_a_broken_line_is_refused(tmp_path, line):
    file = tmp_path / "region_names.csv"
    file.write_text(f"# a comment\ncode,name,first_year,last_year,successor,basis\n{line}\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"region_names\.csv:3"):
        load_region_names(file)


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(ContractError, match="make regions"):
        load_region_names(tmp_path / "none.csv")
