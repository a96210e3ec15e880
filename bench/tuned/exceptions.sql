-- In substance the model: one pass over what the rules reported, with small tables looked up by hash.
SELECT
    r.rule || ':' || r.version || ':' || r.reference_id AS exception_id, r.rule, r.facility_id, r.reference_id, r.opened_at, r.resolved_at,
    (epoch_us(coalesce(r.resolved_at, v.as_of)) - epoch_us(r.opened_at)) / 1e6 AS age_s,
    b.worked_s + if(b.is_open, (epoch_us(coalesce(r.resolved_at, v.as_of)) - epoch_us(b.starts_at)) / 1e6, 0)
        - a.worked_s - if(a.is_open, (epoch_us(r.opened_at) - epoch_us(a.starts_at)) / 1e6, 0) AS business_age_s,
    r.sla_s, (epoch_us(coalesce(r.resolved_at, v.as_of)) - epoch_us(r.opened_at)) / 1e6 > r.sla_s AS is_breached,
    r.severity, r.queue, r.item_id, r.quantity, abs(r.quantity)::DOUBLE * c.unit_cost_usd AS value_at_risk_usd, r.probable_cause, r.evidence, r.detail
FROM rules.reported r
CROSS JOIN reference.evaluation v
LEFT JOIN shared.item_cost c ON c.item_id = r.item_id AND r.opened_at >= c.valid_from_at AND r.opened_at < c.valid_until_at
LEFT JOIN shared.working_clock a ON a.facility_id = r.facility_id AND a.quarter_no = epoch_us(r.opened_at) // 900000000
LEFT JOIN shared.working_clock b ON b.facility_id = r.facility_id AND b.quarter_no = epoch_us(coalesce(r.resolved_at, v.as_of)) // 900000000
