"""The table of regions: made from packages, with what reports since 2008 need."""

from __future__ import annotations

import pytest

from gongkai.contracts.region_data import collect_regions, render
from gongkai.contracts.regions import holds, level_of, load_regions
from gongkai.errors import ContractError
from gongkai.settings import get_settings


def test_the_file_is_what_the_packages_give():
    file = get_settings().contracts / "reading" / "regions.csv"
    assert file.read_text(encoding="utf-8") == render(collect_regions()), "run `make regions`"


def test_counts_are_those_of_the_country():
    today = [region for region in load_regions().by_code.values() if not region.former]
    levels = [region.level for region in today]
    assert 33 <= levels.count("province") <= 34
    assert 330 <= levels.count("city") <= 340
    assert 2800 <= levels.count("county") <= 2900


@pytest.mark.parametrize(
    ("code", "name", "former", "above"),
    [
        ("370812", "兖州区", False, ["370800", "370000"]),
        ("370882", "兖州市", True, ["370800", "370000"]),
        ("410381", "偃师市", True, ["410300", "410000"]),
        ("429004", "仙桃市", False, ["420000"]),
        ("110105", "朝阳区", False, ["110000"]),
        ("341402", "居巢区", True, ["341400", "340000"]),
        ("320000", "江苏省", False, []),
    ],
)
def test_regions_and_those_above(code, name, former, above):
    region = load_regions().by_code[code]
    assert (region.name, region.former) == (name, former)
    assert [one.code for one in load_regions().ancestors(code)] == above


def test_no_headings_and_no_zones():
    names = {region.name for region in load_regions().by_code.values()}
    assert not {"市辖区", "县", "省直辖县级行政区划"} & names
    assert not [name for name in names if name.endswith("开发区")]


def test_a_region_that_got_another_code_is_one_region():
    found = [region for region in load_regions().by_code.values() if region.name in ("大方县", "公主岭市", "寿县")]
    assert sorted(region.code for region in found) == ["220184", "340422", "520521"]


def test_codes_nest():
    assert [level_of(code) for code in ("370000", "370800", "370812")] == ["province", "city", "county"]
    assert holds("370000", "370812") and holds("370800", "370812") and holds("370812", "370812")
    assert not holds("370800", "371302") and not holds("370812", "370811")


@pytest.mark.parametrize("line", ["37081,兖州区,", "370812,,", "370812", "370812,兖州区,now"])
def test_a_broken_line_is_refused(tmp_path, line):
    file = tmp_path / "regions.csv"
    file.write_text(f"# a comment\ncode,name,until\n{line}\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"regions\.csv:3"):
        load_regions(file)


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(ContractError, match="make regions"):
        load_regions(tmp_path / "none.csv")
