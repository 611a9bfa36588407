"""Keys of model services, stored in the operating system's vault, or in memory for this run only.

`keyring` chooses any backend it finds, among them plain text files and one that discards keys but reports
success. So the class of the backend, also inside a chain, must be on a list, and a written key is read back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.errors import UserError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend as Backend

SERVICE_NAME = "semioscope"

REAL_VAULTS = {
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Locker",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
}
"""Classes of backends that store keys encrypted by the operating system, and their common names."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that is not disclosed by accident, neither by printing nor in a traceback."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is never stored")


def parse_secret(text: str) -> Secret:
    """The key in a typed or pasted text. Raises UserError when it is empty or has invalid characters."""
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UserError("This is not a key: it is empty or holds characters that keys do not have.")
    return Secret(key)


class KeyVault:
    """A vault of keys by the name of the service or host that they open."""

    def __init__(self) -> None:
        self._session: dict[str, Secret] = {}
        self._vault = _real_vault()

    @property
    def name(self) -> str | None:
        """The name of the vault; None when keys are kept for this run only."""
        return _vault_name(self._vault) if self._vault is not None else None

    def keep(self, opens: str, key: str) -> bool:
        """Store a key; True when it is in the vault, False when it is kept for this run only.

        Raises UserError when the key is empty or holds characters that no key has.
        """
        key = parse_secret(key).reveal()
        if self._vault is not None and self._written(opens, key):
            self._session.pop(opens, None)
            return True
        self._session[opens] = Secret(key)
        return False

    def _written(self, opens: str, key: str) -> bool:
        assert self._vault is not None
        try:
            self._vault.set_password(SERVICE_NAME, opens, key)
            return bool(self._vault.get_password(SERVICE_NAME, opens) == key)
        except Exception as error:  # noqa: BLE001 - backends raise classes of their systems' libraries
            # Only the type: the message of a backend could quote the key.
            _log.warning("the key vault refused a key: %s", type(error).__name__)
            return False

    def key(self, opens: str) -> Secret | None:
        """The key, or None. Raises UserError when the vault holds something else than a key for it."""
        if opens in self._session:
            return self._session[opens]
        if self._vault is None:
            return None
        try:
            found = self._vault.get_password(SERVICE_NAME, opens)
        except Exception as error:  # noqa: BLE001 - as above
            _log.warning("the key vault gave no key: %s", type(error).__name__)
            return None
        return self._checked(opens, found) if found else None

    def _checked(self, opens: str, found: str) -> Secret:
        # Other programs write into the vault as well, and a client would quote a key that no header takes.
        try:
            return parse_secret(found)
        except UserError:
            raise UserError(
                f"What {self.name} holds for {opens} is not a key: enter the key again with "
                "Reader → Set up a model."
            ) from None

    def forget(self, opens: str) -> None:
        """Remove a key from the vault and from this run."""
        from keyring.errors import PasswordDeleteError

        self._session.pop(opens, None)
        if self._vault is None:
            return
        try:
            self._vault.delete_password(SERVICE_NAME, opens)
        except PasswordDeleteError:
            return  # there was none
        except Exception:  # noqa: BLE001 - as above
            raise UserError("The key could not be removed from the vault.") from None


def _class_name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _vault_name(backend: object) -> str:
    return REAL_VAULTS[_class_name(backend)]


def _real_vault() -> Backend | None:
    """The first listed backend that `keyring` would use, never a chain; None without one."""
    import keyring

    try:
        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - the environment or a file can name one that is not there
        _log.warning("no key vault could be loaded: %s", type(error).__name__)
        return None
    candidates = list(getattr(backend, "backends", [])) or [backend]
    for candidate in candidates:
        if _class_name(candidate) in REAL_VAULTS:
            return candidate  # type: ignore[no-any-return]  # keyring types its backends as Any
    return None
