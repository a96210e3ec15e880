"""`exchange_rate`: what one unit of a currency is worth in US dollars, the currency of all published values."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "currency": column("text", "the currency", required=True),
    "valid_from": column("date", "the first day on which the rate holds", required=True),
    "rate": column("amount", "US dollars for one unit of it", required=True, checks=[pa.Check.gt(0)]),
}

KEY = ("currency", "valid_from")
CONTRACT = Contract(name="exchange_rate", schema=schema("exchange_rate", _COLUMNS, KEY), key=KEY)
