"""Options of writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ._generated import resource_service_pb2 as api

#: The verbs that `validate` accepts.
WriteVerb = Literal["create", "upsert", "patch", "json_patch", "delete"]

#: The treatment of unknown members.
FieldValidation = Literal["warn", "strict", "ignore"]

_FIELD_VALIDATION: dict[FieldValidation, api.FieldValidation] = {
    "warn": api.FIELD_VALIDATION_WARN,
    "strict": api.FIELD_VALIDATION_STRICT,
    "ignore": api.FIELD_VALIDATION_IGNORE,
}


@dataclass(frozen=True)
class Options:
    """The options of a write."""

    expected_version: int | None = None
    expected_id: str | None = None
    dry_run: bool = False
    without_defaults: bool = False
    field_validation: FieldValidation = "warn"

    def message(self) -> api.WriteOptions:
        return api.WriteOptions(
            expected_version=self.expected_version,
            expected_id=self.expected_id or "",
            dry_run=self.dry_run,
            without_defaults=self.without_defaults,
            field_validation=_FIELD_VALIDATION[self.field_validation],
        )
