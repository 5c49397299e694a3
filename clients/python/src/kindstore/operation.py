"""The operations of a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from .document import DocumentLike, Format, JsonPatchLike
from .options import FieldValidation, Options, WriteVerb


@dataclass(frozen=True)
class Operation:
    """One write of a transaction, created with `create`, `upsert`, `patch`, `json_patch` or `delete`.

    These take the arguments of the client's methods, except ``namespace`` and ``dry_run``, which belong to the whole transaction.
    """

    verb: WriteVerb
    kind: str
    key: str
    document: DocumentLike | JsonPatchLike | None
    format: Format | None
    options: Options

    @staticmethod
    def create(
        kind: str,
        document: DocumentLike,
        *,
        format: Format | None = None,
        field_validation: FieldValidation = "warn",
    ) -> Operation:
        """Creates a resource."""
        return Operation("create", kind, "", document, format, Options(field_validation=field_validation))

    @staticmethod
    def upsert(
        kind: str,
        key: str,
        document: DocumentLike,
        *,
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        without_defaults: bool = False,
        field_validation: FieldValidation = "warn",
    ) -> Operation:
        """Creates a resource with a name, or replaces the user part of the existing one."""
        options = Options(expected_version, expected_id, False, without_defaults, field_validation=field_validation)
        return Operation("upsert", kind, key, document, format, options)

    @staticmethod
    def patch(
        kind: str,
        key: str,
        patch: DocumentLike,
        *,
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        field_validation: FieldValidation = "warn",
    ) -> Operation:
        """Changes a resource with a merge patch (RFC 7386)."""
        options = Options(expected_version, expected_id, field_validation=field_validation)
        return Operation("patch", kind, key, patch, format, options)

    @staticmethod
    def json_patch(
        kind: str,
        key: str,
        patch: JsonPatchLike,
        *,
        format: Format | None = None,
        expected_version: int | None = None,
        expected_id: str | None = None,
        field_validation: FieldValidation = "warn",
    ) -> Operation:
        """Changes a resource with a JSON Patch (RFC 6902)."""
        options = Options(expected_version, expected_id, field_validation=field_validation)
        return Operation("json_patch", kind, key, patch, format, options)

    @staticmethod
    def delete(
        kind: str, key: str, *, expected_version: int | None = None, expected_id: str | None = None
    ) -> Operation:
        """Deletes a resource and the resources that belong to it."""
        return Operation("delete", kind, key, None, None, Options(expected_version, expected_id))
