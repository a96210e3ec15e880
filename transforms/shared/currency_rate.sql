/*
title: Exchange rates with their spans
question: What is one unit of a currency worth in US dollars, and from when until when?
definition: US dollars for one unit of a currency, in each span of time in which one rate holds.
edge_rules:
  - The US dollar is worth one at all times, whatever rate a table gives for it.
  - A rate holds from 00:00 UTC of its day until the next one of its currency begins; before the first there is none, and a value there is NULL, never zero.
  - A value at t takes the row with valid_from_at <= t < valid_until_at; at most one has that.
source: domain model, canonical tables; reference table exchange_rate
owner: inventory accountant
grain: [currency, valid_from_at]
columns:
  currency: {unit: text, description: the currency}
  valid_from_at: {unit: instant, description: first instant at which the rate holds}
  valid_until_at: {unit: instant, description: first instant at which it holds no more}
  rate_usd: {unit: usd, description: US dollars for one unit, min: 0}
*/
SELECT
    'USD' AS currency,
    instant('1970-01-01 00:00:00Z') AS valid_from_at,
    instant('2100-01-01 00:00:00Z') AS valid_until_at,
    CAST(1 AS DOUBLE) AS rate_usd
UNION ALL
SELECT
    currency,
    instant(CAST(valid_from AS STRING) || ' 00:00:00Z') AS valid_from_at,
    instant(coalesce(
        CAST(lead(valid_from) OVER (PARTITION BY currency ORDER BY valid_from) AS STRING), '2100-01-01'
    ) || ' 00:00:00Z') AS valid_until_at,
    CAST(rate AS DOUBLE) AS rate_usd
FROM reference.exchange_rate
WHERE currency <> 'USD'
