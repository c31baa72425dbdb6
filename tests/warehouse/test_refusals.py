"""Releases that a gate refuses, by what the lake holds: the one before stays whole, the next is as if nothing was."""

import shutil

import pyarrow as pa
import pytest
from tests.lake.samples import SUQIAN, cells_of, report, sample_entries, year_tables
from tests.warehouse.wholeness import contents, current, leftovers

from gongkai.errors import GateError
from gongkai.lake.store import Lake
from gongkai.warehouse.publish import publish

YEAR = 2024


def lose(table):
    return table.slice(0, table.num_rows // 2)


def fill_column(name, value):
    def fill(table):
        place = table.schema.get_field_index(name)
        field = table.schema.field(name)
        return table.set_column(place, field, pa.array([value] * table.num_rows, field.type))

    return fill


SPOILS = {
    "half of the cells lost": ("cells", lose, "row_count"),
    "a whole table lost": ("review_litigation", lambda table: table.slice(0, 0), "row_count"),
    "a state that is none": ("cells", fill_column("state", "zero"), "values"),
    "facts of nobody": ("applications", fill_column("report_id", "nobody-2024"), "references"),
    "a wide table that says something else": ("applications", fill_column("total", 7), "wide_equals_cells"),
}


def later():
    """The year with another figure: what comes next, spoiled first and then as it should be."""
    entries = sample_entries()[YEAR]
    figures = SUQIAN[YEAR] | {"received": (3440, 75, 0, 1, 6, 4, 3526)}
    made = entries[0].report
    text = {"chapters": made.chapters, "figures": made.figures}
    entries[0].report = report("宿迁市人民政府", YEAR, "2021", cells_of(figures), sha=made.document_sha256, **text)
    return year_tables(YEAR, entries)


@pytest.fixture(scope="module")
def undisturbed(sample_lake, sample_dims, tmp_path_factory):
    """Contents of a first publish of what comes next."""
    folder = tmp_path_factory.mktemp("undisturbed")
    lake = Lake(str(shutil.copytree(sample_lake, folder / "lake")))
    lake.write_year(YEAR, later())
    return contents(publish(lake, folder / "warehouse", keep=3, dims=sample_dims).path)


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_refused_release_leaves_the_one_before_whole_and_the_next_clean(house, undisturbed, spoil):
    table, edit, gate = spoil
    tables = later()
    house.lake.write_year(YEAR, tables | {table: edit(tables[table])})
    demand_refusal(house, gate)
    house.lake.write_year(YEAR, tables)
    demand_clean_publish(house, undisturbed)


@pytest.mark.parametrize("table", ["cells", "reports"])
def test_rows_of_one_year_in_another_too_are_refused(house, undisturbed, table):
    """Within a year the lake refuses rows of one key; over the years only the gate can."""
    tables, before = later(), year_tables(YEAR - 1, sample_entries()[YEAR - 1])
    house.lake.write_year(YEAR, tables)
    again = fill_column("report_year", YEAR - 1)(tables[table].slice(0, 1))
    house.lake.write_year(YEAR - 1, before | {table: pa.concat_tables([before[table], again])})
    demand_refusal(house, "unique", attempts=2)  # the second is refused as the first was
    house.lake.write_year(YEAR - 1, before)
    demand_clean_publish(house, undisturbed)


def demand_refusal(house, gate, *, attempts=1):
    before = current(house.folder)
    held = contents(before[1])
    for _ in range(attempts):
        with pytest.raises(GateError, match=gate):
            house.publish()
        assert current(house.folder) == before
        assert leftovers(house.folder) == []
    assert contents(before[1]) == held


def demand_clean_publish(house, undisturbed):
    """What is published now differs from the release before, and is what a first publish gives."""
    held = contents(current(house.folder)[1])
    assert house.publish().changed
    assert leftovers(house.folder) == []
    assert contents(current(house.folder)[1]) == undisturbed != held
