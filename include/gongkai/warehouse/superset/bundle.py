"""The ZIP that Superset imports: the same bytes for the same contracts, the same uuids for the same names."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from ruamel.yaml import YAML

from gongkai.errors import RunError
from gongkai.warehouse.superset import charts, dashboard
from gongkai.warehouse.superset.check import check
from gongkai.warehouse.superset.datasets import Source, expression, sources
from gongkai.warehouse.superset.language import Language
from gongkai.warehouse.superset.model import Chart, Dataset, Plan, Words, load_plan

# The namespace of all uuids of the bundle; it never changes, so that a later bundle finds what an earlier one made.
_NAMESPACE = UUID("6f0a8f6e-3c0d-5d0b-9a55-0e6a4f2b7c11")
_VERSION = "1.0.0"
_ROOT = "gongkai_superset"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files of a bundle, by path below its root, as plain values."""

    files: dict[str, dict[str, Any]]

    def count(self, kind: str) -> int:
        """How many datasets, charts, ... it has."""
        return sum(path.startswith(f"{kind}/") for path in self.files)

    def to_bytes(self) -> bytes:
        """Pack the files, without times of their own."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(self.files):
                entry = zipfile.ZipInfo(f"{_ROOT}/{path}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, _yaml(self.files[path]))
        return packed.getvalue()


def uuid_of(kind: str, name: str) -> str:
    """The uuid of a database, dataset, chart or dashboard: always the same for the same name."""
    return str(uuid5(_NAMESPACE, f"{kind}/{name}"))


def build(warehouse: Path, language: Language = Language.BOTH, folder: Path | None = None) -> Bundle:
    """Make the bundle.

    Args:
        warehouse: The file gongkai.duckdb as Superset's host sees it, absolute; it need not be there yet.
        language: Of titles and labels.
        folder: Of the plan; default data_contracts/superset.

    Raises:
        ContractError: The plan names what there is not.
        RunError: The path cannot stand in an address.
    """
    if not warehouse.is_absolute() or any(sign in str(warehouse) for sign in "?#%"):
        raise RunError(
            "Superset cannot be given this path",
            found=str(warehouse),
            expected="an absolute path without ? # %",
            do="link the warehouse folder under another name",
        )
    plan = load_plan(folder)
    known = sources(plan)
    check(plan, known)
    # No `type`: so Superset takes the bundle as a dashboard (its import page) and as assets (which replaces all parts).
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": _VERSION},
        "databases/gongkai.yaml": _database(plan, warehouse),
        f"dashboards/{plan.dashboard.name}.yaml": _dashboard(plan, language),
    }
    for dataset in plan.datasets:
        path = f"datasets/gongkai/{dataset.table.replace('.', '_')}.yaml"
        files[path] = _dataset(dataset, known[dataset.table], language)
    for chart in plan.charts:
        files[f"charts/{chart.name}.yaml"] = _chart(plan, chart, language)
    return Bundle(files)


def _database(plan: Plan, warehouse: Path) -> dict[str, Any]:
    return {
        "database_name": plan.database.name,
        "sqlalchemy_uri": f"duckdb:///{warehouse}",
        "cache_timeout": plan.database.cache_timeout,
        "expose_in_sqllab": plan.database.in_sql_lab,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "engine_params": {"connect_args": plan.database.connect_args},
            "metadata_params": {},
            "metadata_cache_timeout": {},
            "schemas_allowed_for_csv_upload": [],
            "allows_virtual_table_explore": True,
        },
        "uuid": uuid_of("database", "gongkai"),
        "version": _VERSION,
    }


def _dataset(dataset: Dataset, source: Source, language: Language) -> dict[str, Any]:
    return {
        "table_name": source.name,
        "schema": source.schema,
        "description": source.comment,
        "main_dttm_col": None,
        "sql": None,
        "filter_select_enabled": True,
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": language.label(column),
                "description": column.comment,
                "type": column.type,
                "is_dttm": column.is_time,
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for column in source.columns
        ],
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": language.say(metric),
                "description": f"{metric.zh} | {metric.en}",
                "metric_type": None,
                "expression": expression(metric, dataset),
                "d3format": ".1%" if _is_share(metric.name) else None,
            }
            for metric in dataset.metrics
        ],
        "uuid": uuid_of("dataset", dataset.table),
        "database_uuid": uuid_of("database", "gongkai"),
        "version": _VERSION,
    }


def _is_share(name: str) -> bool:
    return name.endswith(("_share", "_rate", "_growth"))


def _chart(plan: Plan, chart: Chart, language: Language) -> dict[str, Any]:
    form = plan.forms[chart.form]
    text = language.say(Words(zh=chart.text_zh, en=chart.text_en)) if chart.text_zh else ""
    return {
        "slice_name": language.say(chart),
        "description": text,
        "viz_type": form.viz_type,
        "params": charts.params(chart, form),
        "query_context": json.dumps(charts.query_context(chart, form), ensure_ascii=False, sort_keys=True),
        "cache_timeout": None,
        "uuid": uuid_of("chart", chart.name),
        "dataset_uuid": uuid_of("dataset", chart.table),
        "version": _VERSION,
    }


def _dashboard(plan: Plan, language: Language) -> dict[str, Any]:
    page = plan.dashboard
    return {
        "dashboard_title": language.say(page),
        "description": language.say(Words(zh=page.text_zh, en=page.text_en)),
        "slug": page.name,
        "published": True,
        "position": dashboard.position(plan, language.say, uuid_of),
        "metadata": dashboard.metadata(plan, language.say, uuid_of),
        "uuid": uuid_of("dashboard", page.name),
        "version": _VERSION,
    }


def _yaml(value: dict[str, Any]) -> bytes:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)  # what Superset reads: there an unquoted yes, on or 1_000 is no text
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 120
    written = io.BytesIO()
    yaml.dump(value, written)
    return written.getvalue()
