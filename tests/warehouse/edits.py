"""Changes of the sample lake that several tests make."""

from dataclasses import replace

from tests.lake.samples import SUQIAN, cells_of, report, sha_of


def correct(entries):
    """A correction of 宿迁市 2024: another total received, a new revision."""
    figures = SUQIAN[2024] | {"received": (3440, 75, 0, 1, 6, 4, 3526)}
    text = {"chapters": entries[0].report.chapters, "figures": entries[0].report.figures}
    fixed = report("宿迁市人民政府", 2024, "2021", cells_of(figures), sha=sha_of("sq2024b"), **text)
    entries[0] = replace(entries[0], report=fixed, revision_no=3)
