"""Small process models for tests."""

from itertools import pairwise


def model_of(*activities: str) -> str:
    """A BPMN model in which activities follow each other."""
    nodes = ["s", *activities, "e"]
    flows = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(nodes))
    )
    tasks = "".join(f'<task id="{a}" name="{a}"/>' for a in activities)
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'
        f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}</process></definitions>'
    )
