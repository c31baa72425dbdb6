"""What holds of every title and address, whatever stands around what matters."""

import string
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.errors import SourceError
from gongkai.sources.address import clean_url
from gongkai.sources.anchors import absolute
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.links import make_link, skip_reason, title_year

RULES = load_link_rules()
BLANKS = " \u3000\u200b\n\t\ufeff"
AGENCIES = st.sampled_from(
    ["云岭县人民政府", "霞江市交通运输局", "云岭县财政预算评审中心", "青石镇", "云岭经济开发区管委会", "县委编译局", ""]
)
NAMES = st.sampled_from(
    ["政府信息公开工作年度报告", "政府信息公开年度报告", "信息公开工作年度报告", "信息公开年报", "政府信息公开工作年报"]
)
YEARS = st.integers(2008, 2035)
DIGITS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
WIDE = dict(zip("0123456789", "０１２３４５６７８９", strict=True))
WRITTEN = st.sampled_from(
    [
        lambda year: f"{year}年",
        lambda year: f"{year}年度",
        lambda year: f" {year} 年",
        lambda year: "".join(DIGITS[one] for one in str(year)) + "年",
        lambda year: "".join(DIGITS[one] for one in str(year)).replace("〇", "○") + "年度",
        lambda year: "".join(WIDE[one] for one in str(year)) + "年",
    ]
)
ORDERS = st.sampled_from(
    ["{agency}{year}{name}", "{year}{agency}{name}", "{name}（{agency}{year}）", "【{agency}】{year}{name}"]
)
DAYS = ["2025-01-20", "（2025年1月20日）", "[2025/01/20]", " 20250120", "（2025年1月发布）", "（2025年公布）"]
AFTER = st.sampled_from(["", "（图片版）", "（更正）", *DAYS])
OLDER = ["2025年发布的", "2025年1月发布的", "2025年1月20日公布：", "2025-01-20 ", "云政办〔2025〕3号 "]
BEFORE = st.sampled_from(["", "·", *OLDER])


@st.composite
def titles(draw):
    year = draw(YEARS)
    line = draw(ORDERS).format(agency=draw(AGENCIES), year=draw(WRITTEN)(year), name=draw(NAMES))
    return draw(BEFORE) + line + draw(AFTER), year


@given(titles())
def test_a_report_is_taken_and_its_year_is_the_one_it_reports_on(drawn):
    title, year = drawn
    link = make_link("http://a/1.html", title, None, "http://a/", RULES)
    assert (link.listed_year, link.skip) == (year, ""), title


@given(titles(), st.sampled_from(["解读", "图解", "汇编", "一图读懂", "部门决算", "法治政府建设", "公开指南"]))
def test_one_word_of_a_decoy_is_enough(drawn, word):
    for title in (word + drawn[0], drawn[0] + word):
        assert skip_reason(title, title_year(title, RULES.titles), RULES.titles)


@given(YEARS, WRITTEN, AGENCIES, st.lists(st.tuples(st.integers(0, 40), st.sampled_from(BLANKS)), max_size=4))
def test_white_space_changes_nothing(year, written, agency, blanks):
    title = f"{agency}{written(year)}政府信息公开工作年度报告"
    for place, blank in blanks:
        title = title[:place] + blank + title[place:]
    assert title_year(title, RULES.titles) == year
    assert skip_reason(title, year, RULES.titles) == ""


@given(st.integers(2008, 2030), st.sampled_from("-—至～、–"), st.sampled_from(["年", "学年", "年度"]))
def test_of_a_range_the_document_decides(first, sign, end):
    title = f"云岭县{first}{sign}{first + 1}{end}政府信息公开工作年度报告"
    link = make_link("http://a/1.html", title, None, "http://a/", RULES)
    assert (link.listed_year, link.skip) == (None, "")


@given(st.text(max_size=500))
@example("二〇〇八年|信息公开|2008")
@example("2024|2023年信息公开年报")
def test_a_year_is_one_that_stands_in_the_title(title):
    year = title_year(title, RULES.titles)
    if year is not None:
        assert 2000 <= year <= 2099
        plain = unicodedata.normalize("NFKC", title)
        assert any(sign in plain for sign in "二2")


@given(st.text(max_size=300))
def test_what_is_taken_names_what_it_is(title):
    if not skip_reason(title, title_year(title, RULES.titles), RULES.titles):
        assert {"信", "息", "公", "开", "年", "报"} <= set(unicodedata.normalize("NFKC", title))


HOSTS = ["http://b.gov.cn", "https://B.gov.cn:443", "//c.gov.cn", "..", ""]
LINKS = st.one_of(
    st.text(max_size=60),
    st.text(string.ascii_letters + string.digits + "/._-~?=&#%:+ ", max_size=60),
    st.builds("{}/{}".format, st.sampled_from(HOSTS), st.text(max_size=20)),
)


@settings(max_examples=400)
@given(LINKS)
@example("a/../b.html")
@example("http://a.gov.cn/a/./b")
@example("?page=2#top")
@example("")
def test_the_quick_way_to_an_address_is_the_same(link):
    base = "http://a.gov.cn/zwgk/index.html"
    try:
        expected = clean_url(base, link)
    except SourceError:
        expected = None
    assert absolute(base, link) == expected
