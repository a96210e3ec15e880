"""Whether the instant of evaluation hangs on a few rows that are far later than all others."""

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import feed_tables, landing_table
from pipelines.reference import evaluation_literal
from pipelines.workspace import Workspace
from transforms.contracts import CONTRACTS

_FAR_DAYS = 366
_FEW_RATIO = 0.001


def far_ahead(engine: DuckDBEngine, workspace: Workspace) -> str | None:
    """What to say where all but a few accepted rows are more than a year before `as_of`, as beside a mistyped year.

    A row is as new as the newest past instant that it states, as in `reference.evaluation`, which must be there.

    Returns: one sentence; None where nothing is far, or the workspace states `as_of` itself.
    """
    if workspace.as_of is not None:
        return None
    rows_sql = " UNION ALL ".join(
        f"SELECT file, row_number, greatest({', '.join(CONTRACTS[table].past_instants())}) AS newest_at "
        f"FROM {landing_table(feed.name, table)} WHERE reason IS NULL"
        for feed in workspace.feeds
        for table in feed_tables(feed)
    )
    is_near = f"newest_at > {evaluation_literal(engine)} - INTERVAL {_FAR_DAYS} DAY"
    [(rows, late, before)] = engine.rows(f"""SELECT count(*), count(*) FILTER ({is_near}),
        CAST(max(newest_at) FILTER (NOT ({is_near})) AS VARCHAR) FROM ({rows_sql})""")
    if before is None or late > max(1, rows * _FEW_RATIO):
        return None
    [(file, row, newest)] = engine.rows(f"""SELECT file, row_number, CAST(newest_at AS VARCHAR) FROM ({rows_sql})
        ORDER BY newest_at DESC NULLS LAST, file, row_number LIMIT 1""")
    return (
        f"the newest row, {file} row {row}, is of {newest}, and all but {late} of {rows} rows are of {before} or "
        "before: figures are as of the newest instant, so mend its year if it is mistyped, or state `as_of`"
    )
