/*
title: Cost of an item in US dollars
question: What is one unit of an item worth, and from when until when?
definition: US dollars for one base unit of an item, in each span of time in which one exchange rate holds.
edge_rules:
  - An item without a currency is in US dollars; its cost and that of an item in US dollars hold at all times, whatever rate a table gives for USD.
  - A rate holds from 00:00 UTC of its day until the next one of its currency begins.
  - An item without a cost, one in a currency that no rate is given for, and the time before a currency's first rate have no row; a value there is NULL, never zero.
  - A value at t takes the row with valid_from_at <= t < valid_until_at; at most one has that.
source: domain model, canonical tables; reference tables item and exchange_rate
owner: inventory accountant
grain: [item_id, valid_from_at]
columns:
  item_id: {unit: id, description: the item}
  valid_from_at: {unit: instant, description: first instant at which the cost holds}
  valid_until_at: {unit: instant, description: first instant at which it holds no more}
  unit_cost_usd: {unit: usd, description: US dollars for one base unit, min: 0}
*/
WITH rate AS (
    SELECT
        currency,
        rate,
        instant(CAST(valid_from AS STRING) || ' 00:00:00Z') AS valid_from_at,
        instant(CAST(lead(valid_from) OVER (PARTITION BY currency ORDER BY valid_from) AS STRING) || ' 00:00:00Z') AS next_at
    FROM reference.exchange_rate
)
SELECT
    item_id,
    instant('1970-01-01 00:00:00Z') AS valid_from_at,
    instant('2100-01-01 00:00:00Z') AS valid_until_at,
    CAST(unit_cost AS DOUBLE) AS unit_cost_usd
FROM reference.item
WHERE unit_cost IS NOT NULL AND coalesce(currency, 'USD') = 'USD'
UNION ALL
SELECT
    i.item_id,
    r.valid_from_at,
    coalesce(r.next_at, instant('2100-01-01 00:00:00Z')) AS valid_until_at,
    CAST(i.unit_cost AS DOUBLE) * CAST(r.rate AS DOUBLE) AS unit_cost_usd
FROM reference.item i
JOIN rate r ON r.currency = i.currency
WHERE i.unit_cost IS NOT NULL AND i.currency <> 'USD'
