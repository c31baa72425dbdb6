"""The forms of agency names are refused where they contradict themselves."""

from __future__ import annotations

import pytest

from gongkai.contracts.agency_forms import AgencyForms
from gongkai.contracts.yaml import load_model
from gongkai.errors import ContractError
from gongkai.reports.agency import agency_forms
from gongkai.settings import get_settings


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("  科技: 科学技术\n", "  科技: 科学技术\n  科学技术: 科学和技术\n", "科学技术"),
        ("variants:\n", "variants:\n  科技: 科学和技术\n", "科技"),
        ("before: '(?:", "before: '(?:(", "no pattern"),
        ("ends: [", "kind_of_end: x\nends: [", "kind_of_end"),
        (", government]", ", ministry]", "kinds"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, before, after, reason):
    text = (get_settings().contracts / "reading" / "agencies.yml").read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "agencies.yml"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=reason):
        load_model(file, AgencyForms)


def test_every_short_form_stands_for_an_organ_in_full():
    forms = agency_forms()
    for short, full in (forms.short | forms.variants).items():
        assert len(full) > len(short)
        left = iter(full)
        assert all(char in left for char in short), f"{short} is not short for {full}"
