/*
title: Conformance, case by case
question: Does this case keep to the standard, and how closely?
definition: One row per case of a normative process with its fitness, the cost of its optimal alignment (moves that the case or the model makes alone) and whether it has no deviation that counts.
formula: "fitness = 1 - cost / cost of an alignment in which the case and a whole run of the model share nothing"
headline: fitness
edge_rules:
  - A case is held to the normative model of the facility that it is told at.
  - It is conformant where it has no deviation, or only accepted ones. One that came too late is not, although its fitness is 1; fitness and cost do not know what is accepted.
  - A case that may still go on is aligned with the beginning of a run (a prefix alignment), so that nothing it may yet do costs anything; its moves are held against a whole run all the same, so that one weighs as much as in a closed case.
  - "Where the moves of the alignment would have been too much work (is_exact false), fitness and cost are those of the cheapest alignment; where that was too much, too, fitness is that of token replay and cost is NULL. Such a case does not fit the model and is not conformant."
not_to_be_confused_with: process_conformance, the share of a facility's cases that keep to the standard
source: "domain model, process models; alignments after van der Aalst, Adriansyah and van Dongen (2012)"
owner: process owner
grain: [process, case_id]
direction: up_is_good
additivity: non_additive
version: 2
columns:
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: facility that the case is told at}
  variant_id: {unit: id, description: the way that the case went}
  fitness: {unit: number, description: 'ratio, 1 = as the model says', min: 0, max: 1}
  cost: {unit: number, description: moves of the case or the model alone, nullable: true, min: 0}
  is_conformant: {unit: boolean, description: no deviation counts}
  is_open: {unit: boolean, description: it may still go on}
  is_exact: {unit: boolean, description: whether it was aligned}
  first_at: {unit: instant, description: its first event}
  last_at: {unit: instant, description: its last event}
  duration_s: {unit: s, description: from its first to its last event, min: 0}
  deviations_count: {unit: count, description: its deviations that count, min: 0}
  accepted_count: {unit: count, description: its deviations that are accepted, min: 0}
*/
WITH by_variant AS (
    SELECT f.process, f.facility_id, f.variant_id, f.is_open, v.fitness, v.cost, v.is_exact
    FROM process.variant_conformance v
    JOIN process.variant_frequency f
      ON f.process = v.process AND f.facility_id = v.facility_id AND f.variant = v.variant AND f.is_open = v.is_open
), deviating AS (
    SELECT
        process, case_id,
        count(*) FILTER (WHERE NOT is_accepted) AS deviations_count,
        count(*) FILTER (WHERE is_accepted) AS accepted_count
    FROM marts.case_deviation
    GROUP BY process, case_id
)
SELECT
    c.process, c.case_id, c.facility_id, c.variant_id, v.fitness, v.cost,
    v.is_exact AND coalesce(d.deviations_count, 0) = 0 AS is_conformant,
    c.is_open, v.is_exact, c.first_at, c.last_at,
    seconds_between(c.first_at, c.last_at) AS duration_s,
    coalesce(d.deviations_count, 0) AS deviations_count,
    coalesce(d.accepted_count, 0) AS accepted_count
FROM process.case_variant c
JOIN by_variant v
  ON v.process = c.process AND v.facility_id = c.facility_id AND v.variant_id = c.variant_id AND v.is_open = c.is_open
LEFT JOIN deviating d ON d.process = c.process AND d.case_id = c.case_id
