-- zh: 本文件的发布版本，供看板显示。时间为北京时间。
-- en: The release that this file is, for dashboards to show; times are of Asia/Shanghai.
-- column release_id: 发布编号 | Id of the release
-- column built_at_shanghai: 构建时间（北京时间） | When it was built, Asia/Shanghai
-- column n_reports: 报告数 | Reports in the release
-- column first_year: 最早年度 | First report year
-- column last_year: 最近年度 | Last report year
-- column gongkai_version: 程序版本 | Version of the program that built it
SELECT
  r.release_id,
  r.built_at + INTERVAL 8 HOUR AS built_at_shanghai,
  r.n_reports,
  (SELECT min(report_year) FROM main.reports) AS first_year,
  (SELECT max(report_year) FROM main.reports) AS last_year,
  r.gongkai_version
FROM main.releases AS r
WHERE r.is_current
