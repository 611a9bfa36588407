"""What allows a request to leave, for the tests of what sends it."""

from __future__ import annotations

from pathlib import Path

from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.guarded_transport import SendContext


def passage(
    folder: Path, host: str, scheme: str, service: ServiceKind = ServiceKind.OTHER_SERVER
) -> SendContext:
    place = Destination(service, host, "tiny", scheme)
    return SendContext(allow(folder, place, "Dr A"), Ledger(folder), "reading", "none")
