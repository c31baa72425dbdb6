import subprocess
import sys
from collections import Counter

import httpx
import pytest

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import read_listings, read_requests
from gongkai.archive.store import Archive
from gongkai.settings import ROOT, Settings
from gongkai.sources.collect import collect
from gongkai.sources.model import Assertions
from gongkai.sources.registry import load_source
from samples.portal import serve
from samples.portal_site import Portal

SOURCE = ROOT / "include" / "sources" / "sample_portal.yml"


@pytest.fixture
def documents(tmp_path):
    """A small tree: 14 HTML reports of a county (two list pages), a docx and a corrected PDF of a city."""
    folder = tmp_path / "documents"
    folder.mkdir()
    entries = []
    for number in range(14):
        year = 2010 + number
        name = f"county-{year}.html"
        (folder / name).write_bytes(
            f"<html><p>云岭县{year}年政府信息公开工作年度报告，总体情况。</p>".encode("gb18030")
        )
        entries.append((name, f"云岭县人民政府{year}年政府信息公开工作年度报告", f"{year + 1}-03-20", "county", ""))
    (folder / "city-2022.docx").write_bytes(b"PK docx")
    (folder / "city-2023.pdf").write_bytes(b"%PDF original")
    (folder / "city-2023-corrected.pdf").write_bytes(b"%PDF corrected")
    entries.append(("city-2022.docx", "霞江市2022年政府信息公开工作年度报告", "2023-03-21", "city", ""))
    correction = "  corrected_by: city-2023-corrected.pdf\n  corrected_on: 2024-06-03\n"
    entries.append(("city-2023.pdf", "霞江市2023年政府信息公开工作年度报告", "2024-03-21", "city", correction))
    text = "".join(
        f"- file: {name}\n  title: {title}\n  agency: 甲\n  published: {day}\n  column: {column}\n{more}"
        for name, title, day, column, more in entries
    )
    (folder / "catalog.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    archive = Archive(str(tmp_path / "archive"))

    def once(running, run_id):
        monkeypatch.setenv("GONGKAI_SAMPLE_PORTAL", running.url)
        source = load_source(SOURCE).model_copy(update={"assertions": Assertions()})
        return collect(source, archive, years=None, settings=Settings(data=tmp_path), run_id=run_id), archive

    return once


def test_corrections_stand_beside_originals(documents, run):
    with serve(documents=documents) as running:
        first, archive = run(running, "r1")
        second, _ = run(running, "r2")
    assert (first.listed, first.new, first.skipped, first.errors) == (17, 17, 8, ())
    assert (second.new, second.unchanged) == (0, 17)
    assert Counter(row.status for row in read_requests(archive, "r2") if "robots" not in row.url) == {304: 23}
    city = {row.title: row.listed_year for row in read_listings(archive, "r1") if "霞江市" in row.title}
    assert city["霞江市2023年政府信息公开工作年度报告（更正）"] == 2023
    files = [entry for entry in Catalog.load(archive).entries() if entry.parent_url]
    assert sorted(archive.get(entry.sha256) for entry in files) == [b"%PDF corrected", b"%PDF original", b"PK docx"]


def test_a_correction_at_the_same_address_is_a_revision(documents, run):
    with serve(documents=documents, revision=1) as running:
        first, archive = run(running, "r1")
        assert httpx.post(f"{running.url}/_revise").json() == {"revision": 2}
        second, _ = run(running, "r2")
        assert httpx.post(f"{running.url}/_revise").status_code == 409
    assert (first.listed, first.new) == (16, 16)
    assert (second.unchanged, second.revised, second.years_touched) == (15, 1, (2023,))
    files = [entry for entry in Catalog.load(archive).entries(2023) if entry.parent_url]
    assert [(archive.get(entry.sha256), entry.revision_no, entry.is_current) for entry in files] == [
        (b"%PDF original", 1, False),
        (b"%PDF corrected", 2, True),
    ]


def test_a_portal_that_lists_both_has_nothing_to_revise(documents):
    with pytest.raises(ValueError, match="only a portal of revision 1"):
        Portal(documents).revise()


def test_conditional_answers(documents):
    with serve(documents=documents) as running, httpx.Client(base_url=running.url) as client:
        page = client.get("/county/zfxxgknb/index_1.html")
        assert page.status_code == 200
        known = {"If-None-Match": page.headers["ETag"]}
        since = {"If-Modified-Since": page.headers["Last-Modified"]}
        assert client.get("/county/zfxxgknb/index_1.html", headers=known).status_code == 304
        assert client.get("/county/zfxxgknb/index_1.html", headers=since).status_code == 304
        assert client.get("/county/zfxxgknb/index_1.html", headers=since | {"If-None-Match": '"x"'}).status_code == 200
        assert client.head("/county/zfxxgknb/").content == b""


@pytest.mark.parametrize(
    "path", ["/county/zfxxgknb/files/../../../catalog.yml", "/catalog.yml", "/county/zfxxgknb/files/%2e%2e/catalog.yml"]
)
def test_only_addresses_of_the_site_exist(documents, path):
    with serve(documents=documents) as running:
        assert httpx.get(running.url + path).status_code == 404


def test_files_outside_the_folder_are_refused(documents):
    text = (documents / "catalog.yml").read_text(encoding="utf-8").replace("city-2022.docx", "../secret")
    (documents / "catalog.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="not a file of the folder"):
        Portal(documents)


def test_it_runs_as_a_command(documents):
    command = [sys.executable, ROOT / "include" / "samples" / "portal.py", "--port", "0", "--documents", documents]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        url = line.split()[-1]
        status = httpx.get(url).status_code
        process.terminate()
    assert line.startswith("17 reports on http://127.0.0.1:")
    assert status == 200


def test_the_bundled_documents_are_collected_whole(tmp_path, monkeypatch):
    archive = Archive(str(tmp_path / "archive"))
    with serve() as running:
        monkeypatch.setenv("GONGKAI_SAMPLE_PORTAL", running.url)
        source, settings = load_source(SOURCE), Settings(data=tmp_path)
        found = collect(source, archive, years=None, settings=settings, run_id="r1")
        wanted = {item.title: item for column in ("county", "city") for item in running.portal.items(column)}
    assert (found.new, found.errors, found.warnings) == (len(wanted), (), ())
    assert found.years_touched == tuple(range(2018, 2025))
    kept = {entry.sha256 for entry in Catalog.load(archive).entries()}
    for item in wanted.values():
        assert archive.put((running.portal.documents / item.file).read_bytes()) in kept, item.file
    expected = {agency.name for agency in source.expect.agencies}
    assert {item.agency for item in wanted.values()} == expected
