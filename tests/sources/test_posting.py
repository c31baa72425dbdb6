"""List APIs that are asked by POST."""

import json
import re
from urllib.parse import parse_qsl

import pytest
from pydantic import ValidationError
from werkzeug import Request, Response

from gongkai.archive.log import read_listings, read_requests
from gongkai.settings import Settings
from gongkai.sources.options import JsonListOptions
from gongkai.sources.posting import filled
from gongkai.sources.trial import try_source

from .conftest import QUICK

URL = "http://a.gov.cn/api"
TITLE = "云岭县第{}局2023年政府信息公开工作年度报告"


def options(**more):
    return JsonListOptions.model_validate({"list_urls": [URL], "method": "POST", **more})


def test_a_form_is_filled():
    how = options(form={"channelId": "7", "page": "{page}", "size": "{size}", "词": "年报 {year}-{next_year}"}, size=20)
    assert how.first_pages == (f"{URL}#year={{year}}&page=1",)
    sent = filled(how.sent, f"{URL}#year=2023&page=4", how.size, is_form=True)
    assert sent.content_type.startswith("application/x-www-form-urlencoded")
    assert dict(parse_qsl(sent.body.decode())) == {
        "channelId": "7",
        "page": "4",
        "size": "20",
        "词": "年报 2023-2024",
    }


def test_json_keeps_its_kinds_and_whole_placeholders_are_numbers():
    body = {"id": 7, "q": {"y": "{year}年", "all": True, "none": None}, "page": ["{page}", {"size": "{size}"}]}
    sent = filled(options(body=body).sent, f"{URL}#year=2022&page=2", 15, is_form=False)
    assert json.loads(sent.body) == {
        "id": 7,
        "q": {"y": "2022年", "all": True, "none": None},
        "page": [2, {"size": 15}],
    }
    assert sent.content_type.startswith("application/json")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "needs either form or body"),
        ({"form": {"a": "1"}, "body": {"a": 1}}, "needs either form or body"),
        ({"method": "GET", "form": {"a": "1"}}, "GET none of them"),
        ({"method": "PUT", "form": {"a": "1"}}, "'GET' or 'POST'"),
        ({"form": {"p": "{pages}"}}, "unknown placeholder {pages}"),
        ({"body": {"a": [{"b": "{seite}"}]}}, "unknown placeholder {seite}"),
        ({"form": {"p": "{page}"}, "pagination": {"parameter": "p"}}, "not both"),
        ({"form": {"p": "1"}, "list_urls": [f"{URL}#x"]}, "have no #"),
        ({"form": {"p": 1}}, "valid string"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_the_form(more, words):
    with pytest.raises(ValidationError, match=words):
        options(**more)


class Api:
    """An API of forty rows a year that answers POST only."""

    def __init__(self, server, *, states_total):
        self.asked, self.states_total = [], states_total
        server.expect_request("/api").respond_with_handler(self.list)
        report = "<html><p>一、总体情况：本机关主动公开政府信息若干条，收到申请若干件。</p></html>"
        server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private/")
        server.expect_request(re.compile(r"/art/\d+\.html")).respond_with_data(report, content_type="text/html")

    def list(self, request: Request):
        if request.method != "POST":
            return Response("", 405)
        sent = request.get_json(silent=True) or dict(request.form)
        self.asked.append(sent)
        page, size = int(sent["page"]), int(sent["size"])
        rows = [{"title": TITLE.format(n), "url": f"/art/{n}.html", "pubDate": "2024-01-20"} for n in range(40)]
        answer = {"rows": rows[(page - 1) * size : page * size]} | ({"total": 40} if self.states_total else {})
        return Response(json.dumps(answer), content_type="application/json")


@pytest.mark.parametrize("kind", ["form", "body"])
@pytest.mark.parametrize("states_total", [False, True])
def test_a_portal_that_wants_post_is_walked_to_its_end(httpserver, make_source, run, archive, kind, states_total):
    api = Api(httpserver, states_total=states_total)
    listed = {
        "list_urls": [httpserver.url_for("/api")],
        "method": "POST",
        kind: {"channel": "7", "page": "{page}", "size": "{size}"},
        **({"total": "total"} if states_total else {}),
    }
    source = make_source(json_list=listed, adapter="json_list", html_list=None, politeness={"robots": True})
    found = run(source)
    assert (found.new, found.errors) == (40, ())
    assert len(api.asked) == (3 if states_total else 4)
    number = int if kind == "body" else str
    assert api.asked[0] == {"channel": "7", "page": number(1), "size": number(15)}
    asked = [(row.method, row.url.rpartition("/")[2]) for row in read_requests(archive) if "/api" in row.url]
    assert asked[:3] == [("POST", f"api#page={n}") for n in (1, 2, 3)]
    assert {row.list_url.rpartition("#")[2] for row in read_listings(archive)} == {"page=1", "page=2", "page=3"}
    again = run(source)
    assert (again.unchanged, again.errors) == (40, ())


def test_each_expected_year_is_asked_for(httpserver, make_source, tmp_path):
    api = Api(httpserver, states_total=True)
    listed = {
        "list_urls": [httpserver.url_for("/api")],
        "method": "POST",
        "form": {"year": "{year}", "page": "{page}", "size": "50"},
    }
    years = {"years": {"first": 2020, "last": 2022}}
    source = make_source(json_list=listed, adapter="json_list", html_list=None, expect=years)
    try_source(source, pages=9, settings=Settings(data=tmp_path), retry=QUICK)
    assert [(sent["year"], sent["page"]) for sent in api.asked if sent["page"] == "1"] == [
        (year, "1") for year in ("2020", "2021", "2022")
    ]
    with pytest.raises(ValidationError, match=r"need expect.years"):
        make_source(json_list=listed, adapter="json_list", html_list=None)


def test_a_form_is_not_sent_where_a_redirect_leads(httpserver, make_source, run):
    seen = []

    def after(request: Request):
        seen.append((request.method, request.get_data()))
        return Response("[]", content_type="application/json")

    httpserver.expect_request("/api").respond_with_response(Response("", 307, {"Location": "/elsewhere"}))
    httpserver.expect_request("/elsewhere").respond_with_handler(after)
    listed = {"list_urls": [httpserver.url_for("/api")], "method": "POST", "form": {"key": "1"}}
    run(make_source(json_list=listed, adapter="json_list", html_list=None))
    assert seen == [("GET", b"")]
