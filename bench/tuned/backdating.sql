-- Past the view: a posting is joined to its quarter's local day only where it states a day, and summed in doubles.
WITH clock AS MATERIALIZED (
    SELECT q.facility_id, q.quarter_no, timezone(f.timezone, q.moment)::DATE AS local_date
    FROM (SELECT facility_id, epoch_us(posted_at) // 900000000 AS quarter_no, min(posted_at) AS moment FROM canonical.erp_posting GROUP BY ALL) q
    JOIN reference.facility f USING (facility_id)
), judged AS (
    SELECT
        p.facility_id, p.posting_date, c.local_date - p.posting_date AS behind,
        CASE
            WHEN p.posting_date IS NULL THEN NULL
            WHEN p.value_amount IS NOT NULL THEN abs(p.value_amount::DOUBLE) * r.rate_usd
            ELSE abs(p.quantity::DOUBLE) * i.unit_cost_usd
        END AS value
    FROM canonical.erp_posting p
    JOIN clock c ON c.facility_id = p.facility_id AND c.quarter_no = epoch_us(p.posted_at) // 900000000
    LEFT JOIN shared.currency_rate r ON r.currency = coalesce(p.currency, 'USD') AND p.posted_at >= r.valid_from_at AND p.posted_at < r.valid_until_at
    LEFT JOIN shared.item_cost i ON i.item_id = p.item_id AND p.posted_at >= i.valid_from_at AND p.posted_at < i.valid_until_at
), summed AS (
    SELECT
        facility_id, count(*) AS postings_count, count(posting_date) AS dated_count, count(*) FILTER (behind > 0) AS backdated_count,
        count(*) FILTER (behind < 0) AS ahead_count, count(value) AS valued_count, sum(value) AS value_usd,
        if(count(value) > 0, coalesce(sum(value) FILTER (behind > 0), 0), NULL) AS backdated_value_usd,
        quantile_cont(behind, [0.5, 0.9]) FILTER (behind > 0) AS q, max(behind) FILTER (behind > 0) AS max_days
    FROM judged
    GROUP BY facility_id
)
SELECT
    facility_id, postings_count, dated_count, backdated_count, ahead_count, backdated_count / nullif(dated_count, 0) AS backdated_ratio,
    valued_count, value_usd, backdated_value_usd, backdated_value_usd / nullif(value_usd, 0) AS backdated_value_ratio,
    q[1] AS p50_days, q[2] AS p90_days, max_days,
    if(dated_count = 0, 'no posting states a posting_date', NULL) AS unknown_reason
FROM summed
