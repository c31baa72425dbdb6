-- zh: 每份文件一行：在几个网址出现，首次与最近何时见到，是否仍在。
-- en: One row a document: at how many addresses it was seen, when first and last, and whether it is still there.
-- column document_sha256: 文件指纹 | SHA-256 of the document
-- column n_addresses: 网址数 | Addresses at which it was seen
-- column urls: 网址 | Those addresses, by first sight
-- column first_seen: 首次发现时间 | When it was first seen anywhere, UTC
-- column last_seen: 最近发现时间 | When it was last seen anywhere, UTC, as known when the release was built
-- column is_current: 是否仍在 | True where one of the addresses still gives it
-- column removed_on: 撤下日期 | Day on which the last of its addresses was removed; NULL while one is there
SELECT
  document_sha256,
  count(DISTINCT (source, url)) AS n_addresses,
  list(url ORDER BY first_seen, source, url) AS urls,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  bool_or(is_current) AS is_current,
  CASE WHEN bool_and(removed_on IS NOT NULL) THEN max(removed_on) END AS removed_on
FROM main.addresses
GROUP BY document_sha256
