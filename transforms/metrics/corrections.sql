/*
title: Corrections
question: What do we say instead of our sources, why, and is it still needed?
definition: One row per correction of the workspace, with what it found among the delivered rows.
formula: "applied_count = count(delivered rows that state `expected`); mended_count = count(delivered rows that state `value`)"
edge_rules:
  - applied means that rows state what is expected; what is set or dropped there is counted in applied_count.
  - source was mended means that of several deliveries of the row some state what is expected and others the new value already.
  - contradicted means that a delivery states something else, or that all state the new value; a build with such a correction is not published.
  - no such row means that no delivered row bears the key; the build warns.
  - A row that is delivered several times counts as often. Blanks around a value do not count.
  - A feed that is not named is NULL and means every feed that fills the table. A dropped row is in quarantine.
source: workspace setting corrections
owner: data engineer
grain: [file, row_number]
direction: neutral
additivity: additive
columns:
  file: {unit: text, description: the file of corrections}
  row_number: {unit: number, description: row in that file, min: 1}
  table_name: {unit: text, description: canonical table}
  feed: {unit: text, description: the feed that delivers the row, nullable: true}
  row_key: {unit: text, description: key of the row as delivered}
  action: {unit: text, description: set or drop}
  column_name: {unit: text, description: 'the column that is set, or by which a drop makes sure', nullable: true}
  expected: {unit: text, description: 'what the source is known to state; NULL: nothing', nullable: true}
  value: {unit: text, description: 'what is put in its place; NULL: nothing', nullable: true}
  reason: {unit: text, description: why}
  reported_date: {unit: date, description: since when it is known}
  reported_by: {unit: text, description: who said so, nullable: true}
  state: {unit: text, description: 'applied, source was mended, no such row; in an unpublished build also contradicted'}
  applied_count: {unit: count, description: delivered rows that were changed or dropped, min: 0}
  mended_count: {unit: count, description: delivered rows that state the new value already, min: 0}
  found: {unit: text, description: what contradicts, nullable: true}
  found_file: {unit: text, description: the delivered file that states it, nullable: true}
*/
WITH hit AS (
    SELECT
        c.file,
        c.row_number,
        coalesce(sum(h.rows_count) FILTER (WHERE h.outcome = 'applied'), 0) AS applied,
        coalesce(sum(h.rows_count) FILTER (WHERE h.outcome = 'mended'), 0) AS mended,
        coalesce(sum(h.rows_count) FILTER (WHERE h.outcome = 'differs'), 0) AS differing,
        min(h.outcome) FILTER (WHERE h.outcome <> 'applied') AS worst
    FROM reference.correction c
    LEFT JOIN landing.correction_hit h
      ON h.table_name = c.table_name AND h.row_key = c.row_key AND h.action = c.action
     AND h.column_name IS NOT DISTINCT FROM c.column_name AND h.feed = coalesce(c.feed, h.feed)
    GROUP BY c.file, c.row_number
), other AS (
    SELECT
        c.file, c.row_number, h.found, h.file AS found_file,
        row_number() OVER (PARTITION BY c.file, c.row_number ORDER BY h.file, h.found NULLS LAST) AS place
    FROM reference.correction c
    JOIN hit t ON t.file = c.file AND t.row_number = c.row_number
    JOIN landing.correction_hit h
      ON h.table_name = c.table_name AND h.row_key = c.row_key AND h.action = c.action
     AND h.column_name IS NOT DISTINCT FROM c.column_name AND h.feed = coalesce(c.feed, h.feed)
    WHERE h.outcome = t.worst AND (t.differing > 0 OR t.applied = 0)
)
SELECT
    c.file,
    c.row_number,
    c.table_name,
    c.feed,
    c.row_key,
    c.action,
    c.column_name,
    c.expected,
    c.value,
    c.reason,
    c.reported_date,
    c.reported_by,
    CASE
        WHEN t.differing > 0 OR (t.mended > 0 AND t.applied = 0) THEN 'contradicted'
        WHEN t.mended > 0 THEN 'source was mended'
        WHEN t.applied > 0 THEN 'applied'
        ELSE 'no such row'
    END AS state,
    CAST(t.applied AS BIGINT) AS applied_count,
    CAST(t.mended AS BIGINT) AS mended_count,
    o.found,
    o.found_file
FROM reference.correction c
JOIN hit t ON t.file = c.file AND t.row_number = c.row_number
LEFT JOIN other o ON o.file = c.file AND o.row_number = c.row_number AND o.place = 1
