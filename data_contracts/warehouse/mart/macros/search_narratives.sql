-- zh: 在各报告的文字叙述（整章）中查找词语：所给词语须全部出现；按 BM25 排序。不分词，按字面包含查找；文中夹在汉字间的空格、换行不计，全角与半角、大写与小写不分。
-- en: Searches the chapters of the reports' text for words, all of which must occur, and ranks by BM25. Words are found as substrings, without word borders; blanks and line breaks inside Chinese text do not count, full-width and half-width, large and small letters are the same.
-- parameter words: 要查找的词语，以空格（半角、全角均可）分隔 | Words to find, separated by blanks, full-width ones too
-- parameter from_year := NULL: 起始报告年度，NULL 为不限 | First report year; NULL for any
-- parameter to_year := NULL: 截止报告年度，NULL 为不限 | Last report year; NULL for any
-- parameter max_rows := 50: 最多返回的行数，按得分由高到低；NULL 为不限 | Most rows to return, the best first; NULL for all
-- parameter with_quarantined := false: 为 true 时也查找待复核的报告 | true to search quarantined reports too
-- parameter in_database := NULL: 版本文件以其他名称 ATTACH 且不是当前数据库时，写明该名称 | Name under which the release is attached, where it is not the current database
-- example: search_narratives('公开')
-- column report_id: 报告编号 | The report
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_year: 报告年度 | Report year
-- column chapter_no: 章序 | Position of the chapter in the report
-- column chapter_code: 章代码 | Code of the chapter, such as overview
-- column heading: 章标题，按原样 | Heading of the chapter, as printed
-- column score: BM25 得分，只可在一次查找之内比较（k1 = 1.2，b = 0.75；文档频率与平均章长按所查范围统计） | Score of BM25, to be compared within one search only (k1 = 1.2, b = 0.75; document frequencies and mean length are those of the chapters searched)
-- column n_hits: 各词语出现次数之和 | How often the words occur in all
-- column snippet: 首次出现处前后的文字，词语以【】标出，换行写作空格 | Text around the first hit, the words in 【】, line breaks written as blanks
-- column url: 报告网址 | Address of the report
-- The search is text with patterns put in as literals: DuckDB compiles a literal pattern once, any other once a row. Each
-- parameter is cast to a number or truth, or quoted; a word becomes a pattern whose every sign is escaped.
FROM query(
  list_transform(
    [
      -- One pattern a word: each sign in its forms, blanks and line breaks allowed where Chinese text may be broken.
      list_transform(
        list_distinct(
          list_filter(
            string_split_regex(
              lower(
                translate(
                  nfc_normalize(coalesce(words, '')),
                  '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～',
                  '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'
                )
              ),
              '[\s\p{Z}]+'
            ),
            lambda word: word <> ''
          )
        ),
        lambda word: array_to_string(
          list_transform(
            string_split(word, ''),
            lambda sign, place:
              CASE
                WHEN sign BETWEEN '!' AND '~' THEN
                  '[' || regexp_escape(sign) || regexp_escape(upper(sign))
                  || chr(unicode(sign) + 65248) || chr(unicode(upper(sign)) + 65248) || ']'
                WHEN upper(sign) <> sign THEN '[' || sign || upper(sign) || ']'
                ELSE regexp_escape(sign)
              END
              || CASE
                WHEN place = length(word) OR regexp_full_match(substring(word, place, 2), '[0-9a-z]{2}') THEN ''
                ELSE '[\s\p{Z}]*'
              END
          ),
          ''
        )
      )
    ],
    lambda patterns: replace(replace(replace(replace(replace(replace(replace(replace($search$
      WITH chapters AS (
        SELECT report_id, report_year, chapter_no, n_chars, [{counts}] AS counts
        FROM {database}main.narratives
        JOIN {database}main.reports USING (report_id, report_year)
        WHERE topic_no = 0
          AND report_year BETWEEN {from_year} AND {to_year}
          AND (status <> 'quarantined' OR {with_quarantined})
      ), lengths AS (
        SELECT count(*) AS n_chapters, avg(n_chars) AS mean_chars FROM chapters
      ), occurrences AS (
        SELECT unnest(counts) AS n, generate_subscripts(counts, 1) AS word_no FROM chapters
      ), by_word AS (
        SELECT word_no, count(*) FILTER (n > 0) AS frequency FROM occurrences GROUP BY word_no
      ), weights AS (
        SELECT list(ln(1 + (n_chapters - frequency + 0.5) / (frequency + 0.5)) ORDER BY word_no) AS weights
        FROM by_word, lengths
      ), best AS (
        SELECT report_id,
               report_year,
               chapter_no,
               list_sum(counts) AS n_hits,
               {score} AS score
        FROM chapters, lengths, weights
        WHERE list_min(counts) > 0
        ORDER BY score DESC, report_year DESC, report_id, chapter_no
        LIMIT {max_rows}
      ), found AS (
        SELECT best.*, chapter_code, heading, text, strpos(text, regexp_extract(text, '{any}')) AS hit
        FROM best
        JOIN {database}main.narratives USING (report_id, report_year, chapter_no)
        WHERE topic_no = 0
      )
      SELECT report_id,
             agency_id,
             agency_name,
             report_year,
             chapter_no,
             chapter_code,
             heading,
             round(score, 4) AS score,
             n_hits::BIGINT AS n_hits,
             CASE WHEN hit > 31 THEN '…' ELSE '' END
             || regexp_replace(
                  regexp_replace(substring(text, greatest(hit - 30, 1), 90), '[\s\p{Z}]+', ' ', 'g'),
                  '({any})', '【\1】', 'g')
             || CASE WHEN length(text) > greatest(hit - 30, 1) + 89 THEN '…' ELSE '' END AS snippet,
             url
      FROM found
      JOIN {database}main.reports USING (report_id, report_year)
      ORDER BY score DESC, report_year DESC, report_id, chapter_no
    $search$,
    '{database}', coalesce('"' || replace(in_database, '"', '""') || '".', '')),
    '{from_year}', coalesce(from_year::INTEGER, 0)::VARCHAR),
    '{to_year}', coalesce(to_year::INTEGER, 9999)::VARCHAR),
    '{with_quarantined}', coalesce(with_quarantined::BOOLEAN, false)::VARCHAR),
    '{max_rows}', coalesce(max_rows::BIGINT::VARCHAR, 'NULL')),
    '{counts}', CASE
      WHEN len(patterns) = 0 THEN error('search_narratives: no word to search for')
      ELSE array_to_string(
        list_transform(
          patterns,
          -- A pattern that begins with a class is slow to look for, one that begins with a sign is not: so those of its
          -- first sign's forms come first.
          lambda one: CASE
            WHEN starts_with(one, '[') THEN
              'CASE WHEN '
              || array_to_string(
                list_transform(
                  list_distinct(regexp_extract_all(regexp_extract(one, '^\[((?:\\.|[^\]\\])+)\]', 1), '\\.|[^\\]')),
                  lambda form:
                    'regexp_matches(text, '''
                    || replace(form || regexp_replace(one, '^\[(?:\\.|[^\]\\])+\]', ''), '''', '''''') || ''')'
                ),
                ' OR '
              )
              || ' THEN '
            ELSE 'CASE WHEN true THEN '
          END
          || 'len(regexp_extract_all(text, ''' || replace(one, '''', '''''') || ''')) ELSE 0 END'
        ),
        ', '
      )
    END),
    '{score}', array_to_string(
      list_transform(
        range(1, len(patterns) + 1),
        lambda word_no: replace(
          'weights[#] * counts[#] * 2.2 / (counts[#] + 1.2 * (0.25 + 0.75 * n_chars / mean_chars))',
          '#', word_no::VARCHAR
        )
      ),
      ' + '
    )),
    '{any}', replace(array_to_string(patterns, '|'), '''', ''''''))
  )[1]
)
