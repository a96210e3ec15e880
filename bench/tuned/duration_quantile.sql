-- One sorted window instead of three: totals come from a plain aggregate, and the product of Kaplan and Meier runs over the
-- few durations at which something is censored, found again by ASOF.
WITH counted AS MATERIALIZED (
    SELECT measure, group_1, group_2, FALSE AS is_total, duration_s, finished_count::BIGINT AS d, censored_count::BIGINT AS c
    FROM shared.duration_count
    UNION ALL
    SELECT measure, group_1, NULL, TRUE, duration_s, sum(finished_count)::BIGINT, sum(censored_count)::BIGINT
    FROM shared.duration_count
    GROUP BY ALL
), keyed AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS k, measure, group_1, group_2, is_total, sum(d)::BIGINT AS n, sum(d + c)::BIGINT AS cases, sum(c)::BIGINT AS open
    FROM counted
    GROUP BY measure, group_1, group_2, is_total
), placed AS MATERIALIZED (
    SELECT
        k.k, k.n, k.cases, c.duration_s, c.c,
        sum(c.d) OVER upwards AS finished_until,
        k.cases - sum(c.d + c.c) OVER upwards AS beyond
    FROM counted c
    JOIN keyed k ON k.measure = c.measure AND k.is_total = c.is_total AND k.group_1 IS NOT DISTINCT FROM c.group_1 AND k.group_2 IS NOT DISTINCT FROM c.group_2
    WINDOW upwards AS (PARTITION BY k.k ORDER BY c.duration_s ROWS UNBOUNDED PRECEDING)
), censoring AS MATERIALIZED (
    SELECT k, duration_s, sum(ln((beyond + c) / beyond)) OVER (PARTITION BY k ORDER BY duration_s ROWS UNBOUNDED PRECEDING) AS taken_out
    FROM placed
    WHERE c > 0 AND beyond > 0
), survival AS (
    SELECT p.k, p.n, p.finished_until, p.duration_s, (p.beyond + p.c) / p.cases * exp(coalesce(x.taken_out, 0)) AS s
    FROM placed p
    ASOF LEFT JOIN censoring x ON x.k = p.k AND p.duration_s > x.duration_s
), picked AS (
    SELECT
        k,
        min(duration_s) FILTER (finished_until > floor((n - 1) * 0.50)) AS l50, min(duration_s) FILTER (finished_until > ceil((n - 1) * 0.50)) AS h50,
        min(duration_s) FILTER (finished_until > floor((n - 1) * 0.90)) AS l90, min(duration_s) FILTER (finished_until > ceil((n - 1) * 0.90)) AS h90,
        min(duration_s) FILTER (finished_until > floor((n - 1) * 0.95)) AS l95, min(duration_s) FILTER (finished_until > ceil((n - 1) * 0.95)) AS h95,
        min(duration_s) FILTER (finished_until > floor((n - 1) * 0.99)) AS l99, min(duration_s) FILTER (finished_until > ceil((n - 1) * 0.99)) AS h99,
        min(duration_s) FILTER (s <= 0.5 + 1e-12) AS km_p50_s, min(duration_s) FILTER (s <= 0.1 + 1e-12) AS km_p90_s,
        min(duration_s) FILTER (s <= 0.05 + 1e-12) AS km_p95_s, min(duration_s) FILTER (s <= 0.01 + 1e-12) AS km_p99_s
    FROM survival
    GROUP BY k
)
SELECT
    measure, group_1, group_2, is_total, n AS finished_count, open AS open_count,
    if(n > 0, l50 + (h50 - l50) * ((n - 1) * 0.50 - floor((n - 1) * 0.50)), NULL) AS p50_s,
    if(n > 0, l90 + (h90 - l90) * ((n - 1) * 0.90 - floor((n - 1) * 0.90)), NULL) AS p90_s,
    if(n > 0, l95 + (h95 - l95) * ((n - 1) * 0.95 - floor((n - 1) * 0.95)), NULL) AS p95_s,
    if(n > 0, l99 + (h99 - l99) * ((n - 1) * 0.99 - floor((n - 1) * 0.99)), NULL) AS p99_s,
    km_p50_s, km_p90_s, km_p95_s, km_p99_s
FROM picked
JOIN keyed USING (k)
