"""Documents of a size that no report has are read or refused within the limits of memory and time."""

from __future__ import annotations

import pytest
from tests.bench.common import peak_memory
from tests.bench.monsters import MONSTERS

from gongkai.pipeline.extract import extract_files

EXTRACT = (
    "import sys; from pathlib import Path; from gongkai.pipeline.extract import extract_file; "
    "assert extract_file(Path(sys.argv[1])).report is None"
)
REFUSED = {"40-mb-of-markup.docx": "over_limit"}


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_read_or_refused_within_the_limits(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(MONSTERS[name]())
    ((_, extraction),) = extract_files([path])
    assert extraction.error_code == REFUSED.get(name, "unknown_template"), extraction.reason
    assert len(extraction.sha256) == 64
    assert peak_memory(EXTRACT, str(path)) <= 400
