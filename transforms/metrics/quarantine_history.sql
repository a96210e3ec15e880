/*
title: Quarantine history
question: What became of every row that was ever refused?
definition: One row per refused row and time of its being refused, with the build that first refused it and the one in which it entered or left.
formula: "rows = refused rows of all builds, each time that they were refused anew"
edge_rules:
  - A row is known by feed, file, row number and raw content; refused anew after it had left, it begins a new line.
  - entered means that the row of an unchanged file is accepted; it may then be counted as a duplicate of another delivery, and is used once.
  - replaced means that its file has changed, or is read in another way, and its place holds another row.
  - vanished means that its place holds no row any more, since the file was withdrawn or cut, or the row is not selected any more.
  - Only published builds count; what a build refuses that fails or is killed is found by the next.
  - Two rows of one number with the same raw content are one line.
not_to_be_confused_with: quarantine, which holds what is refused now, with its raw content
source: domain model, truth at the boundary
owner: data engineer
grain: [feed, file, row_number, raw_hash, first_run_id]
direction: neutral
additivity: additive
columns:
  feed: {unit: text, description: the feed}
  file: {unit: text, description: the file}
  row_number: {unit: number, description: row in the file, min: 1}
  raw_hash: {unit: text, description: MD5 of what was delivered}
  content_hash: {unit: text, description: SHA-256 of the file when it was last refused, nullable: true}
  reason: {unit: text, description: why it was refused first}
  latest_reason: {unit: text, description: why it was refused last}
  first_run_id: {unit: id, description: the build that first refused it}
  outcome: {unit: text, description: "quarantined, entered, replaced or vanished"}
  ended_run_id: {unit: id, description: the build in which it was refused no more, nullable: true}
*/
WITH refused AS (
    SELECT feed, file, row_number, reason, md5(coalesce(raw, '')) AS raw_hash FROM landing.refused
    UNION ALL
    SELECT feed, file, row_number, 'schema violation' AS reason, md5(coalesce(raw, '')) AS raw_hash FROM landing.malformed
), refused_now AS (
    SELECT feed, file, row_number, raw_hash, min(reason) AS reason FROM refused GROUP BY feed, file, row_number, raw_hash
), open_before AS (
    SELECT * FROM reference.quarantine_before WHERE outcome = 'quarantined'
), new AS (
    SELECT n.*
    FROM refused_now n
    LEFT JOIN open_before o
        ON o.feed = n.feed AND o.file = n.file AND o.row_number = n.row_number AND o.raw_hash = n.raw_hash
    WHERE o.feed IS NULL
), left_place AS (
    SELECT DISTINCT o.feed, o.file, o.row_number
    FROM open_before o
    LEFT JOIN refused_now n
        ON n.feed = o.feed AND n.file = o.file AND n.row_number = o.row_number AND n.raw_hash = o.raw_hash
    WHERE n.feed IS NULL
), accepted_place AS (
    SELECT DISTINCT a.feed, a.file, a.row_number
    FROM landing.accepted a
    JOIN left_place p ON p.feed = a.feed AND p.file = a.file AND p.row_number = a.row_number
), new_place AS (
    SELECT DISTINCT feed, file, row_number FROM new
), judged AS (
    SELECT
        o.feed, o.file, o.row_number, o.raw_hash, o.reason, o.first_run_id,
        CASE WHEN n.feed IS NOT NULL THEN d.content_hash ELSE o.content_hash END AS content_hash,
        coalesce(n.reason, o.latest_reason) AS latest_reason,
        CASE
            WHEN n.feed IS NOT NULL THEN 'quarantined'
            WHEN w.feed IS NOT NULL THEN 'replaced'
            WHEN a.feed IS NULL THEN 'vanished'
            WHEN d.content_hash = o.content_hash THEN 'entered'
            ELSE 'replaced'
        END AS outcome
    FROM open_before o
    LEFT JOIN refused_now n
        ON n.feed = o.feed AND n.file = o.file AND n.row_number = o.row_number AND n.raw_hash = o.raw_hash
    LEFT JOIN new_place w ON w.feed = o.feed AND w.file = o.file AND w.row_number = o.row_number
    LEFT JOIN accepted_place a ON a.feed = o.feed AND a.file = o.file AND a.row_number = o.row_number
    LEFT JOIN landing.delivery d ON d.feed = o.feed AND d.file = o.file
)
SELECT feed, file, row_number, raw_hash, content_hash, reason, latest_reason, first_run_id, outcome, ended_run_id
FROM reference.quarantine_before
WHERE outcome <> 'quarantined'
UNION ALL
SELECT
    j.feed, j.file, j.row_number, j.raw_hash, j.content_hash, j.reason, j.latest_reason, j.first_run_id, j.outcome,
    CASE WHEN j.outcome <> 'quarantined' THEN r.run_id END AS ended_run_id
FROM judged j
CROSS JOIN reference.run r
UNION ALL
SELECT
    n.feed, n.file, n.row_number, n.raw_hash, d.content_hash, n.reason, n.reason AS latest_reason, r.run_id AS first_run_id,
    'quarantined' AS outcome, CAST(NULL AS STRING) AS ended_run_id
FROM new n
CROSS JOIN reference.run r
LEFT JOIN landing.delivery d ON d.feed = n.feed AND d.file = n.file
