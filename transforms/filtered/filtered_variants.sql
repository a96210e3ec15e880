/*
title: Variants of a choice, counted
question: Which ways do the chosen cases take, and how many take each?
definition: Chosen cases by their sequence of activities, and their share of the chosen cases as a ratio.
formula: "share_ratio = cases_count / chosen cases"
headline: share_ratio
edge_rules:
  - Open cases count with the way that they have gone so far, unless the choice leaves them out.
not_to_be_confused_with: variants, which are counted over all cases of a facility
source: ADR 26
owner: process owner
grain: [side, variant]
direction: neutral
additivity: additive
columns:
  side: {unit: text, description: which of the choices}
  variant: {unit: text, description: activities in order}
  cases_count: {unit: count, description: chosen cases that took this way, min: 1}
  share_ratio: {unit: ratio, description: of the chosen cases, min: 0, max: 1}
*/
WITH named AS (
    SELECT variant_no, variant
    FROM marts.variants
    GROUP BY variant_no, variant
)
SELECT
    w.side, n.variant, w.cases_count,
    CAST(w.cases_count AS DOUBLE) / nullif(CAST(w.all_cases_count AS DOUBLE), 0) AS share_ratio
FROM named n
JOIN chosen_way w ON w.variant_no = n.variant_no
