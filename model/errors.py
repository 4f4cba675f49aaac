"""The error tree of Pilah. Each message says what was found, what was expected and what to do."""


class PilahError(Exception):
    """Something the caller can understand and mend; everything else is a defect of Pilah."""


class DatasetError(PilahError):
    """A shipped or given data file (taxonomy, lexicon, labelled rows) breaks its own rules."""


class BundleError(PilahError):
    """A bundle cannot be used."""


class BundleMissingError(BundleError):
    """The bundle folder, or a file its manifest names, is not there."""


class BundleCorruptError(BundleError):
    """A file of the bundle is not what its manifest says: bytes changed, or not readable as its type."""


class BundleTooNewError(BundleError):
    """The bundle was written by a newer Pilah, in a format this one does not know."""


class BundleTaxonomyError(BundleError):
    """The bundle was trained for another taxonomy than the one in force."""


class PromotionRefusedError(BundleError):
    """A bundle may not be put in force: it was not compared with the champion, or the gate refused it."""


class TextError(PilahError):
    """A text cannot be classified: it is not text, or longer than the limit."""
