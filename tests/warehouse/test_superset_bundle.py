"""The bundle for Superset: what it holds, that it is the same every time, and that broken plans are refused."""

import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import duckdb
import pytest
import yaml
from tests.test_cli import gongkai

from gongkai.contracts.tables import load_tables
from gongkai.errors import ContractError, RunError
from gongkai.settings import ROOT
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.superset.bundle import build, uuid_of
from gongkai.warehouse.superset.datasets import expression, sources
from gongkai.warehouse.superset.language import Language
from gongkai.warehouse.superset.model import load_plan

LINK = Path("/srv/gongkai/gongkai.duckdb")
PLAN = ROOT / "data_contracts" / "superset"
ANSWERS = {
    "applications_by_year", "disposal_by_year", "disclosure_rate", "refusal_grounds", "backlog", "correction_rates",
    "coverage_by_year", "proactive_by_year", "region_totals", "publisher_error_counts", "year_on_year",
    "latest_release",
}  # fmt: skip
TABLES = {"reports", "applications", "findings", "coverage"}


@pytest.fixture(scope="module")
def bundle():
    return build(LINK)


@pytest.fixture(scope="module")
def datasets(bundle):
    found = [value for path, value in bundle.files.items() if path.startswith("datasets/")]
    return {f"{one['schema']}.{one['table_name']}": one for one in found}


def charts_of(bundle):
    return {path: value for path, value in bundle.files.items() if path.startswith("charts/")}


def test_the_views_that_answer_and_the_main_tables_are_datasets(datasets):
    assert {f"mart.{name}" for name in ANSWERS} | {f"main.{name}" for name in TABLES} <= set(datasets)


def test_every_column_of_a_dataset_is_one_of_its_contract_with_its_comment_in_both_languages(datasets):
    known = {f"main.{name}": {one.name: one.comment for one in table.columns} for name, table in load_tables().items()}
    known |= {f"mart.{mart.name}": mart.columns for mart in load_marts()}
    for name, dataset in datasets.items():
        texts = {column["column_name"]: column["description"] for column in dataset["columns"]}
        assert texts == known[name], name
        assert all(" | " in text for text in texts.values()), name
        assert " | " in dataset["description"]


def test_types_of_columns_are_those_of_duckdb(datasets):
    types = {one["column_name"]: (one["type"], one["is_dttm"]) for one in datasets["main.coverage"]["columns"]}
    assert types["report_year"] == ("INTEGER", False)
    assert types["due_on"] == ("DATE", True)
    (built,) = (one for one in datasets["mart.latest_release"]["columns"] if one["column_name"] == "built_at_shanghai")
    assert built["is_dttm"] is True


def test_every_chart_asks_its_dataset_for_known_columns_and_metrics_only(bundle, datasets):
    by_uuid = {one["uuid"]: one for one in datasets.values()}
    for path, chart in charts_of(bundle).items():
        dataset = by_uuid[chart["dataset_uuid"]]
        columns = {one["column_name"] for one in dataset["columns"]}
        metrics = {one["metric_name"] for one in dataset["metrics"]}
        (query,) = json.loads(chart["query_context"])["queries"]
        asked = {one["label"] if isinstance(one, dict) else one for one in query["columns"]}
        assert asked <= columns, path
        assert set(query.get("metrics", ())) <= metrics, path
        assert asked or query["metrics"], path
        assert {one["col"] for one in query["filters"]} <= columns, path
        assert {name for name, _ in query["orderby"]} <= columns | metrics, path


def test_what_the_editor_shows_of_a_chart_is_what_its_query_asks(bundle):
    for path, chart in charts_of(bundle).items():
        shown, context = chart["params"], json.loads(chart["query_context"])
        (query,) = context["queries"]
        assert context["form_data"] == shown, path
        assert query.get("metrics", []) == shown.get("metrics", [shown["metric"]] if "metric" in shown else []), path
        assert [one["subject"] for one in shown["adhoc_filters"]] == [one["col"] for one in query["filters"]], path


