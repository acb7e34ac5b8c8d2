"""What can go wrong. All of it is a :class:`TaggerError`."""


class TaggerError(Exception):
    """The agent could not be asked, or could not answer. The message says what to do about it."""


class BadRequest(TaggerError, ValueError):
    """What was asked makes no sense: the entity id is none, or the cardinality."""


class Unreachable(TaggerError):
    """There is no agent at the socket, or it went away."""


class DeadlineExceeded(TaggerError):
    """The agent did not answer in time."""
