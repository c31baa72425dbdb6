import pytest

from gongkai.archive.answers import AnswerKind
from gongkai.archive.log import Fate
from gongkai.settings import Limits
from gongkai.sources.address import clean_url
from gongkai.sources.answer_rules import load_answer_rules
from gongkai.sources.classify import Classifier
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.signs import told_by_error

from . import answer_pages

ANSWERS = load_answer_rules()
CLASSIFIER = Classifier(load_link_rules(), ANSWERS, Limits())
URL = "http://a.gov.cn/x/content/post_1.html"
GOLDEN, FILES = answer_pages.GOLDEN, answer_pages.FILES


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_each_page_is_told_for_what_it_is(name, encoding):
    page, kind = GOLDEN[name]
    found = CLASSIFIER.body(page.encode(encoding), URL)
    assert found.kind is kind, found.reason
    kept = {AnswerKind.REPORT, AnswerKind.ATTACHMENT_PAGE, AnswerKind.PICTURE, AnswerKind.SHELL}
    assert (found.fate is None) == (kind in kept)
    assert bool(found.reason) == (found.fate is not None), "what is not kept says why"


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_told_by_its_bytes(name):
    body, kind = FILES[name]
    assert CLASSIFIER.body(body, URL).kind is kind


def test_what_a_page_leads_to_and_links_is_found_with_its_kind():
    found = CLASSIFIER.body(GOLDEN["a refresh to the report"][0].encode(), URL)
    assert found.targets == {"http://a.gov.cn/y/1.html": ""}
    found = CLASSIFIER.body(GOLDEN["files only"][0].encode(), URL)
    assert found.files == {"http://a.gov.cn/x/content/x.pdf": "年度报告"}
    found = CLASSIFIER.body(GOLDEN["a report as pictures"][0].encode(), URL)
    assert found.pictures == ("http://a.gov.cn/x/content/1.png", "http://a.gov.cn/x/content/2.png")


def test_too_many_tags_are_too_large():
    found = Classifier(load_link_rules(), ANSWERS, Limits(cells=10)).body(b"<html>" + b"<p>" * 200, URL)
    assert (found.kind, found.fate) == (AnswerKind.TOO_LARGE, Fate.FAILED)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        *(("/", AnswerKind.MOVED), ("/index.html", AnswerKind.MOVED), ("/Default.aspx", AnswerKind.MOVED)),
        *(("/404.html", AnswerKind.SOFT_404), ("/error/404.htm", AnswerKind.SOFT_404), ("/error", AnswerKind.SOFT_404)),
        *(("/x/notfound/", AnswerKind.SOFT_404), ("/cas/login?service=x", AnswerKind.LOGIN)),
        *(("//sso.a.gov.cn/x", AnswerKind.LOGIN), ("/login.jsp", AnswerKind.LOGIN)),
        *(("/index.php?id=5", None), ("/404/2023.html", AnswerKind.SOFT_404), ("/art/1404.html", None)),
        *(("/x/index.html", None), ("/authority/1.html", None), ("/error_correction/2.html", None)),
    ],
)
def test_addresses_that_stand_for_an_answer(address, kind):
    assert CLASSIFIER.led_to(clean_url(URL, address)) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("加速乐 challenge", AnswerKind.JS_CHALLENGE), ("瑞数 challenge", AnswerKind.JS_CHALLENGE)),
        *(("阿里云 WAF", AnswerKind.BLOCK_PAGE), ("创宇盾", AnswerKind.BLOCK_PAGE), ("安全狗", AnswerKind.BLOCK_PAGE)),
        *(("统一身份认证", AnswerKind.LOGIN), ("too often", AnswerKind.RATE_LIMITED)),
    ],
)
def test_the_same_pages_with_a_status_of_their_own(name, kind):
    found = told_by_error(GOLDEN[name][0].encode(), ANSWERS)
    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize("page", ["<h1>403 Forbidden</h1>", "<h1>502 Bad Gateway</h1>nginx", "", "404 页面不存在"])
def test_a_plain_error_says_no_more_than_its_status(page):
    assert told_by_error(page.encode(), ANSWERS) is None


def test_crafted_pages_take_no_time():
    for piece in (
        "<script ",
        "<script>a<",
        "<title ",
        "<!-- ",
        "document.cookie=",
        "&#",
        "<" * 10,
        "document.cookie=a;",
    ):
        told_by_error((piece * 65_536).encode()[:65_536], ANSWERS)
        CLASSIFIER.body(b"<html>" + (piece * 20_000).encode()[:100_000], URL)
