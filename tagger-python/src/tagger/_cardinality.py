"""How detailed tags are to be."""

from __future__ import annotations

import enum
from typing import Union

from ._errors import BadRequest


class Cardinality(enum.Enum):
    """A level; a question at one level gets the tags of that level and of those below it."""

    LOW = "low"
    ORCHESTRATOR = "orchestrator"
    HIGH = "high"


LOW = Cardinality.LOW
ORCHESTRATOR = Cardinality.ORCHESTRATOR
HIGH = Cardinality.HIGH

#: A level, its name in any case (``"orch"`` will do), or whether it is the highest.
AnyCardinality = Union[Cardinality, str, bool]

_BY_NAME = {"low": LOW, "orchestrator": ORCHESTRATOR, "orch": ORCHESTRATOR, "high": HIGH}


def of(cardinality: AnyCardinality) -> Cardinality:
    """Reads a level in any of its forms.

    :raises BadRequest: if it is none
    """
    if isinstance(cardinality, Cardinality):
        return cardinality
    if isinstance(cardinality, bool):
        return HIGH if cardinality else LOW
    if isinstance(cardinality, str) and cardinality.lower() in _BY_NAME:
        return _BY_NAME[cardinality.lower()]
    raise BadRequest("%.100r is no cardinality: low, orchestrator or high" % (cardinality,))
