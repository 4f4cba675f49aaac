"""Which stored reports a key may see; every query of feedback goes through here."""

from sqlalchemy import ColumnElement, and_, or_, true

from service.keys import ApiKey
from service.tables import feedback

OVERSIGHT_KIND = "pengaduan-pengawasan"
READING_SCOPES = ("triage", "analyse", "audit")


def visible_to(key: ApiKey) -> ColumnElement[bool]:
    """The condition under which ``key`` sees a row.

    A sender sees what it sent. Who may read all still does not see accusations against officials without the scope
    ``oversight``.
    """
    own = feedback.c.key_id == key.id
    if not key.allows(*READING_SCOPES):
        return own
    if key.allows("oversight"):
        return true()
    return or_(own, and_(feedback.c.kind.is_not(None), feedback.c.kind != OVERSIGHT_KIND))
