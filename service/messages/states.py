"""What becomes of a message on its way to one target."""

from typing import Final

WAITING: Final = "waiting"
SENT: Final = "sent"
DEAD: Final = "dead"
# The target may no longer hear of the report: it moved to another agency or was shut away.
WITHDRAWN: Final = "withdrawn"
# The target that is no webhook.
MAIL: Final = "mail"
