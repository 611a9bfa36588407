"""A permission that the person cancels while it is written is not left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.privacy import gate
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import Permission, allow_unless_cancelled, permissions

SERVER = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "qwen")


def test_it_stays_when_nobody_cancels(tmp_path: Path) -> None:
    allow_unless_cancelled(tmp_path, SERVER, "Dr A", CancelToken())
    assert len(permissions(tmp_path)) == 1


@pytest.mark.parametrize("meanwhile", [False, True])
def test_nothing_is_left_when_it_was_cancelled(
    meanwhile: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, whole = CancelToken(), gate.allow
    written = []

    def allow(folder: Path, place: Destination, user: str) -> Permission:
        given = whole(folder, place, user)
        written.append(given)
        cancel.cancel()
        return given

    monkeypatch.setattr(gate, "allow", allow)
    if not meanwhile:
        cancel.cancel()
    with pytest.raises(Cancelled):
        allow_unless_cancelled(tmp_path, SERVER, "Dr A", cancel)
    assert (len(written), permissions(tmp_path)) == (int(meanwhile), ())
