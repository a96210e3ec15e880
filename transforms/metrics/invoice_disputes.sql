/*
title: Invoice disputes
question: How much of what suppliers charge is disputed, and how long does it take to settle?
definition: Per supplier and facility, the invoice lines disputed up to as_of, those of them still open, their value in US dollars, and quantiles in seconds from dispute to resolution.
formula: disputed_ratio = disputed_count / lines_count; km quantile p = the smallest t with S(t) <= 1 - p, open disputes censored
headline: disputed_ratio
edge_rules:
  - A line is disputed from disputed_at on; a resolution later than as_of is not known yet. A line disputed after as_of is not disputed.
  - p50 and p90 are over resolved disputes, NULL where there are none; the Kaplan-Meier quantiles censor open ones at as_of, and are NULL while more than that share is open.
  - A dispute that is stated as resolved before it was raised has a negative duration and stays in every figure.
  - Values are those of shared.invoice_check, over disputed lines whose value is known (valued_count); NULL where none is.
  - Supplier and facility are those that the invoice line states.
not_to_be_confused_with: three_way_match, which compares; a dispute is what somebody raised
source: domain model, also
owner: accounts payable
grain: [supplier_id, facility_id]
direction: down_is_good
columns:
  supplier_id: {unit: id, description: who charges, nullable: true}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  facility_id: {unit: id, description: where the goods were received, nullable: true}
  lines_count: {unit: count, description: invoice lines up to as_of, min: 1}
  disputed_count: {unit: count, description: disputed up to as_of, min: 0}
  open_count: {unit: count, description: those not yet resolved, min: 0}
  disputed_ratio: {unit: ratio, description: disputed_count / lines_count, min: 0, max: 1}
  valued_count: {unit: count, description: disputed lines whose value is known, min: 0}
  disputed_value_usd: {unit: usd, description: their value, nullable: true, min: 0}
  open_value_usd: {unit: usd, description: value of the open ones among them, nullable: true, min: 0}
  p50_s: {unit: s, description: median over resolved disputes, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over resolved disputes, nullable: true}
  km_p50_s: {unit: s, description: median with open disputes censored, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open disputes censored, nullable: true}
*/
WITH line AS (
    SELECT
        i.supplier_id, i.facility_id,
        coalesce(i.disputed_at <= e.as_of, FALSE) AS is_disputed,
        coalesce(i.disputed_at <= e.as_of, FALSE) AND NOT coalesce(i.dispute_resolved_at <= e.as_of, FALSE) AS is_open,
        -- Decimals add up to the same whatever their order.
        CASE WHEN i.disputed_at <= e.as_of THEN CAST(c.value_usd AS DECIMAL(18, 6)) END AS value
    FROM canonical.invoice_line i
    CROSS JOIN reference.evaluation e
    JOIN shared.invoice_check c ON c.invoice_id = i.invoice_id AND c.invoice_line = i.invoice_line
), summed AS (
    SELECT
        supplier_id,
        facility_id,
        count(*) AS lines_count,
        count(*) FILTER (WHERE is_disputed) AS disputed_count,
        count(*) FILTER (WHERE is_open) AS open_count,
        count(value) AS valued_count,
        CAST(sum(value) AS DOUBLE) AS disputed_value_usd,
        CAST(sum(CASE WHEN is_open THEN value ELSE 0 * value END) AS DOUBLE) AS open_value_usd
    FROM line
    GROUP BY supplier_id, facility_id
)
SELECT
    s.supplier_id,
    n.name AS supplier_name,
    s.facility_id,
    s.lines_count,
    s.disputed_count,
    s.open_count,
    CAST(s.disputed_count AS DOUBLE) / nullif(s.lines_count, 0) AS disputed_ratio,
    s.valued_count,
    s.disputed_value_usd,
    s.open_value_usd,
    q.p50_s,
    q.p90_s,
    q.km_p50_s,
    q.km_p90_s
FROM summed s
LEFT JOIN reference.supplier n ON n.supplier_id = s.supplier_id
LEFT JOIN shared.duration_quantile q
  ON q.measure = 'dispute_resolution' AND NOT q.is_total
 AND q.group_1 IS NOT DISTINCT FROM s.facility_id AND q.group_2 IS NOT DISTINCT FROM s.supplier_id
