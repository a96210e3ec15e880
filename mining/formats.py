"""Published process models in the forms that other tools read."""

from mining.engine import petri_net
from mining.petri_net import pnml
from mining.picture import svg

FORMATS = ("bpmn", "pnml", "svg")


def written(form: str, bpmn_xml: str, process: str, title: str) -> str:
    """A BPMN model as text of a form.

    Args:
        form: one of FORMATS.
        bpmn_xml: the model.
        process: id of the process, an XML name.
        title: what people call the model.

    Errors: ValueError where a model without a diagram is to be drawn.
    """
    if form == "pnml":
        return pnml(petri_net(bpmn_xml), process, title)
    return svg(bpmn_xml) if form == "svg" else bpmn_xml
