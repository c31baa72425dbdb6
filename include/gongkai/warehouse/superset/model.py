"""What data_contracts/superset says: the database, datasets with metrics, charts and the dashboard, as typed models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings

Direction = Literal["ascending", "descending"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """A text in Chinese and English."""

    zh: str
    en: str


class Database(_Strict):
    """How Superset reaches the warehouse."""

    name: str
    cache_timeout: int = Field(description="seconds that answers are kept; -1 for never")
    in_sql_lab: bool
    connect_args: dict[str, Any]


class Share(_Strict):
    """A quotient of two sums over the same rows."""

    of: str
    over: str


class Metric(Words):
    """A number over rows of a dataset: exactly one of sum, share, median, sql."""

    name: str
    sum: str | None = None
    share: Share | None = None
    median: str | None = None
    sql: str | None = None
    within: list[str] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Metric:
        if sum(kind is not None for kind in (self.sum, self.share, self.median, self.sql)) != 1:
            raise ValueError(f"metric {self.name}: exactly one of sum, share, median, sql")
        return self


class Dataset(_Strict):
    """A table or view that Superset sees; `within` names columns whose values are never added up."""

    table: str = Field(pattern=r"^(main|mart)\.[a-z][a-z0-9_]*$")
    within: list[str] = []
    metrics: list[Metric] = []


class Form(_Strict):
    """What a form of charts is in Superset."""

    viz_type: Literal[
        "echarts_timeseries_bar", "echarts_timeseries_line", "table", "pivot_table_v2", "big_number_total"
    ]
    params: dict[str, Any]


class Chart(Words):
    """A chart: what it shows of a dataset, in which form."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text_zh: str = ""
    text_en: str = ""
    table: str
    form: str
    x: str | None = None
    series: list[str] = []
    rows: list[str] = []
    across: list[str] = []
    columns: list[str] = []
    metrics: list[str] = []
    where: dict[str, str | int | bool] = {}
    order: dict[str, Direction] = {}
    params: dict[str, Any] = {}


class Filter(Words):
    """A filter above the dashboard: one value or many of a column, applied to every chart whose dataset has it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    table: str
    column: str
    pick: Literal["one", "many"]
    first: str | None = Field(None, description="value at the start; where one is picked, else the first there is")
    after: str | None = Field(None, description="filter that limits what can be picked here")


class Row(_Strict):
    """A row of the dashboard: exactly one of a heading, a text, or charts with their widths of 12."""

    height: int = 10
    heading: Words | None = None
    text: Words | None = None
    charts: dict[str, int] = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Row:
        if (self.heading is not None) + (self.text is not None) + bool(self.charts) != 1:
            raise ValueError("a row is exactly one of heading, text, charts")
        if sum(self.charts.values()) > 12:
            raise ValueError(f"widths of a row add up to 12 at most, found {sum(self.charts.values())}")
        return self


class Dashboard(Words):
    """The dashboard: its filters, and its rows in order."""

    name: str
    text_zh: str
    text_en: str
    filters: list[Filter]
    rows: list[Row]


class _Datasets(_Strict):
    datasets: list[Dataset]


class _Charts(_Strict):
    forms: dict[str, Form]
    charts: list[Chart]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that data_contracts/superset says, and the folder it stands in."""

    folder: Path
    database: Database
    datasets: tuple[Dataset, ...]
    forms: dict[str, Form]
    charts: tuple[Chart, ...]
    dashboard: Dashboard


def load_plan(folder: Path | None = None) -> Plan:
    """Read a folder (default: data_contracts/superset); whether its names are known is for `check` to say.

    Raises:
        ContractError: A file is broken; with file, line and reason.
    """
    folder = folder or get_settings().contracts / "superset"
    charts = load_model(folder / "charts.yml", _Charts)
    return Plan(
        folder,
        load_model(folder / "database.yml", Database),
        tuple(load_model(folder / "datasets.yml", _Datasets).datasets),
        charts.forms,
        tuple(charts.charts),
        load_model(folder / "dashboard.yml", Dashboard),
    )
