-- Past the view of posting values, of which only the day is asked: postings join their quarter's local day where they state none.
WITH clock AS MATERIALIZED (
    SELECT q.facility_id, q.quarter_no, timezone(f.timezone, q.moment)::DATE AS local_date
    FROM (
        SELECT facility_id, epoch_us(posted_at) // 900000000 AS quarter_no, min(posted_at) AS moment FROM canonical.erp_posting
        WHERE posting_date IS NULL GROUP BY ALL
    ) q
    JOIN reference.facility f USING (facility_id)
), booked AS (
    SELECT p.posting_id, coalesce(p.posting_date, c.local_date) AS booked_date
    FROM canonical.erp_posting p
    LEFT JOIN clock c ON p.posting_date IS NULL AND c.facility_id = p.facility_id AND c.quarter_no = epoch_us(p.posted_at) // 900000000
), moved AS MATERIALIZED (
    SELECT
        l.facility_id, l.local_date AS moved_date, b.booked_date, count(*) AS n, count(l.quantity * c.unit_cost_usd) AS valued,
        sum(abs(l.quantity::DOUBLE) * c.unit_cost_usd) AS usd
    FROM marts.event_latency l
    LEFT JOIN booked b ON b.posting_id = l.posting_id
    LEFT JOIN shared.item_cost c ON c.item_id = l.item_id AND l.event_time >= c.valid_from_at AND l.event_time < c.valid_until_at
    WHERE l.event_type = 'inventory_adjusted' OR l.event_type IN (SELECT event_type FROM reference.event_type WHERE direction IN ('in', 'out'))
    GROUP BY ALL
), ended AS MATERIALIZED (
    SELECT p.fiscal_year, p.period_no, p.first_date, p.last_date, f.facility_id, f.legal_entity_id
    FROM reference.fiscal_period p, reference.facility f, reference.evaluation v
    WHERE p.last_date < timezone(f.timezone, v.as_of)::DATE AND p.last_date >= (SELECT min(least(moved_date, coalesce(booked_date, moved_date))) FROM moved)
), summed AS (
    SELECT
        p.fiscal_year, p.period_no, p.last_date, p.legal_entity_id, p.facility_id,
        coalesce(sum(n) FILTER (moved_date BETWEEN first_date AND last_date), 0) AS n,
        coalesce(sum(valued) FILTER (moved_date BETWEEN first_date AND last_date), 0) AS valued,
        sum(usd) FILTER (moved_date BETWEEN first_date AND last_date) AS usd,
        coalesce(sum(n) FILTER (moved_date <= last_date AND booked_date > last_date), 0) AS later,
        if(count(usd) > 0, coalesce(sum(usd) FILTER (moved_date <= last_date AND booked_date > last_date), 0), NULL) AS later_usd,
        coalesce(sum(n) FILTER (moved_date <= last_date AND booked_date IS NULL), 0) AS unbooked,
        if(count(usd) > 0, coalesce(sum(usd) FILTER (moved_date <= last_date AND booked_date IS NULL), 0), NULL) AS unbooked_usd,
        coalesce(sum(n) FILTER (moved_date > last_date AND booked_date <= last_date), 0) AS early,
        if(count(usd) > 0, coalesce(sum(usd) FILTER (moved_date > last_date AND booked_date <= last_date), 0), NULL) AS early_usd
    FROM moved m
    JOIN ended p ON p.facility_id = m.facility_id AND p.last_date >= least(m.moved_date, coalesce(m.booked_date, m.moved_date))
     AND (m.booked_date IS NULL OR p.last_date < greatest(m.moved_date, m.booked_date) OR m.moved_date BETWEEN p.first_date AND p.last_date)
    GROUP BY ALL
)
SELECT
    fiscal_year, period_no, last_date, legal_entity_id, facility_id, n::BIGINT AS events_count, valued::BIGINT AS valued_count, usd AS value_usd,
    later::BIGINT AS booked_later_count, later_usd AS booked_later_value_usd, unbooked::BIGINT AS unbooked_count, unbooked_usd AS unbooked_value_usd,
    early::BIGINT AS booked_early_count, early_usd AS booked_early_value_usd, (later_usd + unbooked_usd + early_usd) / nullif(usd, 0) AS cut_off_error_ratio
FROM summed
