/*
title: Variants of a choice
question: Which ways through the process does the choice leave?
definition: Variants of the chosen process that keep every condition on the way a case takes.
edge_rules:
  - A variant has to be one of the chosen `variant`s, to start with one of `starts`, and to end with one of `ends`, as far as any are given.
  - It has to have every activity of `passes` and none of `avoids`, every pair of `follows` directly and every pair of `eventually` in that order, whatever comes between.
  - A case is chosen or not as a whole; no event is cut from it, so that what directly follows what stays true.
source: ADR 26
owner: process owner
grain: [side, variant_no]
columns:
  side: {unit: text, description: which of the choices}
  variant_no: {unit: number, description: number of the variant in this build, min: 1}
additivity: additive
*/
WITH variant AS (
    SELECT process, variant, variant_no
    FROM marts.variants
    GROUP BY process, variant, variant_no
), met AS (
    SELECT w.side, w.kind, w.value, w.next_value, v.variant_no
    FROM variant v
    JOIN selection_value w ON w.kind = 'variant' AND w.value = v.variant
    UNION
    SELECT w.side, w.kind, w.value, w.next_value, s.variant_no
    FROM marts.process_variant_steps s
    JOIN selection_value w
      ON w.value = s.activity
     AND (w.kind IN ('passes', 'avoids') OR w.kind = 'starts' AND s.step_no = 1 OR w.kind = 'ends' AND s.is_last)
    UNION
    SELECT w.side, w.kind, w.value, w.next_value, s.variant_no
    FROM marts.process_variant_steps s
    JOIN selection_value w ON w.kind = 'follows' AND w.next_value = s.activity AND w.value = s.from_activity
    UNION
    SELECT w.side, w.kind, w.value, w.next_value, s.variant_no
    FROM marts.process_variant_steps s
    JOIN selection_value w ON w.kind = 'eventually' AND w.value = s.activity
    JOIN marts.process_variant_steps l
      ON l.variant_no = s.variant_no AND l.activity = w.next_value AND l.step_no > s.step_no
), kept AS (
    -- Of kinds where one of several will do, one counts; of the others, each; what is avoided counts against it.
    SELECT
        side, variant_no,
        count(DISTINCT CASE WHEN kind IN ('variant', 'starts', 'ends') THEN kind END)
            + count(CASE WHEN kind IN ('passes', 'follows', 'eventually') THEN 1 END)
            - count(CASE WHEN kind = 'avoids' THEN 1 END) AS kept_count
    FROM met
    GROUP BY side, variant_no
), asked AS (
    SELECT
        side,
        count(DISTINCT CASE WHEN kind IN ('variant', 'starts', 'ends') THEN kind END)
            + count(CASE WHEN kind IN ('passes', 'follows', 'eventually') THEN 1 END) AS asked_count
    FROM selection_value
    GROUP BY side
)
SELECT s.side, v.variant_no
FROM variant v
JOIN selection s ON s.process = v.process
LEFT JOIN kept k ON k.side = s.side AND k.variant_no = v.variant_no
LEFT JOIN asked a ON a.side = s.side
WHERE coalesce(k.kept_count, 0) = coalesce(a.asked_count, 0)
