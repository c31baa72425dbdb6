-- zh: 每年度应有、找到、缺失的报告数，找到的状态、逾期、更正、撤下，缺失的原因。
-- en: Reports expected, found and missing by year, what became of those found, and why the others are missing.
-- column report_year: 报告年度 | Report year
-- column expected: 应有 | Reports expected
-- column found: 找到 | Reports found, expected or not
-- column missing: 缺失 | Reports expected, due and not found, whatever the reason
-- column blocked: 其中被拒 | Of the missing: the portal refuses us
-- column failed: 其中失败 | Of the missing: listed, and could not be fetched or read
-- column not_a_report: 其中不是报告 | Of the missing: what is listed is no report
-- column gone: 其中已撤下 | Of the missing: listed once, never had, and listed no more
-- column not_due: 未到期 | Reports expected and not found whose day had not come at the last run
-- column accepted: 接受 | Reports accepted
-- column accepted_with_errors: 接受（发布机关有误） | Reports accepted with the publisher's own errors
-- column quarantined: 待复核 | Reports whose extraction is in doubt
-- column late: 逾期 | Reports first published after the legal deadline
-- column changed: 更正 | Reports of which more than one content was seen
-- column removed: 撤下 | Reports found that no list shows any more
-- column share_found: 找到比例 | Share of the expected reports that were found, from 0 to 1
SELECT
  report_year,
  count(*) FILTER (WHERE expected) AS expected,
  count(*) FILTER (WHERE found) AS found,
  count(*) FILTER (WHERE NOT found AND outcome <> 'not_due') AS missing,
  count(*) FILTER (WHERE outcome = 'blocked') AS blocked,
  count(*) FILTER (WHERE outcome = 'failed') AS failed,
  count(*) FILTER (WHERE outcome = 'not_a_report') AS not_a_report,
  count(*) FILTER (WHERE outcome = 'removed') AS gone,
  count(*) FILTER (WHERE outcome = 'not_due') AS not_due,
  count(*) FILTER (WHERE status = 'accepted') AS accepted,
  count(*) FILTER (WHERE status = 'accepted_with_errors') AS accepted_with_errors,
  count(*) FILTER (WHERE status = 'quarantined') AS quarantined,
  count(*) FILTER (WHERE days_late > 0) AS late,
  count(*) FILTER (WHERE changed) AS changed,
  count(*) FILTER (WHERE found AND removed_on IS NOT NULL) AS removed,
  CASE WHEN count(*) FILTER (WHERE expected) > 0
    THEN round(count(*) FILTER (WHERE expected AND found)::DOUBLE / count(*) FILTER (WHERE expected), 4)
  END AS share_found
FROM main.coverage
GROUP BY report_year