def test_every_chart_stands_on_the_dashboard_once_and_filters_name_datasets_of_the_bundle(bundle, datasets):
    page = bundle.files["dashboards/gongkai.yaml"]
    placed = [
        node["meta"]["uuid"] for node in page["position"].values() if isinstance(node, dict) and node["type"] == "CHART"
    ]
    assert sorted(placed) == sorted(chart["uuid"] for chart in charts_of(bundle).values())
    children = [
        child for node in page["position"].values() if isinstance(node, dict) for child in node.get("children", [])
    ]
    assert sorted(children) == sorted(set(page["position"]) - {"ROOT_ID", "HEADER_ID", "DASHBOARD_VERSION_KEY"})
    targets = {
        target["datasetUuid"]: target["column"]["name"]
        for one in page["metadata"]["native_filter_configuration"]
        for target in one["targets"]
    }
    by_uuid = {one["uuid"]: {column["column_name"] for column in one["columns"]} for one in datasets.values()}
    assert all(column in by_uuid[uuid] for uuid, column in targets.items())


def test_the_dashboard_begins_with_governments_alone_and_one_level(bundle):
    filters = bundle.files["dashboards/gongkai.yaml"]["metadata"]["native_filter_configuration"]
    kind, level = filters[:2]
    assert kind["defaultDataMask"]["extraFormData"]["filters"] == [{"col": "kind", "op": "IN", "val": ["government"]}]
    assert not kind["controlValues"]["multiSelect"] and kind["controlValues"]["enableEmptyFilter"]
    assert level["controlValues"]["defaultToFirstItem"] and not level["controlValues"]["multiSelect"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("kind = 'government' AND level = 'city'", 30),
        ("level = 'city'", None),
        ("kind = 'government'", None),
        ("kind = 'department' AND level IS NULL", 7),
        ("level IS NULL OR kind = 'department'", None),
        ("false", None),
    ],
)
def test_a_sum_over_several_kinds_or_levels_has_no_value(where, expected):
    plan = load_plan()
    (dataset,) = (one for one in plan.datasets if one.table == "mart.applications_by_level")
    (metric,) = (one for one in dataset.metrics if one.name == "sum_received")
    rows = """(VALUES ('government', 'city', 10), ('government', 'city', 20), ('government', 'county', 5),
               ('department', 'city', 4), ('department', NULL, 7)) AS t(kind, level, received)"""
    found = duckdb.sql(f"SELECT {expression(metric, dataset)} FROM {rows} WHERE {where}").fetchall()
    assert found == [(expected,)]


def test_a_share_counts_only_rows_that_have_both_numbers():
    plan = load_plan()
    (dataset,) = (one for one in plan.datasets if one.table == "mart.disclosure_rate")
    (metric,) = (one for one in dataset.metrics if one.name == "disclosed_share")
    rows = """(VALUES ('k', 1, 1, 4), ('k', NULL, 1, 100), ('k', 2, 0, NULL), ('k', 0, 0, 0), ('k', 3, 1, 4))
              AS t(kind, granted, partial, resolved)"""
    assert duckdb.sql(f"SELECT {expression(metric, dataset)} FROM {rows}").fetchall() == [(0.75,)]


def test_two_bundles_of_the_same_contracts_are_the_same_bytes(bundle):
    assert bundle.to_bytes() == build(LINK).to_bytes()


def test_uuids_never_change():
    # Superset finds what an earlier bundle made by these; another value here would double everything.
    assert uuid_of("database", "gongkai") == "db57ab59-39bc-5cf9-9aa9-6c2a5b28d08e"
    assert uuid_of("dashboard", "gongkai") == "0526923a-30df-572c-bf48-acee4c0beded"


def test_the_language_changes_titles_and_labels_and_nothing_else(bundle):
    zh, en = build(LINK, Language.ZH), build(LINK, Language.EN)
    titles = [one.files["dashboards/gongkai.yaml"]["dashboard_title"] for one in (zh, en, bundle)]
    assert titles == ["政府信息公开年报", "Open-government annual reports", " | ".join(titles[:2])]
    path = "datasets/gongkai/mart_backlog.yaml"
    year = [one.files[path]["columns"][0] for one in (zh, en, bundle)]
    assert [one["verbose_name"] for one in year] == ["报告年度", None, "报告年度 report_year"]
    assert len({one["description"] for one in year}) == 1
    assert {one["uuid"] for one in zh.files.values() if "uuid" in one} == {
        one["uuid"] for one in en.files.values() if "uuid" in one
    }


def test_superset_reads_the_yaml_as_it_was_meant(bundle):
    with zipfile.ZipFile(BytesIO(bundle.to_bytes())) as packed:
        read = {name.partition("/")[2]: yaml.safe_load(packed.read(name)) for name in packed.namelist()}
    assert read == bundle.files


