"""Which agency a document is of, and the agencies and regions of a release."""

from __future__ import annotations

import pytest

from gongkai.pipeline.agencies import Directory, Found, agency_id, dims_of
from gongkai.pipeline.check import links_between
from gongkai.pipeline.contracts import lint
from gongkai.reports.agency import locate
from gongkai.reports.identity import normalise_agency
from gongkai.reports.model import Identity, Report
from gongkai.settings import get_settings
from gongkai.sources.model import Source


def listed(name, code, region, *, aliases=(), level="county", kind="department"):
    return {
        "name": name, "aliases": list(aliases), "region": {"code": code, "name": region}, "level": level, "kind": kind,
    }  # fmt: skip


def source(name, code, region, *agencies, years=None):
    return Source.model_validate(
        {
            "name": name, "title": name, "publisher": region, "region": {"code": code, "name": region},
            "adapter": "folder", "folder": {"path": "/nowhere"},
            "expect": {"agencies": list(agencies), "years": years},
        }
    )  # fmt: skip


def identity(printed, year=2023):
    name = normalise_agency(printed)
    return Identity(name, printed, year, "", None, {}, locate(name, (), year).code)


YUNLING = listed("云岭县卫生健康局", "900121", "云岭县", aliases=["云岭县卫健办"])


def test_what_a_source_expects_stands():
    directory = Directory([source("county", "900121", "云岭县", YUNLING)])
    known = directory.resolve("county", identity("云岭县卫健局"))
    assert (known.name, known.region_code) == ("云岭县卫生健康局", "900121")
    assert directory.resolve("county", identity("云岭县卫健办")) == known


def test_an_expected_region_wins_over_the_derived_one():
    odd = listed("兰山区科学技术局", "900777", "另一个兰山区")
    known = Directory([source("odd", "900000", "示例省", odd)]).resolve("odd", identity("兰山区科技局"))
    assert known.region_code == "900777"


def test_an_unknown_place_is_that_of_another_source_of_the_province_only():
    sources = [
        source("county", "900121", "云岭县", YUNLING),
        source("near", "900000", "示例省"),
        source("far", "910000", "他省"),
    ]
    directory = Directory(sources)
    known = directory.resolve("county", identity("云岭县卫健局"))
    assert directory.resolve("near", identity("云岭县卫生健康局")) == known
    other = directory.resolve("far", identity("云岭县卫生健康局"))
    assert other.agency_id != known.agency_id and other.region_code is None


def test_a_fuller_name_is_the_expected_agency():
    directory = Directory([source("district", "371302", "兰山区", listed("兰山区科学技术局", "371302", "兰山区"))])
    known = directory.resolve("district", identity("兰山区科技局"))
    assert directory.resolve("city", identity("临沂市兰山区科学技术局")) == known
    assert directory.resolve("district", identity("区科技局")) == known


def test_one_name_expected_in_two_cities():
    directory = Directory(
        [
            source("nanjing", "320100", "南京市", listed("鼓楼区教育局", "320106", "鼓楼区")),
            source("xuzhou", "320300", "徐州市", listed("鼓楼区教育局", "320302", "鼓楼区")),
            source("jiangsu", "320000", "江苏省"),
            source("kaifeng", "410200", "开封市"),
        ]
    )
    found = {
        name: directory.resolve(name, identity("鼓楼区教育局")) for name in ("nanjing", "xuzhou", "jiangsu", "kaifeng")
    }
    assert [one.region_code for one in found.values()] == ["320106", "320302", None, "410204"]
    assert len({one.agency_id for one in found.values()}) == 4
    assert directory.resolve("jiangsu", identity("徐州市鼓楼区教育局")) == found["xuzhou"]


def test_regions_of_a_release_have_names_levels_and_those_above():
    dims = dims_of([source("county", "900121", "云岭县", YUNLING)], [Found("a1", "兖州区科学技术局", "370812", 2023)])
    placed = {one.region_code: (one.region_name, one.level, one.parent) for one in dims.regions}
    assert placed == {
        "370000": ("山东省", "province", None),
        "370800": ("济宁市", "city", "370000"),
        "370812": ("兖州区", "county", "370800"),
        "900121": ("云岭县", None, None),
    }


def test_found_agencies_get_what_their_names_tell():
    found = [
        Found("a1", "兰山区科学技术局", "371302", 2021),
        Found("a1", "临沂市兰山区科学技术局", "371302", 2023),
        Found("a2", "昌临市瑶岭县人民政府", None, 2022),
        Found("a3", "(0123456789ab)", None, 2022),
    ]
    agencies = {one.agency_id: one for one in dims_of([], found).agencies}
    one = agencies["a1"]
    assert (one.agency_name, one.aliases) == ("临沂市兰山区科学技术局", ("兰山区科学技术局",))
    assert (one.region_code, one.level, one.kind) == ("371302", "county", "department")
    assert (agencies["a2"].region_code, agencies["a2"].level, agencies["a2"].kind) == (None, "county", "government")
    assert (agencies["a3"].region_code, agencies["a3"].level, agencies["a3"].kind) == (None, None, None)


def test_an_expected_agency_is_not_derived_again():
    years = {"first": 2022, "last": 2023}
    sources = [source("county", "900121", "云岭县", YUNLING, years=years)]
    key = agency_id("云岭县卫生健康局", "900121")
    dims = dims_of(sources, [Found(key, "云岭县卫健局", None, 2023)])
    assert [(one.agency_name, one.kind) for one in dims.agencies] == [("云岭县卫生健康局", "department")]
    assert sorted(one.report_year for one in dims.expected) == [2022, 2023]
    assert dims == dims_of(sources, [])


def report(printed, year):
    return Report(identity(printed, year), "2021", (), (), (), "0" * 64, "docx", "docx")


@pytest.mark.parametrize(
    ("before", "now", "linked"),
    [
        ("济宁市科技局", "济宁市科学技术局", True),
        ("兰山区科学技术局", "临沂市兰山区科技局", True),
        ("昌临市瑶岭县自然资源局", "昌临市瑶岭县自然资源局", True),
        ("南京市鼓楼区教育局", "徐州市鼓楼区教育局", False),
        ("偃师市科学技术局", "偃师区科学技术局", False),
        ("云岭县教育局", "云岭县教育科技局", False),
        ("", "", False),
    ],
)
def test_years_of_one_agency_are_linked(before, now, linked):
    reports = {"before": report(before, 2022), "now": report(now, 2023)}
    assert links_between(reports) == ({"now": "before"} if linked else {})


def test_lint_names_a_code_that_is_not_the_regions(tmp_path, monkeypatch):
    (tmp_path / "odd.yml").write_text(
        "name: odd\ntitle: 年报\npublisher: 淮安市人民政府\nregion: {code: '321300', name: 淮安市}\n"
        "adapter: folder\nfolder: {path: here}\n"
        "expect: {agencies: [{name: 某县教育局, region: {code: '329999', name: 某县}, "
        "level: county, kind: department}]}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path))
    get_settings.cache_clear()
    lines = [line.rpartition("odd.yml:")[2] for line in lint() if "odd.yml:" in line]
    get_settings.cache_clear()
    assert lines == [
        "4: 321300 is the code of 宿迁市, not of 淮安市",
        "7: no region has the code 329999 (某县)",
        "7: 某县教育局 (329999) is not within 淮安市",
    ]
