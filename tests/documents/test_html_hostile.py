"""Pages made to hurt: each is refused, or read, quickly."""

import pytest
from tests.documents.making import outline, page
from tests.work import work_of_at_most

from gongkai.documents.html import read_html
from gongkai.documents.read import read
from gongkai.errors import EmptyDocumentError, LimitError
from gongkai.settings import Limits

LIMITS = Limits()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body>" + b"<div>" * 100_000 + b"x", "deep"),
        (b"<html><body>" + b"<div>" * 300 + b"x", "nested"),
        (b"<html><body>" + b"<table><tr><td>" * 300 + b"x", "nested"),
        (b"<table>" + b"<tr><td colspan=1000 rowspan=60000>a<td colspan=1000>b</tr>" * 500 + b"</table>", "cells"),
        (b"<html><body><p>" + b"x" * 6_000_000, "characters"),
        (b"<html><body>" + b"<p>" * 250_000, "cells"),
        (b"<html><body>" + b"<b>" * 2_100_000, "tags"),
        (b"<html><div " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x", "attributes"),
        (b"<html><div " + b"".join(b"a%d='>'" % n for n in range(100_000)) + b">x", "attributes"),
    ],
    ids=["div", "depth", "tables", "spans", "text", "paragraphs", "tags", "attributes", "quoted"],
)
def test_over_the_limit(data, reason):
    with work_of_at_most(5), pytest.raises(LimitError, match=reason):
        read(data, "x.html", LIMITS)


def test_limits_are_those_given():
    data = page("<table>" + "<tr><td>1<td>2</tr>" * 30 + "</table>")
    assert read_html(data, LIMITS).format == "html"
    for limits in (Limits(cells=20), Limits(text_chars=20), Limits(depth=1)):
        with pytest.raises(LimitError):
            read_html(data, limits)


def test_inline_tags_left_open_do_not_cost_the_page():
    document = read_html(page("<p><font size=3><span>一段" * 600), LIMITS)
    assert outline(document) == ["一段"] * 600
    assert any("too deep" in warning for warning in document.warnings)


def test_page_without_elements():
    with pytest.raises(EmptyDocumentError):
        read_html(b"<!-- x -->", LIMITS)


def test_nul_bytes_are_dropped():
    document = read(page("<p>规\0章</p>"), "x.html", LIMITS)
    assert outline(document) == ["规章"]
    assert "1 NUL characters dropped" in document.warnings


def test_no_entity_is_expanded_from_a_document_type():
    data = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;</p></body></html>'
    assert "root:" not in str(outline(read_html(data, LIMITS)))


def test_any_cut_gives_a_document():
    whole = page("<p>一、</p><table><tr><td colspan=2>规章<td>1</tr></table><p>后</p>", before="<ul><li>文号：1</ul>")
    for size in range(30, len(whole), 7):
        assert read(whole[:size], "x.html", LIMITS).format == "html"
