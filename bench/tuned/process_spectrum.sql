-- Three quartiles from one list; each quarter of an hour that there is has its day before anything is counted, so that pairs are
-- grouped by day and class at once, all of it numbers.
WITH quartile AS MATERIALIZED (
    SELECT edge_no, q[1] AS first_s, q[2] AS second_s, q[3] AS third_s
    FROM (SELECT edge_no, quantile_cont(waited_s, [0.25, 0.5, 0.75]) AS q FROM marts.process_case_edges GROUP BY edge_no)
), place AS MATERIALIZED (
    SELECT row_number() OVER () - 1 AS place, count(*) OVER () AS places, facility_id, timezone FROM reference.facility
), bound AS MATERIALIZED (
    SELECT epoch_us(min(first_at)) // 900000000 AS lowest, epoch_us(max(last_at)) // 900000000 AS highest FROM marts.process_cases
), clock AS MATERIALIZED (
    -- Quarters and places in one dense number, so that it is an index rather than a hash.
    SELECT
        (q.quarter_no - b.lowest) * p.places + p.place AS moment,
        timezone(p.timezone, make_timestamptz(q.quarter_no * 900000000))::DATE AS day
    FROM bound b, unnest(range(b.lowest, b.highest + 1)) AS q(quarter_no), place p
), counted AS (
    SELECT
        c.place, e.edge_no, k.day, (e.waited_s > q.first_s)::TINYINT + (e.waited_s > q.second_s)::TINYINT + (e.waited_s > q.third_s)::TINYINT AS class,
        count(*) AS n
    FROM marts.process_case_edges e
    JOIN (
        SELECT c.case_no, p.place, p.places, b.lowest FROM marts.process_cases c JOIN place p ON p.facility_id = c.facility_id CROSS JOIN bound b
    ) c ON c.case_no = e.case_no
    JOIN quartile q ON q.edge_no = e.edge_no
    JOIN clock k ON k.moment = ((epoch_us(e.reached_at) - (e.waited_s * 1e6)::BIGINT) // 900000000 - c.lowest) * c.places + c.place
    GROUP BY ALL
), spread AS (
    SELECT
        place, edge_no, day, sum(n)::BIGINT AS segments_count, coalesce(sum(n) FILTER (class = 0), 0)::BIGINT AS fastest_count,
        coalesce(sum(n) FILTER (class = 1), 0)::BIGINT AS fast_count, coalesce(sum(n) FILTER (class = 2), 0)::BIGINT AS slow_count,
        coalesce(sum(n) FILTER (class = 3), 0)::BIGINT AS slowest_count
    FROM counted
    GROUP BY place, edge_no, day
)
SELECT
    n.process, p.facility_id, n.from_activity, n.to_activity, s.day, s.segments_count, s.fastest_count, s.fast_count, s.slow_count, s.slowest_count
FROM spread s
JOIN (SELECT DISTINCT edge_no, process, from_activity, to_activity FROM marts.process_variant_edges) n USING (edge_no)
JOIN place p USING (place)
