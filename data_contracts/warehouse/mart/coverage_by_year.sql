-- zh: 每年度应有、找到、缺失的报告数及其状态。
-- en: Reports expected, found and missing by year, and what became of those found.
-- column report_year: 报告年度 | Report year
-- column expected: 应有 | Reports expected
-- column found: 找到 | Reports found, expected or not
-- column missing: 缺失 | Reports expected and not found
-- column accepted: 接受 | Reports accepted
-- column accepted_with_errors: 接受（发布机关有误） | Reports accepted with the publisher's own errors
-- column quarantined: 待复核 | Reports whose extraction is in doubt
-- column late: 逾期 | Reports published after the legal deadline
-- column share_found: 找到比例 | Share of the expected reports that were found, from 0 to 1
SELECT
  report_year,
  count(*) FILTER (WHERE expected) AS expected,
  count(*) FILTER (WHERE found) AS found,
  count(*) FILTER (WHERE status = 'missing') AS missing,
  count(*) FILTER (WHERE status = 'accepted') AS accepted,
  count(*) FILTER (WHERE status = 'accepted_with_errors') AS accepted_with_errors,
  count(*) FILTER (WHERE status = 'quarantined') AS quarantined,
  count(*) FILTER (WHERE days_late > 0) AS late,
  CASE WHEN count(*) FILTER (WHERE expected) > 0
    THEN round(count(*) FILTER (WHERE expected AND found)::DOUBLE / count(*) FILTER (WHERE expected), 4)
  END AS share_found
FROM main.coverage
GROUP BY report_year
ORDER BY report_year
