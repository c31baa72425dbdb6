"""Documents of a size that no report has are read or refused within the limits of memory and time."""

from __future__ import annotations

import pytest
from tests.bench.common import peak_memory
from tests.bench.monsters import MONSTERS, ODD

from gongkai.pipeline.extract import extract_files

EXTRACT = (
    "import sys; from pathlib import Path; from gongkai.pipeline.extract import extract_file; "
    "assert extract_file(Path(sys.argv[1])).report is None"
)
REFUSED = {"40-mb-of-markup.docx": "over_limit"}
ODD_CODES = {
    "100000-rows.html": "over_limit",
    "spans.html": "over_limit",
    "levels.html": "over_limit",
    "50000-paragraphs.docx": "no_tables",
    "tables-in-tables.html": "unknown_template",
    "tables-in-tables.docx": "not_a_report",
}


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_read_or_refused_within_the_limits(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(MONSTERS[name]())
    ((_, extraction),) = extract_files([path])
    assert extraction.error_code == REFUSED.get(name, "unknown_template"), extraction.reason
    assert len(extraction.sha256) == 64
    assert peak_memory(EXTRACT, str(path)) <= 400


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_an_odd_monster_is_read_or_refused_within_the_limits(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(ODD[name]())
    ((_, extraction),) = extract_files([path])
    assert extraction.error_code == ODD_CODES[name], extraction.reason
    assert peak_memory(EXTRACT, str(path)) <= 400
