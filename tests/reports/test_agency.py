"""Names of agencies: what is one agency stays one, what is two stays two, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.contracts.regions import load_regions
from gongkai.reports.agency import (
    Placing,
    agency_forms,
    agency_key,
    complete,
    expand,
    kind_of_agency,
    level_of_agency,
    locate,
)


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("济宁市科技局", "济宁市科学技术局"),
        ("济宁市兖州区科技局", "济宁市兖州区科学技术局"),
        ("乌海市工信局", "乌海市工业和信息化局"),
        ("云岭县卫健局", "云岭县卫生健康局"),
        ("北京市卫健委", "北京市卫生健康委员会"),
        ("北京市卫生健康委", "北京市卫生健康委员会"),
        ("北京市科委", "北京市科学技术委员会"),
        ("恩施州发改委", "恩施州发展和改革委员会"),
        ("国家发改委", "国家发展和改革委员会"),
        ("兰考县发展改革委", "兰考县发展和改革委员会"),
        ("云岭县人社局", "云岭县人力资源和社会保障局"),
        ("云岭县住建局", "云岭县住房和城乡建设局"),
        ("济宁市市监局", "济宁市市场监督管理局"),
        ("济宁市市场监管局", "济宁市市场监督管理局"),
        ("广西科技厅", "广西科学技术厅"),
        ("云岭县政府", "云岭县人民政府"),
        ("云岭县政府办公室", "云岭县人民政府办公室"),
        ("济宁高新区管委会", "济宁高新区管理委员会"),
        ("任城区越河街道办", "任城区越河街道办事处"),
    ],
)
def test_short_names_are_completed(printed, known):
    assert expand(printed) == known
    assert expand(known) == known


@pytest.mark.parametrize(
    "name",
    ["教育科技局", "云岭县教育科技局", "某县发展改革和科技局", "云岭县国资局", "云岭县大数据局", "济宁市监局",
     "云岭县科技馆", "海淀区人力资源社会保障局", "云岭县人民政府", ""],
)  # fmt: skip
def test_other_names_stay_as_they_are(name):
    assert expand(name) == name


@pytest.mark.parametrize(
    ("name", "code", "organ"),
    [
        ("山东省济宁市兖州区科学技术局", "370812", "科学技术局"),
        ("济宁市兖州区科学技术局", "370812", "科学技术局"),
        ("兖州区科学技术局", "370812", "科学技术局"),
        ("济宁市科学技术局", "370800", "科学技术局"),
        ("朝阳市科学技术局", "211300", "科学技术局"),
        ("兰山区科学技术局", "371302", "科学技术局"),
        ("偃师市科学技术局", "410381", "科学技术局"),
        ("偃师区科学技术局", "410307", "科学技术局"),
        ("北京市朝阳区教育局", "110105", "教育局"),
        ("仙桃市教育局", "429004", "教育局"),
        ("恩施州教育局", "422800", "教育局"),
        ("恩施土家族苗族自治州教育局", "422800", "教育局"),
        ("长阳县教育局", "420528", "教育局"),
        ("广西教育厅", "450000", "教育厅"),
        ("吉林市教育局", "220200", "教育局"),
        ("吉林省教育厅", "220000", "教育厅"),
        ("六安市寿县教育局", "340422", "教育局"),
        ("济宁高新区管理委员会", "370800", "高新区管理委员会"),
        ("济宁高新技术产业开发区管理委员会", "370800", "高新技术产业开发区管理委员会"),
        ("南京江北新区管理委员会", "320100", "江北新区管理委员会"),
        ("上海市浦东新区教育局", "310115", "教育局"),
        ("任城区越河街道办事处", "370811", "越河街道办事处"),
        ("国家税务总局济宁市税务局", "370800", "国家税务总局税务局"),
    ],
)
def test_regions_by_code(name, code, organ):
    place = locate(name)
    assert (place.placing, place.code, place.organ) == (Placing.KNOWN, code, organ)


@pytest.mark.parametrize(
    "name",
    ["昌临市瑶岭县自然资源局", "澄泽市交通运输局", "岱阳市漪宁区审计局", "云岭县教育局", "霞江市人民政府",
     "江苏省云岭县教育局", "海南云岭县教育局", "南京市云岭区教育局"],
)  # fmt: skip
def test_invented_places_have_no_code(name):
    assert (locate(name).placing, locate(name).code) == (Placing.UNKNOWN, None)
    assert locate(name, ("370800",)).code is None


def test_a_name_of_several_regions_needs_help():
    assert (locate("鼓楼区教育局").placing, locate("鼓楼区教育局").code) == (Placing.AMBIGUOUS, None)
    assert locate("鼓楼区教育局", ("320100",)).code == "320106"
    assert locate("鼓楼区教育局", ("410000",)).code == "410204"
    assert locate("鼓楼区教育局", ("320000",)).code is None  # two of them lie in Jiangsu
    assert locate("鼓楼区教育局", ("320000", "320300")).code == "320302"
    assert locate("鼓楼区教育局", ("110000",)).code is None


def test_names_without_a_region_are_the_publishers():
    assert locate("市教育局").code is None
    assert locate("市教育局", ("370800",)).code == "370800"
    assert locate("市教育局", ("370000",)).code is None  # a province has no 市教育局
    assert locate("市场监督管理局", ("370812",)).organ == "市场监督管理局"
    assert locate("中山公园管理处").code is None


def test_former_regions_count_while_they_were():
    assert locate("江都市教育局", (), 2010).code == "321088"
    assert locate("毕节市教育局", (), 2018).code == "520500"
    assert locate("毕节市教育局", (), 2009).code is None  # a county-level city then, and the city of today


@pytest.mark.parametrize(
    ("name", "code", "level", "kind"),
    [
        ("济宁市人民政府", "370800", "city", "government"),
        ("济宁市科学技术局", "370800", "city", "department"),
        ("兖州区科学技术局", "370812", "county", "department"),
        ("山东省科学技术厅", "370000", "province", "department"),
        ("云岭县人民政府", None, "county", "government"),
        ("昌临市瑶岭县自然资源局", None, "county", "department"),
        ("岱阳市漪宁区审计局", None, "county", "department"),
        ("澄泽市交通运输局", None, None, "department"),
        ("任城区越河街道办事处", "370811", "township", "office"),
        ("兖州区新兖镇人民政府", "370812", "township", "government"),
        ("云岭县人民政府办公室", None, "county", "office"),
        ("济宁高新区管理委员会", "370800", None, "zone"),
        ("济宁经济技术开发区", "370800", None, "zone"),
        ("济宁市国有资产监督管理委员会", "370800", "city", "department"),
        ("济宁市城市管理委员会", "370800", "city", "department"),
        ("国家发展和改革委员会", None, "national", "department"),
        ("交通运输部", None, "national", "department"),
        ("济宁市图书馆", "370800", "city", "institution"),
        ("一份报告", None, None, None),
    ],
)
def test_level_and_kind(name, code, level, kind):
    assert (level_of_agency(name, code), kind_of_agency(name)) == (level, kind)


def test_a_region_alone_is_its_government():
    assert complete("淮安市") == "淮安市人民政府"
    assert complete("鼓楼区") == "鼓楼区人民政府"
    assert complete("霞江市") == "霞江市人民政府"
    assert complete("济宁高新区") == "济宁高新区"
    assert complete("济宁市科学技术局") == "济宁市科学技术局"


def test_one_agency_under_several_names_has_one_key():
    names = ["兰山区科技局", "兰山区科学技术局", "临沂市兰山区科技局", "山东省临沂市兰山区科学技术局"]
    assert {agency_key(expand(name), locate(name).code) for name in names} == {"371302/科学技术局"}
    same = ["海淀区人力资源社会保障局", "海淀区人力资源和社会保障局", "海淀区人社局"]
    assert len({agency_key(expand(name), "110108") for name in same}) == 1
    assert agency_key("市教育局", "370800") == agency_key("济宁市教育局", "370800")
    assert agency_key("江北区教育局", "500105") == agency_key("重庆市江北区教育局", "500105")


def test_one_name_in_two_regions_has_two_keys():
    assert agency_key("鼓楼区教育局", "320106") != agency_key("鼓楼区教育局", "320302")
    assert agency_key("云岭县教育局", "900100") != agency_key("云岭县教育局", "900200")
    assert agency_key("济宁市税务局", "370800") != agency_key("国家税务总局济宁市税务局", "370800")


_ORGANS = sorted(
    {*agency_forms().short.values(), *agency_forms().variants.values(), "教育", "财政", "审计", "水利", "民政", "司法",
     "统计", "农业农村", "教育科技", "发展改革和科技", "行政审批服务", "城市管理综合行政执法", "综合行政执法",
     "气象", "税务"}
)  # fmt: skip
_FULL = [f"{organ}{end}" for organ in _ORGANS for end in ("局", "厅", "委员会")] + [
    "人民政府",
    "人民政府办公室",
    "档案馆",
]
_TODAY = [region for region in load_regions().by_code.values() if not region.former]


def _full_name(region):
    return "".join(above.name for above in reversed(load_regions().ancestors(region.code))) + region.name


@given(st.sampled_from(_TODAY), st.sampled_from(_TODAY), st.sampled_from(_FULL), st.sampled_from(_FULL), st.booleans())
def test_full_names_of_different_agencies_never_collide(region, other, organ, another, same_region):
    other = region if same_region else other
    one, two = _full_name(region) + organ, _full_name(other) + another
    assert expand(one) == one
    keys = [agency_key(name, locate(name).code) for name in (one, two)]
    assert (keys[0] == keys[1]) == (one == two)


@given(st.sampled_from(_TODAY), st.sampled_from(_FULL))
def test_every_region_is_found_by_its_full_name(region, organ):
    place = locate(_full_name(region) + organ)
    assert (place.code, place.organ) == (region.code, organ)
    bare = locate(region.name + organ)
    assert bare.code in (region.code, None)


@given(st.text(max_size=40), st.sampled_from(["", "济宁市", "云岭县"]))
def test_any_text_is_a_name(text, before):
    name = expand(before + text)
    assert expand(name) == name
    locate(name), complete(name), agency_key(name, None), level_of_agency(name, None), kind_of_agency(name)
