"""Invents figures that hold every identity, year after year, and completes those of which only some are known."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from gongkai.contracts.load import load_templates
from samples.making.evaluate import APPLICANTS, LEGACY_PARTS
from samples.making.paper import Key

Figures = dict[Key, Decimal]
Flow = dict[str, dict[str, int]]
"""received, carried_in, resolved_total, carried_out by applicant."""

OUTCOME_WEIGHTS = {
    "granted": 46, "partial": 9, "refused.state_secret": 0.4, "refused.law_prohibited": 1.2,
    "refused.security_stability": 0.4, "refused.third_party": 1, "refused.internal_affairs": 1.2,
    "refused.process": 1.4,
    "refused.enforcement_files": 1.2, "refused.administrative_query": 2.5, "unavailable.not_held": 22,
    "unavailable.needs_creation": 2, "unavailable.unclear_after_correction": 1, "declined.petition": 3,
    "declined.repeat": 1.5, "declined.publication": 0.2, "declined.abusive_volume": 0.2, "declined.reissue": 0.3,
    "other.no_correction": 2, "other.fee_unpaid": 0.2, "other.other": 3,
}  # fmt: skip
APPLICANT_SHARES = {
    "natural_person": 1.0, "business": 0.09, "research": 0.004, "nonprofit": 0.006, "legal_service": 0.05,
    "other_org": 0.02,
}  # fmt: skip
REVIEW_WEIGHTS = {"upheld": 5, "corrected": 1, "other": 3, "pending": 1}


class Ledger:
    """The invented books of one agency: what one year leaves over, the next takes in.

    Args:
        agency: Seeds the figures; the same name gives the same books.
        scale: Applications of an average year.
        makes_regulations: True for governments of cities, which may issue 规章.
    """

    def __init__(self, agency: str, scale: int, *, makes_regulations: bool) -> None:
        self.agency, self.scale, self.makes_regulations = agency, scale, makes_regulations
        self.open: dict[str, int] = dict.fromkeys(APPLICANTS, 0)
        self.in_force: dict[str, int] = {}
        self.items: dict[str, int] = {}

    def year(self, year: int, template: str, known: Mapping[Key, Decimal], single_other: bool) -> Figures:
        """Figures of one year, called for year after year in order.

        Args:
            year: The report year; seeds the figures.
            template: legacy, 2019 or 2021.
            known: Figures that are given; the others are invented around them.
            single_other: True to print 其他处理 as one row.
        """
        rng = random.Random(f"{self.agency}/{year}")
        if template == "legacy":
            return {**self._legacy(rng), **known}
        flow = self._flow(rng, known)
        figures = _applications(rng, template, flow, known, single_other)
        figures |= _review(rng, self.scale)
        figures |= self._proactive_2019(rng) if template == "2019" else self._proactive_2021(rng, known)
        self.open = {who: flow["carried_out"][who] for who in APPLICANTS}
        return {**figures, **known}

    def _flow(self, rng: random.Random, known: Mapping[Key, Decimal]) -> Flow:
        flow: Flow = {row: {} for row in ("received", "carried_in", "resolved_total", "carried_out")}
        for who in APPLICANTS:
            mean = self.scale * APPLICANT_SHARES[who]
            received = round(mean * rng.uniform(0.75, 1.3)) if mean >= 1 else int(rng.random() < mean)
            invented = {"received": received, "carried_in": self.open[who]}
            for row, value in invented.items():
                flow[row][who] = int(known.get(("applications", row, who), value))
            pending = flow["received"][who] + flow["carried_in"][who]
            left = min(pending, round(flow["received"][who] * rng.uniform(0, 0.08)))
            flow["carried_out"][who] = int(known.get(("applications", "carried_out", who), left))
            flow["resolved_total"][who] = pending - flow["carried_out"][who]
        return flow

    def _proactive_2021(self, rng: random.Random, known: Mapping[Key, Decimal]) -> Figures:
        figures: Figures = {}
        for row, size in (
            ("regulations", 8 if self.makes_regulations else 0),
            ("normative_documents", 4 + self.scale // 3),
        ):
            before = self.in_force.get(row, size)
            issued, repealed = rng.randint(0, max(size // 4, 1 if size else 0)), rng.randint(0, size // 5)
            start = known.get(("proactive", row, "issued")), known.get(("proactive", row, "repealed"))
            issued, repealed = (
                int(issued if start[0] is None else start[0]),
                int(repealed if start[1] is None else start[1]),
            )
            self.in_force[row] = int(known.get(("proactive", row, "in_force"), before + issued - repealed))
            stock = {"issued": issued, "repealed": repealed, "in_force": self.in_force[row]}
            figures |= {("proactive", row, column): Decimal(value) for column, value in stock.items()}
        for row, factor in (("licensing", 160), ("penalties", 40), ("coercion", 3)):
            figures["proactive", row, "decisions"] = Decimal(round(self.scale * factor * rng.uniform(0.7, 1.4)))
        figures["proactive", "fees", "amount_10k_cny"] = (
            Decimal(round(self.scale * 1_000 * rng.uniform(0.5, 1.5))) / 100
        )
        return figures

    def _proactive_2019(self, rng: random.Random) -> Figures:
        figures: Figures = {}
        for row, size in (
            ("regulations", 3 if self.makes_regulations else 0),
            ("normative_documents", 3 + self.scale // 9),
        ):
            made = rng.randint(0, size)
            self.items[row] = self.items.get(row, size * 5) + made
            line = {"made": made, "published": made, "total_public": self.items[row]}
            figures |= {("proactive", row, column): Decimal(value) for column, value in line.items()}
        for row, size, factor in (
            ("licensing", 60, 90),
            ("other_services", 45, 30),
            ("penalties", 120, 25),
            ("coercion", 20, 2),
        ):
            before, change = self.items.get(row, size + rng.randint(0, size)), rng.randint(-4, 9)
            self.items[row] = before + change
            line = {
                "prior_items": before,
                "change": change,
                "decisions": round(self.scale * factor * rng.uniform(0.7, 1.4)),
            }
            figures |= {("proactive", row, column): Decimal(value) for column, value in line.items()}
        before, change = self.items.get("fees", rng.randint(3, 18)), rng.randint(-1, 2)
        self.items["fees"] = before + change
        figures["proactive", "fees", "prior_items"], figures["proactive", "fees", "change"] = (
            Decimal(before),
            Decimal(change),
        )
        figures["proactive", "procurement", "items"] = Decimal(rng.randint(2, 6 + self.scale // 4))
        figures["proactive", "procurement", "amount_cny"] = Decimal(rng.randint(2_000, 9_000) * self.scale)
        return figures

    def _legacy(self, rng: random.Random) -> Figures:
        values: dict[str, int] = {}
        for row in load_templates()["legacy"].table_by_code["legacy"].rows:
            if not row.heading:
                values[row.code] = rng.randint(0, 3)
        received = round(self.scale * rng.uniform(0.7, 1.1))
        late = round(received * 0.05)
        self.open = {**dict.fromkeys(APPLICANTS, 0), "natural_person": received // 30}
        done = received - self.open["natural_person"]
        values |= _split(rng, received, {"3.1.1": 3, "3.1.2": 0.3, "3.1.3": 9, "3.1.4": 4, "3.1.5": 0.2})
        values |= {"3.2.1": done - late, "3.2.2": late}
        answers = {"3.3.1": 6, "3.3.2": 7, "3.3.3": 1, "3.3.4": 1.5, "3.3.5": 3, "3.3.6": 2, "3.3.7": 1, "3.3.8": 0.5}
        values |= _split(rng, done, answers)
        values |= _split(rng, values["3.3.4"], {f"3.3.4.{number}": 1.0 for number in range(1, 7)})
        website, wechat, bulletin = (
            self.scale * rng.randint(30, 60),
            self.scale * rng.randint(5, 20),
            rng.randint(0, 60),
        )
        values |= {"1.2.1": bulletin, "1.2.2": website, "1.2.3": self.scale * rng.randint(2, 9), "1.2.4": wechat}
        values |= {
            "1.1": website + bulletin + rng.randint(0, 90),
            "1.1.1": 5 + self.scale // 8,
            "1.1.2": 5 + self.scale // 7,
        }
        values |= {
            "2.2.3": 6 + self.scale // 5,
            "7.1": self.scale * 2,
            "7.2": self.scale * 3,
            "8.3.1": 1 + self.scale // 20,
        }
        values |= {"8.2": 3 + self.scale // 10, "9.3": self.scale * 2 + rng.randint(0, 30)}
        for total, count in sorted(LEGACY_PARTS.items(), reverse=True):
            values[total] = sum(values[f"{total}.{number}"] for number in range(1, count + 1))
        figures = {("legacy", code, "value"): Decimal(value) for code, value in values.items()}
        figures["legacy", "8.4", "value"] = Decimal(rng.randint(5, 90)) / 10
        return figures


def _applications(
    rng: random.Random, template: str, flow: Flow, known: Mapping[Key, Decimal], single_other: bool
) -> Figures:
    by_row: dict[str, dict[str, int]] = {row: dict(line) for row, line in flow.items()}
    for who in APPLICANTS:
        fixed = {
            row: int(known["applications", row, who]) for row in OUTCOME_WEIGHTS if ("applications", row, who) in known
        }
        free = {row: weight for row, weight in OUTCOME_WEIGHTS.items() if row not in fixed}
        for row, value in {**_split(rng, flow["resolved_total"][who] - sum(fixed.values()), free), **fixed}.items():
            by_row.setdefault(row, {})[who] = value
    if single_other or template == "2019":
        parts = [by_row.pop(row) for row in list(by_row) if row.startswith("other.")]
        by_row["other"] = {who: sum(part[who] for part in parts) for who in APPLICANTS}
    for line in by_row.values():
        line["total"] = sum(line.values())
    return {("applications", row, who): Decimal(value) for row, line in by_row.items() for who, value in line.items()}


def _review(rng: random.Random, scale: int) -> Figures:
    figures: Figures = {}
    for kind, share in (("review", 0.09), ("litigation_direct", 0.02), ("litigation_after_review", 0.015)):
        parts = _split(rng, round(scale * share * rng.uniform(0.5, 1.5)), REVIEW_WEIGHTS)
        figures |= {("review", kind, part): Decimal(value) for part, value in parts.items()}
        figures["review", kind, "total"] = Decimal(sum(parts.values()))
    return figures


def _split(rng: random.Random, total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Split a total at random; the parts add up to it."""
    parts = dict.fromkeys(weights, 0)
    for name in rng.choices(list(weights), cast("Sequence[float]", list(weights.values())), k=total) if weights else ():
        parts[name] += 1
    return parts
