-- One window over whole numbers: time and activity are packed into one, object and family into another. What ends an object is what
-- comes to an activity and does not leave it, so that nothing looks ahead and no step is read twice; a list of both quantiles
-- replaces the counting of distinct durations.
WITH activity AS MATERIALIZED (
    SELECT activity, row_number() OVER (ORDER BY activity)::INTEGER AS a FROM (SELECT DISTINCT activity FROM process.event_number)
), kind AS MATERIALIZED (
    SELECT object_type, row_number() OVER (ORDER BY object_type)::INTEGER + 4 AS k
    FROM (SELECT DISTINCT document_type AS object_type FROM process.event_number WHERE document_no IS NOT NULL)
    UNION ALL VALUES ('document_line', 1), ('item', 2), ('lot', 3), ('serial', 4)
), coded AS MATERIALIZED (
    SELECT e.event_no, epoch_us(e.event_time) * 1000 + a.a AS v, k.k, e.document_no, e.line_no, e.item_no, e.lot_no, e.serial_no
    FROM process.event_number e
    JOIN activity a USING (activity)
    LEFT JOIN kind k ON k.k > 4 AND k.object_type = e.document_type
), step AS (
    SELECT k, document_no * 8 AS o, event_no, v FROM coded WHERE document_no IS NOT NULL
    UNION ALL SELECT 1, line_no * 8 + 1, event_no, v FROM coded WHERE line_no IS NOT NULL
    UNION ALL SELECT 2, item_no * 8 + 2, event_no, v FROM coded WHERE item_no IS NOT NULL
    UNION ALL SELECT 3, lot_no * 8 + 3, event_no, v FROM coded WHERE lot_no IS NOT NULL
    UNION ALL SELECT 4, serial_no * 8 + 4, event_no, v FROM coded WHERE serial_no IS NOT NULL
), followed AS (
    SELECT k, o, v, lag(v) OVER (PARTITION BY o ORDER BY event_no) AS u FROM step
), edge AS MATERIALIZED (
    SELECT
        p // 1000000 AS k, p // 1000 % 1000 AS f, p % 1000 AS t, count(*) AS edges_count, count(DISTINCT o) AS objects_count,
        quantile_cont(waited_us, [0.5, 0.9]) AS q
    FROM (SELECT k * 1000000 + coalesce(u % 1000, 0) * 1000 + v % 1000 AS p, o, v // 1000 - u // 1000 AS waited_us FROM followed)
    GROUP BY p
), ended AS (
    SELECT k, a, sum(n)::BIGINT AS n
    FROM (SELECT k, t AS a, edges_count AS n FROM edge UNION ALL SELECT k, f, -edges_count FROM edge WHERE f > 0)
    GROUP BY ALL
    HAVING sum(n) > 0
)
SELECT
    k.object_type, f.activity AS from_activity, t.activity AS to_activity, e.edges_count, e.objects_count,
    e.q[1] / 1e6 AS p50_s, e.q[2] / 1e6 AS p90_s
FROM (SELECT * FROM edge UNION ALL SELECT k, a, 0, n, n, NULL FROM ended) e
JOIN kind k USING (k)
LEFT JOIN activity f ON f.a = e.f
LEFT JOIN activity t ON t.a = e.t
