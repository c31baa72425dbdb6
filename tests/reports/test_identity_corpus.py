"""Identity against the truth of the corpus: agency, year, title, day of publication and region."""

from __future__ import annotations

import json

import pytest

from gongkai.contracts.regions import load_regions
from gongkai.documents.read import read
from gongkai.reports.identity import find_identity
from gongkai.settings import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"
STATED = {"002": "2024-01-19", "002_flat": "2024-01-19", "004": "2019-01-15"}
"""Days that real reports state and that their truth leaves out."""
pytestmark = pytest.mark.corpus


def _truths():
    for file in sorted(CORPUS.glob("*/*.json")):
        scan = [pytest.mark.slow] if "scan" in file.name else []
        yield pytest.param(file, id=f"{file.parent.name}/{file.stem}", marks=scan)


@pytest.mark.parametrize("file", _truths())
def test_identity(file):
    truth = json.loads(file.read_text(encoding="utf-8"))
    document = file.with_suffix("")
    identity = find_identity(read(document.read_bytes(), document.name))
    assert (identity.agency, identity.report_year) == (truth["agency"], truth["report_year"])
    assert identity.title == truth["title"]
    stated = STATED.get(document.stem) or (truth.get("published") if document.suffix == ".html" else None)
    assert (str(identity.published) if identity.published else None) == stated
    if truth["source"] == "synthetic":
        assert identity.region_code is None
    else:
        region = load_regions().by_code[identity.region_code]
        named = {above.name for above in load_regions().ancestors(region.code)} | {region.name}
        assert truth["region"].endswith(region.name)
        assert any(truth["region"].startswith(name) for name in named)
