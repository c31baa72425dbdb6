"""LibreOffice: every sample through odt, rtf, doc and back gives its own cells; hangs, crashes and ends are survived.

Skipped where LibreOffice is not installed (`make office`); what happens then is tested without it.
"""

import os
import signal
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.documents.making import docx, p, tables, tbl, texts, tr
from tests.documents.office_making import needs_office, processes, rtf

from gongkai.documents import office
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, LimitError, UnsupportedFormatError
from gongkai.reports.build import build_report
from gongkai.settings import ROOT, Limits

SAMPLES = sorted((ROOT / "include" / "samples" / "documents").glob("*.docx"))


@pytest.fixture
def fresh():
    office.close()
    yield
    office.close()


def converted(folder: Path, form: str) -> Path:
    """The samples as another program saves them, in one call."""
    out = folder / form
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", form,
         "--outdir", str(out), *map(str, SAMPLES)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return out


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("form", ["odt", "rtf", "doc", "docx", "fodt"])
def test_samples_read_alike_in_every_format(tmp_path, form):
    out = converted(tmp_path, form)
    for sample in SAMPLES:
        data = (out / f"{sample.stem}.{form}").read_bytes()
        if form == "fodt":
            with pytest.raises(UnsupportedFormatError, match="xml"):
                read(data)
            continue
        original, again = read(sample.read_bytes()), read(data, "report")
        assert again.format == form
        assert tables(again) == tables(original), sample.name
        assert texts(again) == texts(original), sample.name
        said = [(c.table, c.row, c.column, c.state, c.value, c.raw) for c in build_report(original).cells]
        assert [(c.table, c.row, c.column, c.state, c.value, c.raw) for c in build_report(again).cells] == said


@needs_office
def test_rtf_is_read_and_nothing_is_left(fresh):
    document = read(rtf("云岭县年报"), "a.doc")
    assert (document.format, document.method) == ("rtf", office.METHOD)
    assert tables(document) == [[["a", "3"]]]
    assert "云岭县年报" in texts(document)
    folder = office._warm.office.folder
    assert [file.name for file in folder.iterdir() if file.suffix] == []
    office.close()
    assert not folder.exists()
    assert not processes(folder)


@needs_office
def test_a_second_file_is_quick_and_threads_take_turns(fresh):
    read(rtf("一"))
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: texts(read(rtf(f"第{number}件")))[0], range(8)))
    assert found == [f"第{number}件" for number in range(8)]
    assert time.monotonic() - started < 20


@needs_office
def test_a_crash_costs_at_most_its_file(fresh):
    read(rtf("一"))
    for pid in processes(office._warm.office.folder):
        os.kill(pid, signal.SIGKILL)
    assert "二" in texts(read(rtf("二")))


@needs_office
def test_a_hang_is_ended(fresh):
    read(rtf("一"))
    folder = office._warm.office.folder
    for pid in processes(folder):
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(LimitError, match="too long"):
        read(rtf("二"), limits=Limits(office_seconds=0.5))
    assert not processes(folder)
    assert not folder.exists()
    assert "三" in texts(read(rtf("三")))


@needs_office
def test_two_processes_have_one_each(fresh):
    read(rtf("一"))
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(_text_and_folder, [rtf("甲"), rtf("乙")]))
    assert [text for text, _ in found] == ["甲", "乙"]
    assert str(office._warm.office.folder) not in {folder for _, folder in found}
    assert "二" in texts(read(rtf("二")))


def _text_and_folder(data: bytes) -> tuple[str, str]:
    return texts(read(data))[0], str(office._warm.office.folder)


@needs_office
def test_rubbish_is_refused(fresh):
    with pytest.raises((DamagedDocumentError, UnsupportedFormatError)):
        office.to_docx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "wps", Limits())
    with pytest.raises(LimitError, match="too much"):
        office.to_docx(rtf("一"), "rtf", Limits(file_bytes=100))


def test_formats_of_our_own_do_not_start_it(fresh):
    read(docx(p("文") + tbl(tr("a", "1"))))
    assert office._warm.office is None
