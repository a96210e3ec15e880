"""The tables of causes, as published, and what is too few to be told."""

import polars as pl

from mining.meaning import Meaning

# Of fewer units a share is known to no better than 18 points either way (1.96 * sqrt(0.25 / 30)).
MINIMUM_UNITS = 30
# Below five of an expected count the usual intervals of counts do not hold; it is also too few to act upon.
MINIMUM_HITS = 5
OUTCOME_KEY = ["subject", "outcome", "kind", "activity", "from_activity"]
ATTRIBUTES = {
    "facility": "facility_id",
    "feed": "feed",
    "supplier": "supplier_id",
    "abc_class": "abc_class",
    "shift": "shift",
    "operator_pool": "operator_pool",
    "weekday": "weekday",
    "hour": "hour",
}

_OUTCOME = dict.fromkeys(OUTCOME_KEY, pl.String)
CAUSES = pl.Schema(
    {
        **_OUTCOME,
        "attribute": pl.String,
        "value": pl.String,
        "label": pl.String,
        "units_count": pl.Int64,
        "outcome_count": pl.Int64,
        "share_ratio": pl.Float64,
        "others_count": pl.Int64,
        "others_outcome_count": pl.Int64,
        "others_share_ratio": pl.Float64,
        "lift_ratio": pl.Float64,
        "lift_low_ratio": pl.Float64,
        "lift_high_ratio": pl.Float64,
        "lift_unknown_reason": pl.String,
        "excess_count": pl.Float64,
        "p_value": pl.Float64,
        "p_adjusted": pl.Float64,
        "untested_reason": pl.String,
        "is_raised": pl.Boolean,
        "facility_lift_ratio": pl.Float64,
        "facility_lift_low_ratio": pl.Float64,
        "facility_lift_high_ratio": pl.Float64,
        "facility_p_value": pl.Float64,
        "facility_p_adjusted": pl.Float64,
        "facility_lift_reason": pl.String,
        "is_explained_by_facility": pl.Boolean,
        "standing": pl.String,
    }
)
CAUSE_OUTCOMES = pl.Schema(
    {
        **_OUTCOME,
        "units_count": pl.Int64,
        "outcome_count": pl.Int64,
        "share_ratio": pl.Float64,
        "tested_count": pl.Int64,
        "raised_count": pl.Int64,
        "unknown_reason": pl.String,
    }
)
CAUSE_RULES = pl.Schema(
    {
        **_OUTCOME,
        "rule_no": pl.Int64,
        "condition": pl.String,
        "units_count": pl.Int64,
        "outcome_count": pl.Int64,
        "share_ratio": pl.Float64,
        "others_count": pl.Int64,
        "others_outcome_count": pl.Int64,
        "others_share_ratio": pl.Float64,
        "lift_ratio": pl.Float64,
        "lift_low_ratio": pl.Float64,
        "lift_high_ratio": pl.Float64,
        "is_told": pl.Boolean,
        "sentence": pl.String,
    }
)
CAUSE_TABLES: dict[str, pl.Schema] = {
    "causes": CAUSES,
    "cause_outcomes": CAUSE_OUTCOMES,
    "cause_rules": CAUSE_RULES,
}
CAUSE_MEANINGS: dict[str, Meaning] = {
    "causes": Meaning(
        "Causes",
        "Which facility, feed, supplier, item class, shift, crew, weekday or hour raises a deviation, a slow "
        "segment or a fault of posting?",
        "Of the cases or events with a value of an attribute, the share that has the outcome, beside that of those "
        "with another value; lift_ratio = share_ratio / others_share_ratio, with its 95 % score interval. "
        f"is_raised: the share is higher, at least {MINIMUM_HITS} with the value have the outcome, and p_adjusted is"
        f" at most 0.05. A value is tested where at least {MINIMUM_UNITS} have it, as many have another, and "
        f"{MINIMUM_HITS} have the outcome. p_adjusted is Fisher's exact test, one-sided, corrected after Benjamini "
        "and Hochberg over all tests of a build. facility_lift_ratio compares within facilities (Mantel-Haenszel). "
        "is_explained_by_facility: raised, but not within facilities, or no facility can tell it apart "
        "(facility_p_adjusted above 0.05 or unknown); standing says the same in words. excess_count = outcome_count - "
        "units_count x others_share_ratio. The feed stands for the interface by which a site's events come. What goes "
        "together need not be a cause: lift says where to look, not what to change.",
    ),
    "cause_outcomes": Meaning(
        "Outcomes whose causes are sought",
        "Of which deviations, slow segments and faults of posting are causes known?",
        "Each outcome with the cases, events or received lines in which it could happen, those in which it did, how "
        "many values of attributes were tested and how many raise it; unknown_reason says why none does. A segment is "
        "slow in cases that take longer over it than nine tenths of all passes of the process, at every facility. A "
        "fault of posting is one that is late or missing after the SLA, of another quantity, or a received line "
        "that is adjusted afterwards.",
    ),
    "cause_rules": Meaning(
        "Causes in words",
        "Where do several things together raise an outcome?",
        "Leaves of a decision tree of at most three questions about the attributes that raise the outcome, each of "
        f"at least {MINIMUM_UNITS} cases or events, with the share that has the outcome there and elsewhere. "
        f"is_told: the 95 % interval of the lift lies above 1, and at least {MINIMUM_HITS} there have the outcome. "
        "The tree is sought in the same cases that it is told of, so that its shares flatter and its intervals are "
        "too narrow; what goes together need not be a cause.",
    ),
}
