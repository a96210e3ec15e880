-- Dates as seconds, and each join by the columns that both sides name alike.
WITH by_variant AS MATERIALIZED (
    SELECT f.process, f.facility_id, f.variant_id, f.is_open, v.fitness, v.cost, v.is_exact
    FROM process.variant_conformance v
    JOIN process.variant_frequency f USING (process, facility_id, variant, is_open)
), deviating AS (
    SELECT process, case_id, count(*) FILTER (NOT is_accepted) AS deviations_count, count(*) FILTER (is_accepted) AS accepted_count
    FROM marts.case_deviation
    GROUP BY ALL
)
SELECT
    c.process, c.case_id, c.facility_id, c.variant_id, v.fitness, v.cost, v.is_exact AND coalesce(d.deviations_count, 0) = 0 AS is_conformant,
    c.is_open, v.is_exact, c.first_at, c.last_at, epoch(c.last_at) - epoch(c.first_at) AS duration_s,
    coalesce(d.deviations_count, 0) AS deviations_count, coalesce(d.accepted_count, 0) AS accepted_count
FROM process.case_variant c
JOIN by_variant v USING (process, facility_id, variant_id, is_open)
LEFT JOIN deviating d USING (process, case_id)
