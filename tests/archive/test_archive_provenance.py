from dataclasses import replace
from datetime import UTC, date, datetime

from gongkai.archive.provenance import Provenance, keep_provenance, read_provenance

WHEN = datetime(2024, 1, 31, 3, tzinfo=UTC)


def test_every_address_of_a_document_is_kept_once_and_for_all(archive):
    sha256 = archive.put(b"%PDF")
    first = Provenance(
        sha256=sha256,
        size=4,
        source="s",
        url="http://a/年报.pdf",
        final_url="http://b/1.pdf",
        run_id="r1",
        sent=WHEN,
        received=WHEN,
        asked=("http://a/年报.pdf",),
        status=200,
        headers={"ETag": '"x"'},
        connection={"address": "8.8.8.8", "tls": {"version": "TLSv1.3", "host_names": ["a"]}},
        title="2023年政府信息公开工作年度报告",
        listed_date=date(2024, 1, 20),
    )
    other = replace(first, url="http://a/2.pdf")
    for known in (first, other, replace(first, run_id="r2", title="another")):
        keep_provenance(archive, known)
    kept = sorted(read_provenance(archive, sha256), key=lambda one: one.url)
    assert kept == sorted([first, other], key=lambda one: one.url)
    assert archive.get(sha256) == b"%PDF"
    beside = {name.rpartition("/")[0] for name in archive.names("documents")}
    assert beside == {f"documents/{sha256[:2]}"}
