"""What a model still needs before it can be asked, with the fields of its settings that are to be filled."""

from __future__ import annotations

from app.core.errors import UserError


class MissingSettingError(UserError):
    """Something is missing in the settings of the model: `fields` are the names of `ModelChoice` (or "key")
    that have to be filled in, `missing` is the sentence on it without its full stop."""

    def __init__(self, missing: str, *fields: str) -> None:
        self.missing, self.fields = missing, fields
        them = "it" if len(fields) == 1 else "them"
        super().__init__(f"{missing}; enter {them} in the settings of the model.")
