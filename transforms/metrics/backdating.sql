/*
title: Backdating
question: How much is posted into days that are over, and how far back?
definition: Per facility, the share of dated postings, and of their value in US dollars, whose posting_date lies before the local day on which the ERP stored them, and by how many days.
formula: backdated_ratio = count(posting_date < local day of posted_at) / dated_count; backdated_value_ratio = their value_usd / value_usd of the dated
headline: backdated_ratio
edge_rules:
  - Over postings that state a posting_date (dated_count); without any, the ratios are NULL and unknown_reason says so.
  - Dated ahead, or on the local day itself, is not backdated; postings dated ahead are counted beside.
  - Value ratios are over postings whose value is known (valued_count); NULL where none is, or all are worth nothing.
  - Days are calendar days from posting_date to the local day of posted_at; quantiles over backdated postings, interpolated linearly, NULL where there are none.
not_to_be_confused_with: event-to-posting latency, which no accounting day enters
source: "domain model, five clocks; SAP BUDAT and CPUDT"
owner: financial controller
grain: [facility_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  postings_count: {unit: count, description: postings up to as_of, min: 1}
  dated_count: {unit: count, description: those that state a posting_date, min: 0}
  backdated_count: {unit: count, description: posting_date before the local day of posted_at, min: 0}
  ahead_count: {unit: count, description: posting_date after that day, min: 0}
  backdated_ratio: {unit: ratio, description: backdated_count / dated_count, nullable: true, min: 0, max: 1}
  valued_count: {unit: count, description: dated postings whose value is known, min: 0}
  value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  backdated_value_usd: {unit: usd, description: value of the backdated among them, nullable: true, min: 0}
  backdated_value_ratio: {unit: ratio, description: backdated_value_usd / value_usd, nullable: true, min: 0, max: 1}
  p50_days: {unit: number, description: median of the days backdated, nullable: true, min: 1}
  p90_days: {unit: number, description: 90 % quantile of the days backdated, nullable: true, min: 1}
  max_days: {unit: number, description: the furthest back, nullable: true, min: 1}
  unknown_reason: {unit: text, description: why backdated_ratio is NULL, nullable: true}
*/
WITH judged AS (
    SELECT
        facility_id, posting_date,
        -- Decimals add up to the same whatever their order.
        CASE WHEN posting_date IS NOT NULL THEN CAST(value_usd AS DECIMAL(18, 6)) END AS value,
        coalesce(posting_date < posted_local_date, FALSE) AS is_backdated,
        coalesce(posting_date > posted_local_date, FALSE) AS is_ahead,
        CASE WHEN posting_date < posted_local_date
            THEN CAST(days_between(posting_date, posted_local_date) AS DOUBLE) END AS days
    FROM shared.posting_value
), summed AS (
    SELECT
        facility_id,
        count(*) AS postings_count,
        count(posting_date) AS dated_count,
        count(*) FILTER (WHERE is_backdated) AS backdated_count,
        count(*) FILTER (WHERE is_ahead) AS ahead_count,
        count(value) AS valued_count,
        CAST(sum(value) AS DOUBLE) AS value_usd,
        CAST(sum(CASE WHEN is_backdated THEN value ELSE 0 * value END) AS DOUBLE) AS backdated_value_usd,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS p50_days,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY days) AS p90_days,
        max(days) AS max_days
    FROM judged
    GROUP BY facility_id
)
SELECT
    facility_id,
    postings_count,
    dated_count,
    backdated_count,
    ahead_count,
    CAST(backdated_count AS DOUBLE) / nullif(dated_count, 0) AS backdated_ratio,
    valued_count,
    value_usd,
    backdated_value_usd,
    backdated_value_usd / nullif(value_usd, 0) AS backdated_value_ratio,
    p50_days,
    p90_days,
    max_days,
    CASE WHEN dated_count = 0 THEN 'no posting states a posting_date' END AS unknown_reason
FROM summed
