"""Pages without text of their own say where they lead."""

import pytest
from tests.work import work_of_at_most

from gongkai.documents.read import read


def leads(page: str) -> list[str]:
    return [href for href, _ in read(page.encode(), "a.html").attachments]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<html><meta http-equiv='REFRESH' content=' 0 ; URL = \"a.html\" '></html>", ["a.html"]),
        ("<html><meta http-equiv=refresh content='600'></html>", []),
        ("<html><meta http-equiv=refresh content='0;url=javascript:x()'></html>", []),
        ("<html><script>location='a.html'</script></html>", ["a.html"]),
        ("<html><script>if (1) { self.location.href = 'a.html?id=3&x=1' }</script></html>", ["a.html?id=3&x=1"]),
        ("<html><script>top.location.assign(\"/b/\");location.replace('c.html')</script></html>", ["/b/", "c.html"]),
        ("<html><script>/* location='a.html'; */ // location='b.html'\n</script></html>", []),
        ("<html><script>location='http://a.gov.cn/x.html'; // go\n</script></html>", ["http://a.gov.cn/x.html"]),
        ("<html><script>location.href='/x?t=' + t;</script></html>", []),
        ("<html><script>my.location='a'; mylocation='b'; locations='c'; x=location;</script></html>", []),
        ("<html><script>if (location=='a.html') {}</script></html>", []),
        ("<html><body><iframe src='about:blank'></iframe><iframe src=b.html></iframe></body></html>", ["b.html"]),
        ("<html><p>" + "本机关主动公开信息。" * 30 + "</p><iframe src=b.html></iframe></html>", []),
        ("<html><iframe src=b.html></iframe><table><tr><td>1</td></tr></table></html>", []),
        ("<html><iframe src=b.html></iframe><a href=a.pdf>年报</a></html>", ["a.pdf"]),
    ],
)
def test_leads(page, expected):
    assert leads(page) == expected


def test_hostile_scripts_cost_little():
    with work_of_at_most(5):
        for piece in ("location=", "window.", "/*", "<script>", "location='", "location.href='a' "):
            leads(f"<html><script>{piece * 20_000}</script></html>")
    assert len(leads("<html>" + "".join(f"<iframe src={n}.html></iframe>" for n in range(99)) + "</html>")) == 10
