"""S3's actions and resources, which seldom have their operation's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from gatepass.sandbox.memory.moto_state import bucket_owner
from gatepass.sandbox.rights.access import Access
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.refusals import Fault, Refusal

# Bucket operations whose action has another name.
_BUCKET_ACTIONS: dict[str, str] = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
}
_CONFIGURATIONS = re.compile(
    r"(Get|Put|Delete|List)Bucket(Analytics|Inventory|Metrics|IntelligentTiering)Configurations?"
)

# Object operations whose action has another name.
_OBJECT_ACTIONS: dict[str, str] = {
    "HeadObject": "GetObject",
    "SelectObjectContent": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
# Object actions that have a twin for one version of the object.
_VERSIONED = frozenset(
    {"GetObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "PutObjectTagging"}
    | {"DeleteObjectTagging", "GetObjectAttributes", "GetObjectTorrent"}
)
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})
_WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_CONDITION_HEADERS = (
    "x-amz-acl",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
    "x-amz-metadata-directive",
    "x-amz-copy-source",
    "x-amz-content-sha256",
)
_CONDITION_PARAMETERS = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys"}


def accesses(call: Call, operation: Operation) -> tuple[Access, ...]:
    """Return every action on every bucket and object that the caller must be allowed.

    Raises:
        Refusal: the body or the source of a copy is malformed.
    """
    bucket, key = operation.parameters.text("Bucket"), operation.parameters.text("Key")
    if bucket is None:
        return (Access(_bucket_action(operation.name), "*", ""),)
    keys = _keys(call, operation)
    if key is None:
        found = [_access(_bucket_action(operation.name), bucket, None, keys)]
        if operation.name == "CreateBucket":
            found += [_access(name, bucket, None, keys) for name in _extras_of_create(call)]
            # A bucket that is somebody's already is no matter of permission.
            found = [replace(each, account="") for each in found]
        if operation.name == "DeleteObjects":
            found = [_access(*_deletion(bucket, each, version), keys) for each, version in _deleted_keys(call.body)]
    else:
        version = operation.parameters.text("versionId")
        found = [_access(_object_action(operation.name, version), bucket, key, keys)]
        if operation.name in _WRITES:
            found += [_access(name, bucket, key, keys) for name in _extras_of_write(call)]
        if operation.name in _COPIES:
            found.append(_copied(call.header("x-amz-copy-source") or "", keys))
    if call.header("x-amz-bypass-governance-retention") is not None:
        found.append(_access("BypassGovernanceRetention", bucket, key or "*", keys))
    return tuple(found)


def _access(action: str, bucket: str, key: str | None, keys: dict[str, str]) -> Access:
    resource = f"arn:aws:s3:::{bucket}" if key is None else f"arn:aws:s3:::{bucket}/{key}"
    name = action if ":" in action else f"s3:{action}"
    return Access(name, resource, bucket_owner(bucket) or "", keys)


def _bucket_action(name: str) -> str:
    if name == "ListBuckets":
        return "s3:ListAllMyBuckets"
    configuration = _CONFIGURATIONS.fullmatch(name)
    if configuration:
        verb = "Get" if configuration[1] in ("Get", "List") else "Put"
        return f"s3:{verb}{configuration[2]}Configuration"
    return f"s3:{_BUCKET_ACTIONS.get(name, name)}"


def _object_action(name: str, version: str | None) -> str:
    action = _OBJECT_ACTIONS.get(name, name)
    if version is not None and action in _VERSIONED:
        return action.replace("Object", "ObjectVersion", 1)
    return action


def _deletion(bucket: str, key: str, version: str | None) -> tuple[str, str, str]:
    return _object_action("DeleteObject", version), bucket, key


def _deleted_keys(body: bytes) -> Iterable[tuple[str, str | None]]:
    if b"<!" in body:
        # No entities, and nothing that two parsers could read differently.
        raise Refusal(Fault.MALFORMED, "The XML you provided was not well-formed.")
    try:
        root = ET.fromstring(body)  # noqa: S314 - without "<!" there are no entities
    except ET.ParseError:
        raise Refusal(None, "The XML you provided was not well-formed.", "MalformedXML", 400) from None
    found = []
    for each in root.iter():
        if each.tag.rpartition("}")[2] == "Object":
            fields = {child.tag.rpartition("}")[2]: child.text or "" for child in each}
            found.append((fields.get("Key", ""), fields.get("VersionId")))
    # moto would strip what stands around a key.
    if not found or any(key != key.strip() for key, _ in found):
        raise Refusal(None, "The XML you provided was not well-formed.", "MalformedXML", 400)
    return found


def _extras_of_create(call: Call) -> Iterable[str]:
    if _gives_acl(call):
        yield "PutBucketAcl"
    if call.header("x-amz-bucket-object-lock-enabled") is not None:
        yield from ("PutBucketObjectLockConfiguration", "PutBucketVersioning")
    if call.header("x-amz-object-ownership") is not None:
        yield "PutBucketOwnershipControls"


def _extras_of_write(call: Call) -> Iterable[str]:
    if _gives_acl(call):
        yield "PutObjectAcl"
    for header, action in (
        ("x-amz-tagging", "PutObjectTagging"),
        ("x-amz-object-lock-mode", "PutObjectRetention"),
        ("x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
    ):
        if call.header(header) is not None:
            yield action


def _gives_acl(call: Call) -> bool:
    return any(name == "x-amz-acl" or name.startswith("x-amz-grant-") for name in call.header_names())


def _copied(source: str, keys: dict[str, str]) -> Access:
    parts = urlsplit(source)
    bucket, slash, key = unquote(parts.path).lstrip("/").partition("/")
    if not slash or not key or parts.scheme or parts.netloc:
        raise Refusal(
            None, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", "InvalidArgument"
        )
    version = parts.query.removeprefix("versionId=") if parts.query else None
    return _access(_object_action("GetObject", version), bucket, key, keys)


def _keys(call: Call, operation: Operation) -> dict[str, str]:
    """Return S3's own condition keys."""
    keys = {f"s3:{name}": value for name in _CONDITION_HEADERS if (value := call.header(name)) is not None}
    for name, key in _CONDITION_PARAMETERS.items():
        if (value := operation.parameters.text(name)) is not None:
            keys[key] = value
    if (version := operation.parameters.text("versionId")) is not None:
        keys["s3:VersionId"] = version
    is_presigned = call.header("authorization") is None
    keys["s3:authType"] = "REST-QUERY-STRING" if is_presigned else "REST-HEADER"
    is_legacy = any(name == "AWSAccessKeyId" for name, _ in call.query)
    keys["s3:signatureversion"] = "AWS" if is_legacy else "AWS4-HMAC-SHA256"
    return keys
