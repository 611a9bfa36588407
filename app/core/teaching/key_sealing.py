"""Keys sealed with authenticated encryption: nobody reads one by looking, and none is exchanged unnoticed.

AES-256-GCM with a key for each case (HKDF-SHA256, RFC 5869), bound to course, case and clip. The secret of a
course comes from its salt alone in practice, which the program needs to open a key after the answer, so that
a person who takes the program apart can open it before; in a test it comes from the teacher's passphrase
(scrypt, RFC 7914), which is stored nowhere. All sealed keys have the same size.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.core.errors import UserError
from app.core.teaching.course import CourseCase

SEALED_SIZE = 65_536
"""Bytes of every sealed key, whatever it holds."""
SHORTEST_PASSPHRASE = 12
"""Characters."""

_MAGIC = b"semioscope-key/1\n"
_NONCE, _TAG, _LENGTH = 12, 16, 4
_ROOM = SEALED_SIZE - len(_MAGIC) - _NONCE - _TAG
_PRACTICE = b"semioscope practice: opened after the answer"
_SCRYPT_COST = 1 << 16
"""With r = 8 it takes 64 MB and about a quarter of a second for each guess."""


@dataclass(frozen=True, slots=True)
class CourseSecret:
    """What the keys of a course are sealed with."""

    _value: bytes = field(repr=False)

    def of_case(self, case: str) -> bytes:
        """The secret of one case (32 bytes)."""
        return _derived(self._value, None, case.encode("ascii"))


def practice_secret(salt: bytes) -> CourseSecret:
    """The secret of a course whose keys the program opens after the answer."""
    return CourseSecret(_derived(_PRACTICE, salt, b"course"))


def check_passphrase(passphrase: str) -> None:
    """Raise UserError for a passphrase that is too short to protect anything."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UserError(f"The passphrase of a test needs at least {SHORTEST_PASSPHRASE} characters.")


def passphrase_secret(passphrase: str, salt: bytes) -> CourseSecret:
    """The secret of a test. Raises UserError as `check_passphrase` does."""
    check_passphrase(passphrase)
    return CourseSecret(Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(passphrase.encode()))


def seal_key(content: bytes, secret: CourseSecret, course: str, case: CourseCase) -> bytes:
    """The sealed key, `SEALED_SIZE` bytes. Raises UserError when the content does not fit."""
    if len(content) > _ROOM - _LENGTH:
        raise UserError("The answers and the note of a case are too long to be sealed; shorten its note.")
    padded = (len(content).to_bytes(_LENGTH, "big") + content).ljust(_ROOM, b"\0")
    nonce = os.urandom(_NONCE)
    return _MAGIC + nonce + AESGCM(secret.of_case(case.id)).encrypt(nonce, padded, _bound_to(course, case))


def unseal_key(sealed: bytes, secret: CourseSecret, course: str, case: CourseCase) -> bytes:
    """The inverse of `seal_key`. Raises UserError for another secret, case, clip or course, or for damage."""
    if len(sealed) != SEALED_SIZE or not sealed.startswith(_MAGIC):
        raise UserError("The key of a case is damaged or from a newer version of the program.")
    nonce, body = sealed[len(_MAGIC) : len(_MAGIC) + _NONCE], sealed[len(_MAGIC) + _NONCE :]
    try:
        padded = AESGCM(secret.of_case(case.id)).decrypt(nonce, body, _bound_to(course, case))
    except InvalidTag as error:
        raise UserError(
            "The key of a case cannot be opened: the passphrase is another one, or the course was changed."
        ) from error
    return padded[_LENGTH : _LENGTH + int.from_bytes(padded[:_LENGTH], "big")]


def _bound_to(course: str, case: CourseCase) -> bytes:
    return "\0".join((course, case.id, case.sha256)).encode("ascii")


def _derived(secret: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(secret)
