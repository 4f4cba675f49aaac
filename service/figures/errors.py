"""What can be wrong with the numbers a figure is asked of."""

from model.errors import PilahError


class FigureError(PilahError):
    """The numbers given cannot be what they are said to be: lengths differ, negative counts, hits above tries."""
