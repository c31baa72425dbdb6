"""A review through the API of a running Airflow: quarantine, question, answer, and the next release has it."""

import re
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import httpx
import pytest

from gongkai.settings import ROOT
from samples.airflow_env import free_port, prepare
from samples.local_airflow import running

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DOCUMENTS = ROOT / "include" / "samples" / "documents"
SOURCE = """
name: {name}
title: 年报
publisher: 霞江市人民政府
region: {{code: "900100", name: 霞江市}}
adapter: folder
folder: {{path: {name}}}
"""
PAPERS = {"transport": "xiajiang-transport-2023.html", "water": "yunling-water-2024.html"}
CELL = "applications/received/total"
DAGS = ("load_reports", "publish_warehouse", "review_reports")
SECONDS = 90
"""How long a question waits for an answer here."""
_NOTICED = 5
"""Seconds before an answer. Within the same second Airflow loses it: a scheduler that has not seen the task pause takes
the one that goes on for one that failed, and asks again a minute later."""


def spoiled(page):
    """The page with the total of its first row of table 三 replaced by words, and what stood there."""
    before, row, after = page.partition("本年新收政府信息公开申请数量")
    line, end, rest = after.partition("</tr>")
    cut = line.index(">", line.rindex("<td")) + 1
    close = line.index("</td>", cut)
    printed = re.sub("<[^>]*>", "", line[cut:close]).strip()
    return before + row + line[:cut] + "见附件" + line[close:] + end + rest, printed


def gongkai(env, *arguments):
    command = [str(Path(sys.executable).with_name("gongkai")), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def ask(data, sql):
    with duckdb.connect(str(data / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def wait_for(components, what, timeout=420):
    deadline = time.monotonic() + timeout
    while True:
        components.check()
        try:
            if found := what():
                return found
        except LookupError:
            pass
        assert time.monotonic() < deadline, what
        time.sleep(1)


@pytest.fixture
def quarantine(tmp_path):
    """A home and its data: two reports in quarantine, in a release."""
    folder, printed = tmp_path / "sources", {}
    for name, file in PAPERS.items():
        (folder / name).mkdir(parents=True)
        (folder / f"{name}.yml").write_text(SOURCE.format(name=name), encoding="utf-8")
        page, printed[name] = spoiled((DOCUMENTS / file).read_text(encoding="utf-8"))
        year = file[-9:-5]
        (folder / name / f"{year}年政府信息公开工作年度报告.html").write_text(page, encoding="utf-8")
    extra = {
        "GONGKAI_SOURCES": str(folder),
        "GONGKAI_SCHEDULES_FROM": "2100-01-01",
        "GONGKAI_REVIEW_HOURS": str(SECONDS / 3600),
        "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "3",
    }
    home = prepare(tmp_path / "airflow", tmp_path / "data", free_port(), extra)
    for command in ("collect", "load", "publish"):
        done = gongkai(home.env, command)
        assert done.returncode < 2, done.stderr
    return home, tmp_path / "data", printed


def test_a_review_through_the_api_of_a_running_airflow(quarantine):
    home, data, printed = quarantine
    statuses = "SELECT agency_name, status FROM reports ORDER BY report_year"
    assert {status for _, status in ask(data, statuses)} == {"quarantined"}
    with running(home, DAGS) as (components, api):
        run = api.post("dags/review_reports/dagRuns", {"logical_date": None})["dag_run_id"]
        path = f"dags/review_reports/dagRuns/{run}"

        def asked():
            found = api.get(f"{path}/hitlDetails")["hitl_details"]
            waits = [one for one in found if one["task_instance"]["state"] == "awaiting_input"]
            return waits if len(waits) == len(PAPERS) else None

        waits = wait_for(components, asked)
        time.sleep(_NOTICED)
        first = next(one for one in waits if "交通" in one["subject"])
        assert first["options"] == ["accept", "correct", "reject", "later"] and first["defaults"] == ["later"]
        assert f"`{CELL}` text, prints 见附件" in first["body"]
        evidence(home, first["body"])
        answer = {
            "chosen_options": ["correct"],
            "params_input": {"cell": CELL, "value": printed["transport"], "why": "the page prints it"},
        }
        index = first["task_instance"]["map_index"]
        api.patch(f"{path}/taskInstances/review.ask/{index}/hitlDetails", answer)
        wait_for(components, lambda: dict(ask(data, statuses))["霞江市交通运输局"] == "accepted")
        # Nobody answers the other question: the default is taken, and the next release says so.
        later = "SELECT decided_by, is_default, reason, standing FROM decisions WHERE kind = 'later'"
        found = wait_for(components, lambda: ask(data, later))
        assert [row[:2] for row in found] == [("nobody", True)]
        assert found[0][2].startswith("nobody answered in time: later was taken") and found[0][3] == "in_force"
        wait_for(components, lambda: api.get(path)["state"] == "success")
    assert dict(ask(data, statuses)) == {"霞江市交通运输局": "accepted", "云岭县水利局": "quarantined"}
    decided = "SELECT kind, decided_by, reason, via, corrected_value FROM decisions WHERE NOT is_default"
    assert ask(data, decided) == [("correct", "admin", "the page prints it", "airflow", int(printed["transport"]))]
    assert ask(data, "SELECT raw, decision_id IS NOT NULL FROM cells WHERE corrected_state IS NOT NULL") == [
        ("见附件", True)
    ]
    listed = gongkai(home.env, "review", "list", "--format", "csv")
    assert listed.returncode == 1 and listed.stdout.count("\n") == 2 and "云岭县水利局" in listed.stdout


def evidence(home, body):
    """The page that the question links to is shown to who is logged in, and to nobody else."""
    link = body[body.index("(") + 1 : body.index(")")]
    with httpx.Client(base_url=home.url, trust_env=False) as http:
        assert http.get(link).status_code == 401
        user = {"username": "admin", "password": home.password}
        token = http.post("/auth/token", json=user).json()["access_token"]
        page = http.get(link, headers={"Authorization": f"Bearer {token}"})
        assert page.status_code == 200 and "见附件" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        away = http.get("/gongkai/evidence/..%2F..%2Fsecrets.json", headers={"Authorization": f"Bearer {token}"})
        assert away.status_code == 404


def test_the_command_decides_as_the_dag_does(quarantine):
    home, data, _ = quarantine
    ((report, agency),) = ask(data, "SELECT report_id, agency_name FROM reports WHERE report_year = 2023")
    assert gongkai(home.env, "review", "accept", "nobody-2023", "--why", "so").returncode == 2
    shown = gongkai(home.env, "review", "show", report, "--json")
    assert shown.returncode == 0 and agency in shown.stdout and '"raw": "见附件"' in shown.stdout
    done = gongkai(home.env, "review", "reject", report, "--why", "a draft", "--by", "王芳", "--json")
    assert done.returncode == 0, done.stderr
    stale = gongkai(home.env, "status")
    assert "decisions" in stale.stdout, stale.stdout
    loaded = gongkai(home.env, "load")
    assert loaded.returncode == 1
    listed = gongkai(home.env, "review", "list", "--format", "csv")
    assert agency not in listed.stdout
    assert any((data / "evidence").glob("*.html")) and len(list((data / "decisions").iterdir())) == 1