def test_the_database_is_opened_read_only_and_its_answers_are_never_kept(bundle):
    database = bundle.files["databases/gongkai.yaml"]
    assert database["sqlalchemy_uri"] == "duckdb:////srv/gongkai/gongkai.duckdb"
    assert database["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert database["cache_timeout"] == -1
    assert not database["allow_dml"] and not database["allow_ctas"]


@pytest.mark.parametrize("path", ["warehouse/gongkai.duckdb", "/srv/a?b/gongkai.duckdb"])
def test_a_path_that_cannot_stand_in_an_address_is_refused(path):
    with pytest.raises(RunError, match="cannot be given this path"):
        build(Path(path))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("charts.yml", "metrics: [sum_cases]", "metrics: [sum_received]", "unknown metric of chart disposal_by_year"),
        ("charts.yml", "series: [outcome_group]", "series: [ground]", "unknown column of chart disposal_by_year"),
        ("charts.yml", "table: mart.backlog", "table: mart.disposal", "unknown dataset of chart backlog"),
        ("charts.yml", "    form: number\n", "    form: pie\n", "unknown form of chart reports_in_release"),
        (
            "charts.yml",
            "metrics: [reports_in_release]",
            "columns: [n_reports]",
            "chart reports_in_release lacks metrics",
        ),
        ("charts.yml", "{sum_errors: descending}", "{errors: descending}", "unknown order of chart publishers"),
        ("charts.yml", "where: {found: false}", "where: {lost: false}", "unknown column of chart missing_reports"),
        ("charts.yml", "name: backlog\n", "name: release\n", "unknown chart of a row"),
        ("charts.yml", "viz_type: table", "viz_type: tables", "Input should be"),
        ("datasets.yml", "sum: expected,", "sum: expekted,", "metric sum_expected: Binder Error"),
        ("datasets.yml", "name: sum_expected", "name: expected", "a name of its own"),
        ("datasets.yml", "mart.backlog", "mart.backlogs", "a dataset is a table or view of the contracts"),
        ("datasets.yml", "main.reports", "main.coverage", "a dataset is a table or view of the contracts"),
        ("datasets.yml", "sum: expected,", "sum: expected, sql: count(*),", "exactly one of sum, share, median, sql"),
        ("datasets.yml", "within: [kind, procedure]", "within: [kind, court]", "Binder Error"),
        ("dashboard.yml", "proactive: 12", "proactive: 13", "add up to 12"),
        ("dashboard.yml", "proactive: 12", "backlog: 12", "a chart of a row is given twice"),
        ("dashboard.yml", "after: kind", "after: kinds", "unknown filter before level"),
        ("dashboard.yml", "column: agency_name", "column: agency", "unknown column of filter agency"),
        ("dashboard.yml", "{proactive: 12}", "{}", "exactly one of heading, text, charts"),
        ("dashboard.yml", "  - {height: 60, charts: {proactive: 12}}\n", "", "unknown chart that no row shows"),
        ("database.yml", "in_sql_lab", "in_lab", "in_sql_lab"),
    ],
)
def test_a_plan_that_names_what_there_is_not_is_refused(tmp_path, file, old, new, says):
    folder = Path(shutil.copytree(PLAN, tmp_path / "superset"))
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        build(LINK, folder=folder)
    assert says in str(error.value)
    assert str(folder / "") in str(error.value)


def test_metrics_are_read_by_duckdb_over_the_tables_of_the_contracts():
    plan = load_plan()
    assert list(sources(plan)) == [one.table for one in plan.datasets]


def test_the_command_writes_the_bundle_for_the_link_and_not_its_target(tmp_path):
    folder = tmp_path / "warehouse"
    folder.mkdir()
    (folder / "gongkai.duckdb").symlink_to("releases/gongkai-1.duckdb")
    target = tmp_path / "out" / "gongkai.zip"
    done = gongkai("bi", "superset", "-o", target, "--warehouse", folder)
    assert done.returncode == 0, done.stderr
    plan = load_plan()
    assert f"{len(plan.datasets)} datasets, {len(plan.charts)} charts, 1 dashboard" in done.stdout
    assert target.read_bytes() == build(folder / "gongkai.duckdb").to_bytes()
    gongkai("bi", "superset", "-o", target, "--warehouse", folder / "gongkai.duckdb", "--language", "zh")
    assert target.read_bytes() == build(folder / "gongkai.duckdb", Language.ZH).to_bytes()
