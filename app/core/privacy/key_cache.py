"""The keys of model services, for the window: the vault is opened when it is first asked."""

from __future__ import annotations

import threading

from app.core.privacy.keys import KeyVault, Secret


class Keys:
    """The vault, opened when it is first asked: an operating system's can take its time. Thread-safe."""

    def __init__(self) -> None:
        self._vault: KeyVault | None = None
        self._lock = threading.Lock()

    def key(self, host: str) -> Secret | None:
        """The key for a host, or None."""
        with self._lock:
            return self._open().key(host)

    def keep(self, host: str, text: str) -> str:
        """Keep a key; says where. Raises UserError when it cannot be a key."""
        with self._lock:
            in_vault = self._open().keep(host, text)
            return self._kept(in_vault)

    def forget(self, host: str) -> None:
        with self._lock:
            self._open().forget(host)

    def state(self, host: str) -> str:
        """Whether there is a key for a host, and where it is or would be stored, in words."""
        with self._lock:
            vault = self._open()
            if vault.key(host) is not None:
                return f"There is a key for {host}."
            if vault.name is None:
                return f"No key for {host}. No key vault was found: a key is kept for this run only."
            return f"No key for {host}. A key is kept in {vault.name}."

    def _kept(self, in_vault: bool) -> str:
        vault = self._open()
        return f"The key is kept in {vault.name}." if in_vault else "The key is kept for this run only."

    def _open(self) -> KeyVault:
        if self._vault is None:
            self._vault = KeyVault()
        return self._vault
