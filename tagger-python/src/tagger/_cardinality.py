"""The level of detail of tags."""

from __future__ import annotations

import enum
from typing import Union

from ._errors import BadRequest


class Cardinality(enum.Enum):
    """A level; a question at a level gets the tags of the level and of the lower levels."""

    LOW = "low"
    ORCHESTRATOR = "orchestrator"
    HIGH = "high"


LOW = Cardinality.LOW
ORCHESTRATOR = Cardinality.ORCHESTRATOR
HIGH = Cardinality.HIGH

#: A level, the name of a level in any case (also ``"orch"``), or a boolean: true is high.
AnyCardinality = Union[Cardinality, str, bool]

_BY_NAME = {"low": LOW, "orchestrator": ORCHESTRATOR, "orch": ORCHESTRATOR, "high": HIGH}


def of(cardinality: AnyCardinality) -> Cardinality:
    """Reads a level in any form.

    :raises BadRequest: if the argument is no level
    """
    if isinstance(cardinality, Cardinality):
        return cardinality
    if isinstance(cardinality, bool):
        return HIGH if cardinality else LOW
    if isinstance(cardinality, str) and cardinality.lower() in _BY_NAME:
        return _BY_NAME[cardinality.lower()]
    raise BadRequest("%.100r is no cardinality: low, orchestrator or high" % (cardinality,))
