"""Put quarantined reports before a person, daily, a bounded batch at a time.

Each waits in Airflow's list of required actions, where a waiting task needs no worker and no triggerer. The answer
becomes a decision, as `gongkai review` makes them, and its report year is loaded again: the next release has it. Where
nobody answers in GONGKAI_REVIEW_HOURS "later" is taken: the report stays in quarantine, and the decision says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, TriggerRule, dag, get_current_context, task, task_group

from gongkai.settings import get_settings
from gongkai_common import DECISIONS, DEFAULTS, TIMEZONE, schedules_from
from runtime_partitions import RuntimePartitionCron

OPTIONS, DEFAULT = ("accept", "correct", "reject", "later"), "later"
FORM = {
    "cell": Param("", type="string", maxLength=200, description="only to correct: table/row/column"),
    "value": Param("", type="string", maxLength=60, description='only to correct: as printed, "blank", or a sign as /'),
    "why": Param("", type="string", maxLength=2000, description="the reason, for everybody who reads it later"),
}


@dag(
    schedule=RuntimePartitionCron("0 8 * * *", timezone=TIMEZONE),
    start_date=schedules_from(),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["gongkai"],
)
def review_reports() -> None:
    """Quarantine -> decisions."""

    @task
    def plan() -> list[dict[str, Any]]:
        """Choose the reports to ask about and write their pages of evidence; none is a good answer."""
        from gongkai.pipeline.asking import questions

        return questions()

    @task(outlets=[DECISIONS])
    def record(report_id: str, document_sha256: str, answer: dict[str, Any]) -> dict[str, Any]:
        """Take the answer down as a decision and have its report year loaded again."""
        from gongkai.pipeline.asking import take_answer
        from gongkai.pipeline.quarantine import decision_row

        user, at = answer["responded_by_user"], answer["responded_at"]
        decision = take_answer(
            {"report_id": report_id, "document_sha256": document_sha256},
            answer["chosen_options"][0],
            answer["params_input"],
            user and (user["name"] or user["id"]),
            datetime.fromisoformat(at) if isinstance(at, str) else at,
        )
        if decision.kind != "later":  # those are loaded together, when all have been answered
            get_current_context()["outlet_events"][DECISIONS].add_partitions(str(decision.report_year))
        return decision_row(decision)

    @task_group
    def review(report_id: str, document_sha256: str, subject: str, body: str) -> None:
        """One report: asked about, then taken down as soon as it is answered."""
        ask = HITLOperator(
            task_id="ask",
            subject=subject,
            body=body,
            options=list(OPTIONS),
            defaults=DEFAULT,
            params=FORM,
            response_timeout=timedelta(hours=get_settings().review_hours),
        )
        record(report_id, document_sha256, ask.output)

    @task(outlets=[DECISIONS], trigger_rule=TriggerRule.ALL_DONE)
    def finish() -> list[int]:
        """Have the years loaded again whose decisions wait: what was put off, or decided on the command line."""
        from gongkai.pipeline.asking import decided_years

        years = decided_years()
        if years:
            get_current_context()["outlet_events"][DECISIONS].add_partitions([str(year) for year in years])
        return years

    review.expand_kwargs(plan()) >> finish()


review_reports()
