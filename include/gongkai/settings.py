"""Settings from environment variables GONGKAI_*, all with working defaults under ./data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: where data_contracts/ and include/ stand (the package is installed with pip -e)."""

TIMEZONE = "Asia/Shanghai"
"""The time zone of everything that people read; stored times are UTC."""


class Limits(BaseSettings):
    """How much of an untrusted document is read before it is refused."""

    model_config = SettingsConfigDict(env_prefix="GONGKAI_LIMIT_")

    file_bytes: int = Field(100 * 2**20, description="largest file that is read")
    unpacked_bytes: int = Field(96 * 2**20, description="largest sum of unpacked parts of a docx")
    part_bytes: int = Field(48 * 2**20, description="largest single unpacked part of a docx")
    pages: int = Field(600, description="most pages of a PDF")
    scan_pages: int = Field(40, description="most pages of a PDF that are read by character recognition")
    picture_pixels: int = Field(40_000_000, description="most pixels of a picture; A4 at 600 dpi has 35 million")
    page_chars: int = Field(50_000, description="most characters of one PDF page")
    cells: int = Field(200_000, description="most grid cells of a document")
    text_chars: int = Field(5_000_000, description="most characters of text of a document")
    depth: int = Field(256, description="deepest nesting of elements")
    memory: int = Field(400 * 2**20, description="most bytes of memory of a process that reads a document")
    scan_memory: int = Field(700 * 2**20, description="the same where characters are recognised")
    seconds: float = Field(60.0, description="longest that reading a document may take")
    scan_page_seconds: float = Field(20.0, description="longer for each page whose characters are recognised")
    second_pages: int = Field(12, ge=0, description="most pages in doubt that are read a second time; 0 for none")
    second_seconds: float = Field(30.0, description="longest second reading, beside the time for recognised pages")
    office_seconds: float = Field(60.0, description="longest conversion of one document by LibreOffice")
    members: int = Field(200, description="most members of a zip, rar or 7z archive")


class Settings(BaseSettings):
    """Where things are, and how much is done at once.

    Locations that tasks share (`archive`, `lake`, `decisions`, `evidence`) may be local paths or fsspec URLs;
    `warehouse` is a local folder because DuckDB writes it.
    """

    model_config = SettingsConfigDict(env_prefix="GONGKAI_")

    data: Path = Field(Path("data"), description="default parent of archive, lake and warehouse")
    archive: str = Field("", description="raw documents and the request log; default <data>/archive")
    lake: str = Field("", description="Parquet datasets; default <data>/lake")
    warehouse: Path | None = Field(None, description="DuckDB releases; default <data>/warehouse")
    decisions: str = Field("", description="what reviewers decided; default <data>/decisions")
    evidence: str = Field("", description="pages that reviewers look at; default <data>/evidence")
    evidence_url: str = Field("/gongkai/evidence", description="where browsers find those pages; Airflow's plugin's")
    pace: Path = Field(Path(), description="when hosts were asked last, shared by all workers; default <data>/pace")
    scratch: Path = Field(Path(), description="large files while they are received; default <data>/scratch")
    ca_bundle: Path | None = Field(
        None, description="PEM file of certificate authorities that are trusted beside the usual"
    )
    contracts: Path = Field(ROOT / "data_contracts", description="folder of the data contracts")
    sources: Path = Field(ROOT / "include" / "sources", description="folder of the sources")
    jobs: int = Field(1, description="processes that extract documents at once")
    batch: int = Field(500, description="documents of one mapped extract task")
    collect_at_once: int = Field(16, ge=1, le=64, description="hosts that one collecting process asks at the same time")
    collect_seconds: float = Field(60.0, ge=0, description="work that one mapped collecting task is given, at least")
    review_batch: int = Field(20, ge=1, le=200, description="reports that review_reports puts before people at once")
    review_hours: float = Field(20.0, gt=0, description="hours after which a question of review_reports is given up")
    review_again_days: float = Field(7.0, ge=0, description="days after which a report put off is asked about again")
    keep_releases: int = Field(5, ge=2, description="releases that publish keeps")
    build_memory: int = Field(
        2560 * 2**20,
        ge=256 * 2**20,
        description="bytes of memory that DuckDB may use for a release; it spills the rest",
    )
    dashboard: Path = Field(Path(), description="folder of the dashboard page; default <data>/dashboard")
    dashboard_reports: int = Field(
        20_000, ge=0, description="most reports that have figures of their own in the dashboard, newest years first"
    )
    publish_runs: int = Field(10, ge=0, description="last runs of collect whose requests a release holds")
    user_agent: str = Field(
        "gongkai/0.1 (+annual information-disclosure reports; contact the operator of this collector)",
        description="how requests name us",
    )
    limits: Limits = Field(default_factory=Limits)

    def model_post_init(self, _context: object) -> None:
        """Fill the locations that stand under `data`, made absolute so that tasks agree on them."""
        self.data = self.data.absolute()
        self.archive = self.archive or str(self.data / "archive")
        self.lake = self.lake or str(self.data / "lake")
        self.decisions = self.decisions or str(self.data / "decisions")
        self.evidence = self.evidence or str(self.data / "evidence")
        self.pace = (self.data / "pace" if self.pace == Path() else self.pace).absolute()
        self.scratch = (self.data / "scratch" if self.scratch == Path() else self.scratch).absolute()
        self.dashboard = (self.data / "dashboard" if self.dashboard == Path() else self.dashboard).absolute()
        self.warehouse = (self.warehouse or self.data / "warehouse").absolute()


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
