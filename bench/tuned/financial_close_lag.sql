-- By quarters of an hour of posting and booking days first: what is summed over postings is then a few thousand rows.
WITH posted AS MATERIALIZED (
    SELECT
        p.facility_id, p.legal_entity_id, epoch_us(p.posted_at) // 900000000 AS quarter_no, p.posting_date, p.posted_at,
        CASE
            WHEN p.value_amount IS NOT NULL THEN abs(p.value_amount::DOUBLE) * r.rate_usd
            ELSE abs(p.quantity::DOUBLE) * i.unit_cost_usd
        END AS value
    FROM canonical.erp_posting p
    LEFT JOIN shared.currency_rate r ON r.currency = coalesce(p.currency, 'USD') AND p.posted_at >= r.valid_from_at AND p.posted_at < r.valid_until_at
    LEFT JOIN shared.item_cost i ON i.item_id = p.item_id AND p.posted_at >= i.valid_from_at AND p.posted_at < i.valid_until_at
), quarter AS (
    -- A period ends at a local midnight, and so at a quarter's beginning.
    SELECT facility_id, legal_entity_id, quarter_no, posting_date, min(posted_at) AS first_at, max(posted_at) AS last_at, count(*) AS n, count(value) AS valued, sum(value) AS value
    FROM posted
    GROUP BY ALL
), booked AS (
    SELECT
        q.*, coalesce(q.legal_entity_id, f.legal_entity_id) AS entity, f.timezone,
        coalesce(q.posting_date, timezone(f.timezone, q.first_at)::DATE) AS booked_date
    FROM quarter q
    JOIN reference.facility f USING (facility_id)
), placed AS (
    SELECT b.*, p.fiscal_year, p.period_no, p.first_date, p.last_date, end_of_day(p.last_date, b.timezone) AS ends_at
    FROM booked b
    ASOF JOIN reference.fiscal_period p ON b.booked_date >= p.first_date
), summed AS (
    SELECT
        fiscal_year, period_no, first_date, last_date, entity, max(ends_at) AS last_ends_at, sum(n)::BIGINT AS n,
        coalesce(sum(n) FILTER (first_at >= ends_at), 0)::BIGINT AS n_after, sum(valued)::BIGINT AS valued, sum(value) AS value,
        if(sum(valued) > 0, coalesce(sum(value) FILTER (first_at >= ends_at), 0), NULL) AS after_value,
        max(last_at) AS last_posted_at, max(epoch_us(last_at) - epoch_us(ends_at)) / 1e6 AS lag_s
    FROM placed
    GROUP BY ALL
)
SELECT
    s.fiscal_year, s.period_no, s.first_date, s.last_date, s.entity AS legal_entity_id, s.last_ends_at <= v.as_of AS is_ended, s.n AS postings_count,
    s.n_after AS posted_after_count, if(s.last_ends_at <= v.as_of, s.n_after / s.n, NULL) AS posted_after_ratio, s.valued AS valued_count,
    s.value AS value_usd, s.after_value AS posted_after_value_usd, if(s.last_ends_at <= v.as_of, s.after_value / nullif(s.value, 0), NULL) AS posted_after_value_ratio,
    s.last_posted_at, if(s.last_ends_at <= v.as_of, greatest(s.lag_s, 0), NULL) AS close_lag_s,
    if(s.last_ends_at > v.as_of, 'the period has not ended', NULL) AS unknown_reason
FROM summed s, reference.evaluation v
