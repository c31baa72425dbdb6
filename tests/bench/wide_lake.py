"""A synthetic lake of many reports: the tables that reports give, as the lake holds them, year by year.

    python -m tests.bench.wide_lake FOLDER --years 10 --reports 150000

Figures come from `wide_reports`, whose sums hold from year to year. Six reports in ten are PDFs, whose cells have a
page and a box; the others have a path. One report in a hundred fails a rule; one in fifty has an older revision.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from tests.bench.wide_lake_sql import TABLES, Form, prepare
from tests.bench.wide_reports import FIRST, TEMPLATE, write_years

from gongkai.contracts.load import load_templates
from gongkai.contracts.regions import load_regions
from gongkai.contracts.tables import TableContract
from gongkai.lake.schema import arrow_schema, conform, lake_tables
from gongkai.lake.snapshot import FORMAT, ROW_GROUP, Part
from gongkai.lake.store import Lake
from gongkai.lake.writing import MANIFESTS, PACKED
from gongkai.warehouse.dims import Agency, Dims, Expected, Region, rule_rows


def write_lake(folder: Path, *, years: int, reports: int) -> Lake:
    """Write a lake of that many years with that many reports each.

    The parts are packed as the lake packs them, but piece by piece: a year of cells is larger than memory.
    """
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as aside:
        for wide in write_years(Path(aside), years=years, reports=reports):
            write_year(folder, wide.year, wide.files[TEMPLATE])
    return Lake(str(folder))


def write_year(folder: Path, year: int, wide: str, *, changed: int = 0) -> None:
    """Write the tables of a year.

    Args:
        folder: The lake.
        year: The report year.
        wide: Parquet of its figures, a row a report.
        changed: So many of its reports have a new document and another figure.
    """
    contract = load_templates()[TEMPLATE]
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = true; SET memory_limit = '3GB'")
        prepare(con, wide, year, Form.of(contract), changed)
        parts = {name: list(_pack(con, folder, year, table)) for name, table in sorted(lake_tables().items())}
    form = {
        "format": FORMAT,
        "report_year": year,
        "tables": {
            name: {"version": lake_tables()[name].version, "files": [asdict(part) for part in found]}
            for name, found in parts.items()
        },
    }
    manifest = folder / MANIFESTS / f"report_year={year}.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(form, indent=1) + "\n")


def _pack(con: duckdb.DuckDBPyConnection, folder: Path, year: int, contract: TableContract) -> Iterator[Part]:
    select = TABLES.get(contract.name)
    if select is None:
        return
    home = folder / contract.name / f"report_year={year}"
    home.mkdir(parents=True, exist_ok=True)
    aside = home / "writing"
    rows = 0
    with pq.ParquetWriter(aside, arrow_schema(contract), **PACKED) as writer:
        for batch in con.sql(select).to_arrow_reader(ROW_GROUP):
            writer.write_table(conform(pa.Table.from_batches([batch]), contract), row_group_size=ROW_GROUP)
            rows += batch.num_rows
    with aside.open("rb") as file:
        sha = hashlib.file_digest(file, "sha256").hexdigest()
    target = home / f"part-{sha[:16]}.parquet"
    for old in home.glob("part-*.parquet"):
        old.unlink()
    aside.rename(target)
    yield Part(target.relative_to(folder).as_posix(), sha, rows, target.stat().st_size)


def synthetic_dims(reports: int, years: int) -> Dims:
    """Agencies spread over the counties of the country, each expected every year."""
    known = load_regions()
    counties = sorted(code for code, one in known.by_code.items() if one.level == "county" and not one.former)
    codes = sorted({*counties, *(above.code for code in counties for above in known.ancestors(code))})
    regions = [Region(code, known.by_code[code].name, known.by_code[code].level, _parent(code)) for code in codes]
    agencies = [
        Agency(
            f"a{number:012d}", f"第{number}示例机关", (), counties[number % len(counties)], "county",
            "government" if number < len(counties) else "department",
        )
        for number in range(reports)
    ]  # fmt: skip
    expected = [
        Expected(agency.agency_id, year, "bench") for year in range(FIRST, FIRST + years) for agency in agencies
    ]
    return Dims(tuple(agencies), tuple(regions), tuple(expected), rule_rows(load_templates().values()))


def _parent(code: str) -> str | None:
    known = load_regions().by_code
    return next((above for above in (f"{code[:4]}00", f"{code[:2]}0000") if above != code and above in known), None)


def main() -> None:
    """Write a lake."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--reports", type=int, default=150_000)
    arguments = parser.parse_args()
    write_lake(arguments.folder, years=arguments.years, reports=arguments.reports)


if __name__ == "__main__":
    main()
