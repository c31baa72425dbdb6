"""The command as a user runs it: rows, reasons, exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

from gongkai.settings import ROOT

DOCUMENTS = ROOT / "include" / "samples" / "documents"
GOOD = DOCUMENTS / "yunling-government-2023.docx"


def gongkai(*arguments, **options):
    command = [sys.executable, "-c", "from gongkai.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def jsonl(text):
    return [json.loads(line) for line in text.splitlines()]


def test_extract_gives_a_row_a_cell():
    done = gongkai("extract", GOOD, "--format", "jsonl")
    rows = jsonl(done.stdout)
    assert done.returncode == 0
    assert len(rows) == 200
    assert {row["file"] for row in rows} == {str(GOOD)}
    assert set(rows[0]) == {
        "file", "agency", "report_year", "template", "table", "row", "column", "value", "state", "raw", "note", "page",
        "bbox", "path", "method", "confidence", "agreement", "second_method", "second_raw",
    }  # fmt: skip
    assert all(isinstance(row["value"], int | float) for row in rows if row["state"] == "number")


def test_every_format_of_output_says_the_same(tmp_path):
    import pyarrow.parquet as pq

    gongkai("extract", GOOD, "--format", "parquet", "-o", tmp_path / "cells.parquet")
    gongkai("extract", GOOD, "--format", "csv", "-o", tmp_path / "cells.csv")
    values = [row["value"] for row in jsonl(gongkai("extract", GOOD, "--format", "jsonl").stdout)]
    assert pq.read_table(tmp_path / "cells.parquet").column("value").to_pylist() == values
    with (tmp_path / "cells.csv").open(encoding="utf-8") as file:
        assert [float(row["value"]) if row["value"] else None for row in csv.DictReader(file)] == values
    assert "淮安" not in gongkai("extract", GOOD).stdout


def test_jobs_do_not_change_the_rows(tmp_path):
    one = gongkai("extract", DOCUMENTS / "yunling-education-2019.docx", GOOD, "--format", "jsonl", "--jobs", "1")
    two = gongkai("extract", DOCUMENTS / "yunling-education-2019.docx", GOOD, "--format", "jsonl", "--jobs", "2")
    assert one.stdout == two.stdout and one.stdout


def bomb() -> bytes:
    """A docx whose body unpacks to 512 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(512):
                part.write(b" " * 2**20)
    return buffer.getvalue()


NUMBERED = "".join(f"| 指标{i}号 | {i} |\n" for i in range(9))
TITLE = "云岭县2023年政府信息公开工作年度报告"
BAD = {
    "empty.docx": (b"", "empty"),
    "cut.docx": (GOOD.read_bytes()[:20_000], "damaged"),
    "none.pdf": (b"%PDF-1.4\nthis is no pdf", "damaged"),
    "error.html": ("<html><title>404</title><body>您访问的页面不存在</body></html>", "not_a_report"),
    "other.html": (
        "<html><body><h1>云岭县2023年法治政府建设年度报告</h1><p>一、概况</p></body></html>",
        "not_a_report",
    ),
    "no_tables.txt": (f"{TITLE}\n一、总体情况\n工作有序开展。\n", "no_tables"),
    "unknown.md": (f"# {TITLE}\n\n| 指标 | 数量 |\n|---|---|\n{NUMBERED}", "unknown_template"),
    "bomb.docx": (bomb(), "over_limit"),
    "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "damaged"),
}


def test_each_bad_document_has_a_row_with_the_reason_and_the_rest_goes_on(tmp_path):
    for name, (content, _) in BAD.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = gongkai("extract", *(tmp_path / name for name in BAD), GOOD, "--format", "jsonl")
    rows = jsonl(done.stdout)
    assert done.returncode == 1
    assert sum(row["file"] == str(GOOD) for row in rows) == 200
    reasons = {row["file"].rsplit("/", 1)[1]: row for row in rows if row["table"] == "document"}
    assert {name: row["column"] for name, row in reasons.items()} == {name: code for name, (_, code) in BAD.items()}
    assert all(row["value"] is None and row["state"] == "not_extracted" and row["note"] for row in reasons.values())


