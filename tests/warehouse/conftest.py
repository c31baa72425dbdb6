import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.lake.samples import fill, sample_entries, year_tables

from gongkai.contracts.load import load_templates
from gongkai.lake.store import Lake
from gongkai.warehouse.dims import Agency, Dims, Expected, Region, RegionName, rule_rows
from gongkai.warehouse.publish import publish


@pytest.fixture(scope="session")
def sample_dims():
    return Dims(
        agencies=(
            Agency("suqian", "宿迁市人民政府", ("宿迁市",), "321300", "city", "government"),
            Agency("huaian", "淮安市人民政府", (), "320800", "city", "government"),
        ),
        regions=(Region("320800", "淮安市", "city", "320000"), Region("321300", "宿迁市", "city", "320000")),
        expected=(Expected("suqian", 2022, "sample"), Expected("suqian", 2024, "sample"), Expected("huaian", 2024)),
        rules=rule_rows(load_templates().values()),
        region_names=(
            RegionName("321300", "宿迁市", "city", 1996),
            RegionName("321321", "宿豫县", "county", 1996, 2003, "321311", "same_stem"),
            RegionName("321311", "宿豫区", "county", 2003),
        ),
    )


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory):
    """The lake of the samples, filled once; read only."""
    folder = tmp_path_factory.mktemp("sample") / "lake"
    fill(Lake(str(folder)))
    return str(folder)


@pytest.fixture(scope="session")
def sample_house(sample_lake, sample_dims, tmp_path_factory):
    """A warehouse with one release of the sample; read only."""
    folder = tmp_path_factory.mktemp("house") / "warehouse"
    done = publish(Lake(sample_lake), folder, keep=3, dims=sample_dims)
    return SimpleNamespace(folder=folder, lake=Lake(sample_lake), done=done)


@pytest.fixture
def dims(sample_dims):
    return sample_dims


@pytest.fixture
def house(sample_house, sample_lake, tmp_path, dims):
    """A warehouse with one release of its own, and how to change the lake and publish again."""
    folder = shutil.copytree(sample_house.folder, tmp_path / "warehouse", symlinks=True)
    lake = Lake(str(shutil.copytree(sample_lake, tmp_path / "lake")))
    first = replace(sample_house.done, path=folder / sample_house.done.path.relative_to(sample_house.folder))

    def again(**options):
        return publish(lake, folder, **{"keep": 3, "dims": dims} | options)

    def change(edit):
        """Change the entries of 2024, and settle the year again."""
        entries = sample_entries()[2024]
        edit(entries)
        return lake.write_year(2024, year_tables(2024, entries))

    return SimpleNamespace(folder=folder, lake=lake, dims=dims, publish=again, change=change, first=first)
