"""The steps of a build in order, generated from the workspace and the registries."""

from pipelines.errors import UnusableInput
from pipelines.feed_steps import (
    canonical_step,
    delivered_step,
    delivery_step,
    evaluation_step,
    landing_step,
    progress_step,
    reference_step,
    scope_step,
)
from pipelines.model_steps import (
    catalogue_step,
    causes_step,
    mining_step,
    model_step,
    publish_step,
    reported_step,
)
from pipelines.step import Step
from pipelines.workspace import Workspace
from transforms.contracts import FEED_TABLES
from transforms.spec import models


def build_steps(workspace: Workspace) -> list[Step]:
    """Every step in an order in which each comes after what it reads.

    Errors: UnusableInput with the file of a model that reads what nothing makes.
    """
    landing = [landing_step(feed) for feed in workspace.feeds]
    first = [reference_step(), *landing, delivered_step(workspace), evaluation_step()]
    canonical = [*(canonical_step(table, workspace) for table in FEED_TABLES), delivery_step()]
    steps = [*first, *canonical, scope_step(workspace)]
    known = {table for step in steps for table in step.tables}
    waiting = [*(model_step(m) for m in models().values()), progress_step(workspace), reported_step()]
    waiting += [mining_step(), causes_step(), catalogue_step()]
    while waiting:
        ready = [s for s in waiting if all(t in known or t in s.tables for t in s.inputs)]
        if not ready:
            known |= {table for step in waiting for table in step.tables}
            table, source = min((s.tables[0], t) for s in waiting for t in s.inputs if t not in known)
            file = models()[table].file if table in models() else table
            raise UnusableInput(f"it reads {source}, which nothing makes", file=file)
        steps.extend(ready)
        known |= {table for step in ready for table in step.tables}
        waiting = [s for s in waiting if s not in ready]
    return [*steps, publish_step(steps)]