@pytest.mark.parametrize("arguments", [["extract", "nowhere.pdf"], ["extrakt"], ["extract", "--format", "xml", "."]])
def test_what_cannot_run_exits_with_2_and_one_message(arguments, tmp_path):
    done = gongkai(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_check_names_the_rule_the_numbers_and_the_cells():
    done = gongkai("check", DOCUMENTS, "--format", "jsonl")
    rows = jsonl(done.stdout)
    assert done.returncode == 1
    failed = {(row["file"].rsplit("/", 1)[1], row["rule"]): row for row in rows if row["outcome"] == "fail"}
    truth = {
        (facts["file"], violation["id"]): violation
        for facts in map(json.loads, (p.read_text(encoding="utf-8") for p in (DOCUMENTS / "truth").glob("*.json")))
        for violation in facts["violations"]
        if not violation["id"].startswith("narrative")
    }
    assert truth.keys() <= failed.keys()
    for key, violation in truth.items():
        assert (failed[key]["printed"], failed[key]["expected"]) == (violation["printed"], violation["expected"])
        assert failed[key]["cells"] and failed[key]["attribution"] == "publisher"


def test_check_of_a_clean_report_exits_with_0():
    done = gongkai("check", DOCUMENTS / "huaian-government-2024.pdf", "--format", "jsonl")
    assert done.returncode == 0
    assert all(row["outcome"] != "fail" for row in jsonl(done.stdout))


def test_status_before_anything_was_published(tmp_path):
    done = gongkai("status", env={"GONGKAI_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert done.returncode == 2
    assert "nothing was published yet" in done.stderr


def test_contracts_lint():
    done = gongkai("contracts", "lint")
    assert done.returncode == 0
    assert "template 2021: 3 tables" in done.stdout


def test_the_command_starts_without_the_heavy_libraries():
    code = (
        "import sys\nfrom gongkai.pipeline import cell_rows, extract\nimport gongkai.cli\n"
        f"rows = list(cell_rows.cell_rows('x', extract.extract_file(__import__('pathlib').Path({str(GOOD)!r}))))\n"
        "heavy = {'airflow', 'great_expectations', 'pandas', 'duckdb', 'pyarrow', 'cv2', 'rapidocr'}\n"
        "print(len(rows), sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "200 []"


def test_sources_are_listed_checked_and_tried(tmp_path):
    sources = {**os.environ, "GONGKAI_SOURCES": str(tmp_path), "GONGKAI_DATA": str(tmp_path / "data")}
    text = (
        "name: one\ntitle: 年报\npublisher: 某市\nregion: {code: '320800', name: 淮安市}\nchecked: 2020-01-01\n"
        "html_list: {list_urls: [http://127.0.0.1:1/list/]}\n"
    )
    (tmp_path / "one.yml").write_text(text, encoding="utf-8")
    assert gongkai("sources", "list", env=sources).returncode == 0
    done = gongkai("sources", "check", env=sources)
    assert (done.returncode, done.stdout) == (
        1,
        f"{tmp_path}/one.yml:6: http://127.0.0.1:1/list/ is not public: it needs allow_private\n",
    )
    (tmp_path / "one.yml").write_text(text + "allow_private: true\n", encoding="utf-8")
    assert gongkai("sources", "check", "one", env=sources).returncode == 0
    done = gongkai("sources", "try", "two", env=sources)
    assert done.returncode == 2
    assert "unknown source" in done.stderr
    assert json.loads(gongkai("sources", "schema").stdout)["title"] == "Source"


def test_lint_says_whether_contracts_are_as_published():
    done = gongkai("contracts", "lint")
    assert done.returncode == 0, done.stderr
    assert "contracts: as last published" in done.stdout


def test_a_dashboard_needs_a_release(tmp_path):
    done = gongkai("dashboard", env=os.environ | {"GONGKAI_DATA": str(tmp_path)})
    assert done.returncode == 2
    assert "nothing was published yet" in done.stderr
    done = gongkai("contracts", "docs", "--release", env=os.environ | {"GONGKAI_DATA": str(tmp_path)})
    assert done.returncode == 2
