"""Which tags does this container, pod or task have? Asks the tagger agent of this machine, over its Unix socket.

    import tagger

    tagger.get_tags("container_id://3f4a...", tagger.HIGH)   # ['env:prod', 'image_name:web', ...]

:func:`get_tags` never raises: on any error the result is the empty list, within the deadline. A :class:`Client` raises the errors.
"""

from ._cardinality import HIGH, LOW, ORCHESTRATOR, Cardinality
from ._client import Client
from ._default import get_tags, list_entities, self_resource, self_tags, standard, tag, tag_with_completeness, watch
from ._errors import BadRequest, DeadlineExceeded, TaggerError, Unreachable
from ._protocol import Event, Tags

__all__ = [
    "HIGH",
    "LOW",
    "ORCHESTRATOR",
    "BadRequest",
    "Cardinality",
    "Client",
    "DeadlineExceeded",
    "Event",
    "TaggerError",
    "Tags",
    "Unreachable",
    "get_tags",
    "list_entities",
    "self_resource",
    "self_tags",
    "standard",
    "tag",
    "tag_with_completeness",
    "watch",
]
