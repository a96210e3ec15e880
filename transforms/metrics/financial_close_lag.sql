/*
title: Financial close lag
question: How long after the end of a fiscal period is still posted into it, and how much?
definition: Per fiscal period and legal entity, the seconds from the end of the period to the last posting booked in it, and the share of postings and of value in US dollars that the ERP stored after the end.
formula: close_lag_s = last posted_at - end of the period, 0 where nothing came after; posted_after_value_ratio = value_usd stored after the end / value_usd booked in the period
headline: close_lag_s
edge_rules:
  - A posting is booked in the period of its posting_date, of the local day of posted_at where it states none; a period ends at midnight of its facility after its last day.
  - A period that has not ended at as_of, at any facility of the entity, has NULL in close_lag_s and in both ratios; unknown_reason says so. What is still to come after as_of is not known, so the lag of a young period is a lower bound.
  - Exactly at the end is after it. A period in which an entity booked nothing has no row.
  - Value ratios are over postings whose value is known (valued_count); NULL where none is, or all are worth nothing. Values are absolute and not netted.
not_to_be_confused_with: period_cut_off, which compares when goods moved with where they are booked
source: "domain model, also; SAP BUDAT and CPUDT"
owner: financial controller
grain: [fiscal_year, period_no, legal_entity_id]
direction: down_is_good
columns:
  fiscal_year: {unit: number, description: the fiscal year}
  period_no: {unit: number, description: the period, min: 1}
  first_date: {unit: date, description: its first day}
  last_date: {unit: date, description: its last day}
  legal_entity_id: {unit: id, description: whose books, nullable: true}
  is_ended: {unit: boolean, description: whether it has ended at all facilities concerned}
  postings_count: {unit: count, description: postings booked in the period, min: 1}
  posted_after_count: {unit: count, description: those stored after its end, min: 0}
  posted_after_ratio: {unit: ratio, description: posted_after_count / postings_count, nullable: true, min: 0, max: 1}
  valued_count: {unit: count, description: postings whose value is known, min: 0}
  value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  posted_after_value_usd: {unit: usd, description: value stored after the end, nullable: true, min: 0}
  posted_after_value_ratio: {unit: ratio, description: posted_after_value_usd / value_usd, nullable: true, min: 0, max: 1}
  last_posted_at: {unit: instant, description: newest posted_at of the period}
  close_lag_s: {unit: s, description: from the end to the last posting, nullable: true, min: 0}
  unknown_reason: {unit: text, description: why lag and ratios are NULL, nullable: true}
*/
WITH daily AS (
    -- The end of a period is asked once a facility and day, not once a posting.
    SELECT DISTINCT v.facility_id, v.booked_date, p.fiscal_year, p.period_no, p.first_date, p.last_date
    FROM (SELECT DISTINCT facility_id, booked_date FROM shared.posting_value) AS v
    JOIN reference.fiscal_period p ON v.booked_date >= p.first_date AND v.booked_date <= p.last_date
), ended AS (
    SELECT
        d.facility_id, d.booked_date, d.fiscal_year, d.period_no, d.first_date, d.last_date,
        day_end_at(d.last_date, f.timezone) AS ends_at
    FROM daily d
    JOIN reference.facility f ON f.facility_id = d.facility_id
), summed AS (
    SELECT
        e.fiscal_year, e.period_no, e.first_date, e.last_date, v.legal_entity_id,
        max(e.ends_at) AS last_ends_at,
        count(*) AS postings_count,
        count(*) FILTER (WHERE v.posted_at >= e.ends_at) AS after_count,
        count(v.value_usd) AS valued_count,
        -- Decimals add up to the same whatever their order.
        CAST(sum(CAST(v.value_usd AS DECIMAL(18, 6))) AS DOUBLE) AS value_usd,
        CAST(sum(CAST(CASE WHEN v.posted_at >= e.ends_at THEN v.value_usd ELSE 0 * v.value_usd END AS DECIMAL(18, 6))) AS DOUBLE) AS after_usd,
        max(v.posted_at) AS last_posted_at,
        max(seconds_between(e.ends_at, v.posted_at)) AS lag_s
    FROM shared.posting_value v
    JOIN ended e ON e.facility_id = v.facility_id AND e.booked_date = v.booked_date
    GROUP BY e.fiscal_year, e.period_no, e.first_date, e.last_date, v.legal_entity_id
)
SELECT
    s.fiscal_year,
    s.period_no,
    s.first_date,
    s.last_date,
    s.legal_entity_id,
    s.last_ends_at <= e.as_of AS is_ended,
    s.postings_count,
    s.after_count AS posted_after_count,
    CASE WHEN s.last_ends_at <= e.as_of THEN CAST(s.after_count AS DOUBLE) / nullif(s.postings_count, 0) END AS posted_after_ratio,
    s.valued_count,
    s.value_usd,
    s.after_usd AS posted_after_value_usd,
    CASE WHEN s.last_ends_at <= e.as_of THEN s.after_usd / nullif(s.value_usd, 0) END AS posted_after_value_ratio,
    s.last_posted_at,
    CASE WHEN s.last_ends_at <= e.as_of THEN greatest(s.lag_s, 0) END AS close_lag_s,
    CASE WHEN s.last_ends_at > e.as_of THEN 'the period has not ended' END AS unknown_reason
FROM summed s
CROSS JOIN reference.evaluation e
