/*
title: Postings with value and local day
question: What is each posting worth, on which day was it stored, and into which day was it dated?
definition: One row per posting with its absolute value in US dollars, the local day of posted_at at its facility, and the day that it is booked on.
edge_rules:
  - The value is that which the posting states, at the exchange rate of posted_at; where it states none, its absolute quantity times the item's cost then. NULL where neither is known, never zero.
  - A posting that states no currency is in US dollars.
  - Days and legal entity are those of posting_day.
  - Reversals are postings of their own; values are not netted.
source: "domain model, five clocks; SAP BUDAT and CPUDT"
owner: inventory accountant
grain: [posting_id]
storage: view
columns:
  posting_id: {unit: id, description: the posting}
  facility_id: {unit: id, description: whose stock}
  legal_entity_id: {unit: id, description: whose books, nullable: true}
  posted_at: {unit: instant, description: when the ERP stored it}
  posting_date: {unit: date, description: 'accounting day, where it is stated', nullable: true}
  posted_local_date: {unit: date, description: local day of posted_at at the facility}
  booked_date: {unit: date, description: 'posting_date, else the local day of posted_at'}
  value_usd: {unit: usd, description: absolute value, nullable: true, min: 0}
*/
SELECT
    p.posting_id,
    p.facility_id,
    p.legal_entity_id,
    p.posted_at,
    p.posting_date,
    p.posted_local_date,
    p.booked_date,
    CASE
        WHEN p.value_amount IS NOT NULL THEN abs(CAST(p.value_amount AS DOUBLE)) * r.rate_usd
        ELSE abs(CAST(p.quantity AS DOUBLE)) * i.unit_cost_usd
    END AS value_usd
FROM shared.posting_day p
LEFT JOIN shared.currency_rate r
  ON r.currency = coalesce(p.currency, 'USD') AND p.posted_at >= r.valid_from_at AND p.posted_at < r.valid_until_at
LEFT JOIN shared.item_cost i
  ON i.item_id = p.item_id AND p.posted_at >= i.valid_from_at AND p.posted_at < i.valid_until_at
