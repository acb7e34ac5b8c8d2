"""The errors, all subclasses of :class:`TaggerError`."""


class TaggerError(Exception):
    """The agent could not be asked, or could not answer. The message has the remedy."""


class BadRequest(TaggerError, ValueError):
    """The entity id or the cardinality is not valid."""


class Unreachable(TaggerError):
    """There is no agent at the socket, or the agent went away."""


class DeadlineExceeded(TaggerError):
    """The agent did not answer in time."""
