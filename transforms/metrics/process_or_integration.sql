/*
title: Process or integration
question: Where postings are late or wrong, is it how people work or what the systems do?
definition: Per facility, what speaks for the process (late capture, exceptions that people cause) beside what speaks for the integration (slow interface, exceptions that systems cause, failing messages, silent feeds), and the verdict of these signs.
formula: capture_share_ratio = sum(recorded_at - event_time) / sum(posted_at - event_time), negative parts as 0; verdict = the side with more of the three votes, latency_vote, exceptions_vote and interface_vote
headline: capture_share_ratio
edge_rules:
  - "capture_share_ratio: seconds from event to record / seconds from event to posting, summed over posted events that state recorded_at, each part counted as 0 where it is negative; NULL where there are none or nothing took time."
  - An exception is of the integration where its queue is integration, else of the process; one of late_posting or missing_posting is of the process only where its event was recorded strictly later than its SLA allowed the posting, and of neither where the event states no recorded_at. Resolved and open ones count.
  - "latency_vote: process from 2/3 of capture_share_ratio on, integration up to 1/3. exceptions_vote: process from 2/3 of the classed exceptions on, integration up to 1/3. Between the bounds, and where the figure is NULL, the vote is NULL."
  - "interface_vote: integration where more than 1 % of the messages of known status failed, more than 10 % of those that state attempts were repeated, or a feed of the facility is stale or silent; else NULL, since an interface without fault says nothing about people."
  - "verdict: process or integration by the majority of votes, mixed where both sides have one each; NULL without any vote, and unknown_reason says why."
  - Messages and feeds that name no facility speak of none.
  - A verdict points to where to look first; it is no proof.
source: domain model, event-to-posting latency and its parts
owner: operations manager
grain: [facility_id]
direction: neutral
columns:
  facility_id: {unit: id, description: the facility}
  timed_count: {unit: count, description: posted events that state recorded_at, min: 0}
  capture_share_ratio: {unit: ratio, description: capture / (capture + interface), nullable: true, min: 0, max: 1}
  interface_share_ratio: {unit: ratio, description: interface / (capture + interface), nullable: true, min: 0, max: 1}
  process_exceptions_count: {unit: count, description: exceptions of the process, min: 0}
  integration_exceptions_count: {unit: count, description: exceptions of the integration, min: 0}
  unclassed_exceptions_count: {unit: count, description: exceptions of neither, min: 0}
  messages_count: {unit: count, description: messages that name the facility, min: 0}
  retry_ratio: {unit: ratio, description: messages with more than one attempt / messages that state attempts, nullable: true, min: 0, max: 1}
  failure_ratio: {unit: ratio, description: failed messages / messages of known status, nullable: true, min: 0, max: 1}
  worst_feed_status: {unit: text, description: 'ok, late, stale or silent, the worst of its feeds; NULL: none has an interval', nullable: true}
  latency_vote: {unit: text, description: 'process, integration or NULL', nullable: true}
  exceptions_vote: {unit: text, description: 'process, integration or NULL', nullable: true}
  interface_vote: {unit: text, description: 'integration or NULL', nullable: true}
  verdict: {unit: text, description: 'process, integration or mixed', nullable: true}
  unknown_reason: {unit: text, description: why there is no verdict, nullable: true}
*/
WITH latency AS (
    -- Decimals add up to the same whatever their order.
    SELECT
        facility_id,
        count(*) AS timed_count,
        CAST(sum(CAST(greatest(seconds_between(event_time, recorded_at), 0) AS DECIMAL(18, 6))) AS DOUBLE) AS capture_s,
        CAST(sum(CAST(greatest(seconds_between(recorded_at, posted_at), 0) AS DECIMAL(18, 6))) AS DOUBLE) AS interface_s
    FROM marts.event_latency
    WHERE is_posted AND recorded_at IS NOT NULL
    GROUP BY facility_id
), classed AS (
    SELECT facility_id, CASE WHEN queue = 'integration' THEN 'integration' ELSE 'process' END AS side
    FROM marts.exceptions
    WHERE rule NOT IN ('late_posting', 'missing_posting')
    UNION ALL
    SELECT
        x.facility_id,
        CASE
            WHEN seconds_between(l.event_time, l.recorded_at) > l.sla_s THEN 'process'
            WHEN l.recorded_at IS NOT NULL THEN 'integration'
        END AS side
    -- One equality, and few rows on its right side: with a condition on the rule beside it each exception meets each event.
    FROM marts.event_latency l
    RIGHT JOIN (
        SELECT facility_id, reference_id FROM marts.exceptions WHERE rule IN ('late_posting', 'missing_posting')
    ) AS x ON x.reference_id = l.event_id
), exception AS (
    SELECT
        facility_id,
        count(CASE WHEN side = 'process' THEN 1 END) AS process_count,
        count(CASE WHEN side = 'integration' THEN 1 END) AS integration_count,
        count(*) - count(side) AS unclassed_count
    FROM classed
    GROUP BY facility_id
), message AS (
    SELECT
        facility_id,
        -- A share of messages is a whole number of them.
        sum(messages_count) AS messages,
        CAST(sum(CAST(round(retry_ratio * attempts_known_count) AS BIGINT)) AS DOUBLE) / nullif(sum(attempts_known_count), 0) AS retry_share,
        CAST(sum(CAST(round(failure_ratio * known_statuses_count) AS BIGINT)) AS DOUBLE) / nullif(sum(known_statuses_count), 0) AS failure_share
    FROM marts.integration_health
    GROUP BY facility_id
), feed AS (
    SELECT h.facility_id, max(s.above_intervals) AS worst, max(CASE WHEN s.above_intervals IS NULL THEN 1 END) AS is_ok
    FROM marts.feed_health h
    JOIN reference.feed_status s ON s.status = h.status
    GROUP BY h.facility_id
), figure AS (
    SELECT
        f.facility_id,
        coalesce(l.timed_count, 0) AS timed_count,
        l.capture_s / nullif(l.capture_s + l.interface_s, 0) AS capture_share_ratio,
        l.interface_s / nullif(l.capture_s + l.interface_s, 0) AS interface_share_ratio,
        coalesce(x.process_count, 0) AS process_count,
        coalesce(x.integration_count, 0) AS integration_count,
        coalesce(x.unclassed_count, 0) AS unclassed_count,
        coalesce(m.messages, 0) AS messages,
        round(m.retry_share, 12) AS retry_ratio,
        round(m.failure_share, 12) AS failure_ratio,
        w.status AS worst_feed_status
    FROM reference.facility f
    LEFT JOIN latency l ON l.facility_id = f.facility_id
    LEFT JOIN exception x ON x.facility_id = f.facility_id
    LEFT JOIN message m ON m.facility_id = f.facility_id
    LEFT JOIN feed d ON d.facility_id = f.facility_id
    LEFT JOIN reference.feed_status w
      ON w.above_intervals = d.worst OR (d.worst IS NULL AND d.is_ok = 1 AND w.above_intervals IS NULL)
), voted AS (
    SELECT
        *,
        CASE
            WHEN 3 * capture_share_ratio >= 2 THEN 'process'
            WHEN 3 * capture_share_ratio <= 1 THEN 'integration'
        END AS latency_vote,
        CASE
            WHEN process_count + integration_count = 0 THEN NULL
            WHEN process_count >= 2 * integration_count THEN 'process'
            WHEN integration_count >= 2 * process_count THEN 'integration'
        END AS exceptions_vote,
        CASE
            WHEN failure_ratio > 0.01 OR retry_ratio > 0.1 OR worst_feed_status IN ('stale', 'silent') THEN 'integration'
        END AS interface_vote
    FROM figure
), counted AS (
    SELECT
        *,
        CASE WHEN latency_vote = 'process' THEN 1 ELSE 0 END + CASE WHEN exceptions_vote = 'process' THEN 1 ELSE 0 END
            AS process_votes,
        CASE WHEN latency_vote = 'integration' THEN 1 ELSE 0 END
            + CASE WHEN exceptions_vote = 'integration' THEN 1 ELSE 0 END
            + CASE WHEN interface_vote = 'integration' THEN 1 ELSE 0 END AS integration_votes
    FROM voted
)
SELECT
    facility_id,
    timed_count,
    capture_share_ratio,
    interface_share_ratio,
    process_count AS process_exceptions_count,
    integration_count AS integration_exceptions_count,
    unclassed_count AS unclassed_exceptions_count,
    CAST(messages AS BIGINT) AS messages_count,
    retry_ratio,
    failure_ratio,
    worst_feed_status,
    latency_vote,
    exceptions_vote,
    interface_vote,
    CASE
        WHEN process_votes + integration_votes = 0 THEN NULL
        WHEN process_votes > integration_votes THEN 'process'
        WHEN integration_votes > process_votes THEN 'integration'
        ELSE 'mixed'
    END AS verdict,
    CASE
        WHEN process_votes + integration_votes > 0 THEN NULL
        WHEN timed_count = 0 AND process_count + integration_count = 0 THEN 'no posted event states recorded_at, and no exception can be classed'
        ELSE 'no sign is clear enough'
    END AS unknown_reason
FROM counted
