"""Questions that dashboards and analysts ask of a release, by name; of the synthetic reports of `wide_lake`."""

_AGENCY = "a000000003000"

QUERIES = {
    "an agency over the years": f"""
        SELECT report_year, received, resolved, carried_out FROM mart.applications_by_year
        WHERE agency_id = '{_AGENCY}' ORDER BY report_year""",
    "applications by year, governments": """
        SELECT report_year, level, received, resolved FROM mart.applications_by_level
        WHERE kind = 'government' ORDER BY report_year""",
    "disposal by year": "FROM mart.disposal_by_year WHERE kind = 'government'",
    "grounds of refusal": "FROM mart.refusal_grounds WHERE kind = 'department' AND report_year = 2024",
    "highest disclosure rates of a year": """
        SELECT agency_name, rate FROM mart.disclosure_rate WHERE report_year = 2024 AND resolved > 100
        ORDER BY rate DESC LIMIT 20""",
    "mean disclosure rate by year": """
        SELECT report_year, sum(granted + partial) / sum(resolved) FROM mart.disclosure_rate
        WHERE kind = 'government' GROUP BY ALL ORDER BY ALL""",
    "largest backlogs of a year": """
        SELECT agency_name, workload, backlog_share FROM mart.backlog WHERE report_year = 2024
        ORDER BY backlog_share DESC NULLS LAST LIMIT 20""",
    "largest changes of a year": """
        SELECT agency_name, received_before, received, received_growth FROM mart.year_on_year
        WHERE report_year = 2024 ORDER BY abs(received_change) DESC LIMIT 20""",
    "corrections by procedure": """
        SELECT procedure, sum(corrected), sum(decided) FROM mart.correction_rates WHERE report_year = 2024
        GROUP BY ALL""",
    "corrections of an agency": f"FROM mart.correction_rates WHERE agency_id = '{_AGENCY}'",
    "coverage by year": "FROM mart.coverage_by_year",
    "missing reports of a year": "SELECT agency_name, reason FROM coverage WHERE report_year = 2024 AND NOT found",
    "regions by year and level": """
        SELECT report_year, level, basis, sum(received) FROM mart.region_totals GROUP BY ALL ORDER BY ALL""",
    "counties of a city": "FROM mart.region_totals WHERE parent = '320100' AND report_year = 2024",
    "penalties by year": """
        SELECT report_year, level, kind, amount FROM mart.proactive_by_year WHERE row_code = 'penalties'""",
    "normative stock of an agency": f"FROM mart.normative_stock WHERE agency_id = '{_AGENCY}'",
    "publishers with most errors": """
        SELECT agency_name, sum(errors) AS errors FROM mart.publisher_error_counts GROUP BY ALL
        ORDER BY errors DESC LIMIT 20""",
    "errors of a year": """
        SELECT agency_name, rule_id, printed, expected FROM mart.publisher_errors WHERE report_year = 2024""",
    "not held, shares of a year": """
        SELECT agency_name, not_held_share FROM mart.not_held_share WHERE report_year = 2024
        ORDER BY not_held_share DESC NULLS LAST LIMIT 20""",
    "kinds of applicants by year": """
        SELECT report_year, sum(natural_person) / sum(total) FROM applications WHERE row_code = 'received'
        GROUP BY ALL ORDER BY ALL""",
    "outcomes of an agency and year": f"""
        SELECT row_label_zh, cases, share FROM mart.disposal WHERE agency_id = '{_AGENCY}' AND report_year = 2024""",
    "cells of a report": f"""
        SELECT row_code, column_code, value, page, x0, path FROM cells
        WHERE report_id = '{_AGENCY}-2024' AND report_year = 2024 AND table_code = 'applications'""",
    "release": "FROM mart.latest_release",
}
