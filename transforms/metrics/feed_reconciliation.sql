/*
title: Feed reconciliation
question: What became of every row of every file?
definition: Per file, the rows received and how many were accepted, quarantined, duplicates or out of scope; the four add up to the first.
formula: "received_count = accepted_count + quarantined_count + duplicate_count + out_of_scope_count"
edge_rules:
  - A row delivered again with the same content is a duplicate; the first delivery (by feed, file, row) is the accepted one.
  - The same key with other content is a conflict; each content is accepted once and one of them is used.
  - Accepted rows of what happened or was delivered after as_of are kept and in no figure yet; later_count tells how many.
  - Out of scope are rows that the format carries and the feed does not select.
source: domain model, truth at the boundary
owner: data engineer
grain: [feed, file]
direction: neutral
additivity: additive
columns:
  feed: {unit: text, description: the feed}
  file: {unit: text, description: the file}
  received_count: {unit: count, description: rows in the file, min: 0}
  accepted_count: {unit: count, description: rows used or superseded by a newer content, min: 0}
  quarantined_count: {unit: count, description: rows refused, min: 0}
  duplicate_count: {unit: count, description: rows delivered before, min: 0}
  out_of_scope_count: {unit: count, description: rows not selected, min: 0}
  later_count: {unit: count, description: 'of the accepted and the duplicate rows, those that happened or were delivered after as_of', min: 0}
*/
WITH file AS (
    SELECT feed, file, sum(received_count) AS received, sum(landed_count) AS landed FROM landing.file GROUP BY feed, file
), refused AS (
    SELECT feed, file, count(*) AS n FROM landing.refused GROUP BY feed, file
), malformed AS (
    SELECT feed, file, count(*) AS n FROM landing.malformed GROUP BY feed, file
), later AS (
    SELECT a.feed, a.file, count(*) AS n
    FROM landing.accepted a
    CROSS JOIN reference.evaluation e
    WHERE a.happened_at > e.as_of OR a.ingested_at > e.as_of
    GROUP BY a.feed, a.file
), duplicate AS (
    SELECT feed, file, count(*) AS n FROM canonical.delivery WHERE copy_no > 1 GROUP BY feed, file
)
SELECT
    f.feed,
    f.file,
    CAST(f.received AS BIGINT) AS received_count,
    CAST(f.landed - coalesce(r.n, 0) - coalesce(d.n, 0) AS BIGINT) AS accepted_count,
    CAST(coalesce(r.n, 0) + coalesce(m.n, 0) AS BIGINT) AS quarantined_count,
    CAST(coalesce(d.n, 0) AS BIGINT) AS duplicate_count,
    CAST(f.received - f.landed - coalesce(m.n, 0) AS BIGINT) AS out_of_scope_count,
    CAST(coalesce(l.n, 0) AS BIGINT) AS later_count
FROM file f
LEFT JOIN refused r ON r.feed = f.feed AND r.file = f.file
LEFT JOIN malformed m ON m.feed = f.feed AND m.file = f.file
LEFT JOIN later l ON l.feed = f.feed AND l.file = f.file
LEFT JOIN duplicate d ON d.feed = f.feed AND d.file = f.file
