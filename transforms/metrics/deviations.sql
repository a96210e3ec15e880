/*
title: Deviations from the standard
question: Which steps are skipped, inserted, repeated, out of order or too late, where, how often, and at what price?
definition: Cases per process, facility, kind of deviation and activity, their share of the facility's cases of the process, by how many seconds their median duration differs from that of conformant cases, and the US dollars that they are about.
formula: "cases_count = count(cases with the deviation); share_ratio = cases_count / cases of the process at the facility; added_duration_p50_s = median(duration_s of its closed cases) - median(duration_s of closed conformant cases)"
headline: cases_count
edge_rules:
  - The cases are those of case_deviation, accepted deviations too; is_accepted says which do not count against the facility.
  - A case is in each row that names a deviation of it, so that rows do not add up to deviating cases.
  - Durations are from the first to the last event of closed cases; medians are interpolated linearly. A case that lacks steps can be shorter than a conformant one, then the difference is negative. NULL says in added_duration_reason why.
  - The value is that of the cases of which it is known (valued_count); NULL where of none.
not_to_be_confused_with: exceptions, which come from rules and concern single events
source: domain model, process models
owner: process owner
grain: [process, facility_id, kind, activity]
direction: down_is_good
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  kind: {unit: text, description: 'skipped, inserted, wrong_order, repeated or too_late'}
  activity: {unit: text, description: what it concerns}
  cases_count: {unit: count, description: cases with it, min: 1}
  share_ratio: {unit: ratio, description: of the cases of the process at the facility, min: 0, max: 1}
  added_duration_p50_s: {unit: s, description: median duration with it less that of conformant cases, nullable: true}
  value_at_risk_usd: {unit: usd, description: what its cases are about, nullable: true, min: 0}
  added_duration_reason: {unit: text, description: 'why there is no added duration: no closed case has it, or no closed case is conformant', nullable: true}
  valued_count: {unit: count, description: cases of which the value is known, min: 0}
  is_accepted: {unit: boolean, description: whether the allow-list has it at as_of}
  accepted_reason: {unit: text, description: why it is accepted, nullable: true}
  accepted_until_date: {unit: date, description: last day on which it is, nullable: true}
*/
WITH usual AS (
    SELECT
        process, facility_id,
        count(*) AS cases_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN is_conformant AND NOT is_open THEN duration_s END) AS p50_s
    FROM marts.case_conformance
    GROUP BY process, facility_id
), deviating AS (
    SELECT
        d.process, d.facility_id, d.kind, d.activity, d.is_accepted, d.accepted_reason, d.accepted_until_date,
        count(*) AS cases_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN NOT c.is_open THEN c.duration_s END) AS p50_s,
        CAST(sum(CAST(d.value_at_risk_usd AS DECIMAL(24, 6))) AS DOUBLE) AS value_at_risk_usd,
        count(d.value_at_risk_usd) AS valued_count
    FROM marts.case_deviation d
    JOIN marts.case_conformance c ON c.process = d.process AND c.case_id = d.case_id
    GROUP BY d.process, d.facility_id, d.kind, d.activity, d.is_accepted, d.accepted_reason, d.accepted_until_date
)
SELECT
    d.process, d.facility_id, d.kind, d.activity, d.cases_count,
    CAST(d.cases_count AS DOUBLE) / nullif(u.cases_count, 0) AS share_ratio,
    d.p50_s - u.p50_s AS added_duration_p50_s,
    d.value_at_risk_usd,
    CASE WHEN d.p50_s IS NULL THEN 'no closed case has it' WHEN u.p50_s IS NULL THEN 'no closed case is conformant' END
        AS added_duration_reason,
    d.valued_count, d.is_accepted, d.accepted_reason, d.accepted_until_date
FROM deviating d
JOIN usual u ON u.process = d.process AND u.facility_id = d.facility_id
