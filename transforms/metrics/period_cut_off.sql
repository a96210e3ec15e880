/*
title: Period cut-off
question: What had moved before the end of a fiscal period but is booked after it, and what is booked in it but moved later?
definition: Per ended fiscal period, legal entity and facility, the events, and their value in US dollars, on the wrong side of the end, by the local day of the event and the day that its posting is booked on.
formula: cut_off_error_ratio = (booked_later_value_usd + unbooked_value_usd + booked_early_value_usd) / value_usd moved in the period
headline: cut_off_error_ratio
edge_rules:
  - Over events that change what a facility holds (direction in or out, and inventory_adjusted) and whose posting is expected or exists. The booked day is posting_date, else the local day of posted_at.
  - "booked_later: moved up to the last day, booked on a later one. unbooked: moved up to the last day, unposted at as_of. booked_early: moved after the last day, booked up to it."
  - It is told at the end of each period; what moved in January and is booked in March is on the wrong side of the ends of January and February.
  - The value of an event is its absolute quantity times the item's cost when it happened, on either side alike; valued_count says of how many that moved in the period it is known. Where it is known of none, the values and the ratio are NULL.
  - A period has a row where an event of the entity and facility moved in it or is on the wrong side of its end, once it has ended at the facility.
  - The ratio can exceed 1, since what is on the wrong side may have moved earlier; NULL where nothing of value moved in the period.
not_to_be_confused_with: financial_close_lag, which is about when postings of a period were stored
source: "domain model, five clocks; inventory cut-off testing, ISA 501"
owner: financial controller
grain: [fiscal_year, period_no, legal_entity_id, facility_id]
direction: down_is_good
columns:
  fiscal_year: {unit: number, description: the fiscal year}
  period_no: {unit: number, description: the period, min: 1}
  last_date: {unit: date, description: its last day}
  legal_entity_id: {unit: id, description: 'whose books, as the facility states it', nullable: true}
  facility_id: {unit: id, description: the facility}
  events_count: {unit: count, description: events that moved in the period, min: 0}
  valued_count: {unit: count, description: those of them whose value is known, min: 0}
  value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  booked_later_count: {unit: count, description: moved before the end and booked after it, min: 0}
  booked_later_value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  unbooked_count: {unit: count, description: moved before the end and still unposted, min: 0}
  unbooked_value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  booked_early_count: {unit: count, description: moved after the end and booked before it, min: 0}
  booked_early_value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  cut_off_error_ratio: {unit: ratio, description: value on the wrong side / value_usd, nullable: true, min: 0}
*/
WITH moved AS (
    -- By days, since every event of a pair of days is on the same side of every end.
    SELECT
        l.facility_id, l.local_date AS moved_date, v.booked_date,
        count(*) AS n,
        count(l.quantity * c.unit_cost_usd) AS valued,
        -- Decimals add up to the same whatever their order.
        sum(CAST(abs(CAST(l.quantity AS DOUBLE)) * c.unit_cost_usd AS DECIMAL(18, 6))) AS usd
    FROM marts.event_latency l
    JOIN reference.event_type t ON t.event_type = l.event_type
    LEFT JOIN shared.posting_day v ON v.posting_id = l.posting_id
    LEFT JOIN shared.item_cost c
      ON c.item_id = l.item_id AND l.event_time >= c.valid_from_at AND l.event_time < c.valid_until_at
    WHERE t.direction IN ('in', 'out') OR l.event_type = 'inventory_adjusted'
    GROUP BY l.facility_id, l.local_date, v.booked_date
), ended AS (
    SELECT p.fiscal_year, p.period_no, p.first_date, p.last_date, f.facility_id, f.legal_entity_id
    FROM reference.fiscal_period p
    CROSS JOIN reference.facility f
    CROSS JOIN reference.evaluation e
    WHERE p.last_date < local_day(e.as_of, f.timezone)
), sided AS (
    SELECT
        p.fiscal_year, p.period_no, p.last_date, p.legal_entity_id, p.facility_id, m.n, m.valued, m.usd,
        m.moved_date >= p.first_date AND m.moved_date <= p.last_date AS is_inside,
        m.moved_date <= p.last_date AND coalesce(m.booked_date > p.last_date, FALSE) AS is_later,
        m.moved_date <= p.last_date AND m.booked_date IS NULL AS is_unbooked,
        m.moved_date > p.last_date AND coalesce(m.booked_date <= p.last_date, FALSE) AS is_early
    FROM moved m
    JOIN ended p ON p.facility_id = m.facility_id
     AND p.last_date >= least(m.moved_date, coalesce(m.booked_date, m.moved_date))
     AND (
        m.booked_date IS NULL OR p.last_date < greatest(m.moved_date, m.booked_date)
        OR (m.moved_date >= p.first_date AND m.moved_date <= p.last_date)
     )
), summed AS (
    SELECT
        fiscal_year, period_no, last_date, legal_entity_id, facility_id,
        sum(CASE WHEN is_inside THEN n ELSE 0 END) AS n,
        sum(CASE WHEN is_inside THEN valued ELSE 0 END) AS valued,
        CAST(sum(CASE WHEN is_inside THEN usd END) AS DOUBLE) AS usd,
        sum(CASE WHEN is_later THEN n ELSE 0 END) AS later,
        CAST(sum(CASE WHEN is_later THEN usd ELSE 0 * usd END) AS DOUBLE) AS later_usd,
        sum(CASE WHEN is_unbooked THEN n ELSE 0 END) AS unbooked,
        CAST(sum(CASE WHEN is_unbooked THEN usd ELSE 0 * usd END) AS DOUBLE) AS unbooked_usd,
        sum(CASE WHEN is_early THEN n ELSE 0 END) AS early,
        CAST(sum(CASE WHEN is_early THEN usd ELSE 0 * usd END) AS DOUBLE) AS early_usd
    FROM sided
    GROUP BY fiscal_year, period_no, last_date, legal_entity_id, facility_id
)
SELECT
    fiscal_year,
    period_no,
    last_date,
    legal_entity_id,
    facility_id,
    CAST(n AS BIGINT) AS events_count,
    CAST(valued AS BIGINT) AS valued_count,
    usd AS value_usd,
    CAST(later AS BIGINT) AS booked_later_count,
    later_usd AS booked_later_value_usd,
    CAST(unbooked AS BIGINT) AS unbooked_count,
    unbooked_usd AS unbooked_value_usd,
    CAST(early AS BIGINT) AS booked_early_count,
    early_usd AS booked_early_value_usd,
    (later_usd + unbooked_usd + early_usd) / nullif(usd, 0) AS cut_off_error_ratio
FROM summed
