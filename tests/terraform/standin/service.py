"""Terraform's provider protocol, version 6, for the kinds that the stand-in knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from threading import Lock
from typing import Any

from tf.gen import tfplugin_pb2 as wire
from tf.gen import tfplugin_pb2_grpc

from tests.terraform.standin.assumed_role import ASSUME_ROLE, AssumedRole
from tests.terraform.standin.data_sources import DATA_SOURCES, NotFound
from tests.terraform.standin.resources import RESOURCES
from tests.terraform.standin.values import UNKNOWN, Attributes, packed, unpacked

_SCHEMA = json.loads(Path(__file__).parents[1].joinpath("schema.json").read_text(encoding="utf-8"))
_CALLS_AT_ONCE = 10


def _told(answer: type[Any]) -> Callable[[Any], Any]:
    """Turn AWS's refusals into Terraform's diagnostics."""

    def around(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(self: StandIn, request: Any, context: Any) -> Any:  # noqa: ANN401 - gRPC's
            try:
                return method(self, request, context)
            except Exception as error:
                # boto3 is loaded late, and so are its errors; those of anything else are ours.
                if not isinstance(error, NotFound) and not type(error).__module__.startswith("botocore."):
                    raise
                severity = wire.Diagnostic.Severity.ERROR
                summary = f"{getattr(request, 'type_name', 'provider')}: {error}"
                return answer(diagnostics=[wire.Diagnostic(severity=severity, summary=summary)])

        return call

    return around


class StandIn(tfplugin_pb2_grpc.ProviderServicer):  # type: ignore[misc]  # the stubs have no types
    """What answers terraform."""

    def __init__(self) -> None:
        """Wait for the first call that needs AWS; making clients takes long."""
        self._lock = Lock()
        self._region = "us-east-1"
        self._assumed: AssumedRole | None = None

    def GetProviderSchema(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return wire.GetProviderSchema.Response(
            provider=_schema(_SCHEMA["provider"], assume_role=ASSUME_ROLE),
            resource_schemas={name: _schema(_SCHEMA["resources"][name]) for name in RESOURCES},
            data_source_schemas={name: _schema(_SCHEMA["data_sources"][name]) for name in DATA_SOURCES},
            server_capabilities=wire.ServerCapabilities(get_provider_schema_optional=True),
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return wire.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return wire.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return wire.ValidateDataResourceConfig.Response()

    @_told(wire.ConfigureProvider.Response)
    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        wanted = unpacked(request.config.msgpack) or {}
        self._region = wanted.get("region") or self._region
        for block in wanted.get("assume_role") or []:
            self._assumed = AssumedRole(block, self._region)
            self._assumed.enter()
        return wire.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        state = json.loads(request.raw_state.json)
        return wire.UpgradeResourceState.Response(upgraded_state=_value(state))

    @_told(wire.ImportResourceState.Response)
    def ImportResourceState(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        state = dict.fromkeys(_SCHEMA["resources"][request.type_name]) | RESOURCES[request.type_name].imported(
            request.id
        )
        imported = wire.ImportResourceState.ImportedResource(type_name=request.type_name, state=_value(state))
        return wire.ImportResourceState.Response(imported_resources=[imported])

    @_told(wire.ReadResource.Response)
    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        state = unpacked(request.current_state.msgpack)
        found = RESOURCES[request.type_name].read(self._iam, state) if state else None
        return wire.ReadResource.Response(new_state=_value(found))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        kind, schema = RESOURCES[request.type_name], _SCHEMA["resources"][request.type_name]
        before, wanted = unpacked(request.prior_state.msgpack), unpacked(request.proposed_new_state.msgpack)
        if wanted is None:
            return wire.PlanResourceChange.Response(planned_state=_value(None), legacy_type_system=True)
        for name, says in schema.items():
            if wanted[name] is None and name in kind.defaults:
                wanted[name] = kind.defaults[name]
            elif wanted[name] is None and before is None and says.get("computed"):
                wanted[name] = UNKNOWN
        if "tags_all" in schema:
            wanted["tags_all"] = wanted["tags"] if wanted["tags"] is not None else {}
        changed = [name for name in sorted(kind.force_new & set(schema)) if before and before[name] != wanted[name]]
        return wire.PlanResourceChange.Response(
            planned_state=_value(wanted),
            requires_replace=[_path(name) for name in changed],
            legacy_type_system=True,
        )

    @_told(wire.ApplyResourceChange.Response)
    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        kind = RESOURCES[request.type_name]
        before, wanted = unpacked(request.prior_state.msgpack), unpacked(request.planned_state.msgpack)
        if wanted is None:
            kind.delete(self._iam, before or {})
            made = None
        else:
            made = kind.update(self._iam, before, wanted) if before else kind.create(self._iam, wanted)
        return wire.ApplyResourceChange.Response(new_state=_value(made), legacy_type_system=True)

    @_told(wire.ReadDataSource.Response)
    def ReadDataSource(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del context
        asked = unpacked(request.config.msgpack) or {}
        return wire.ReadDataSource.Response(state=_value(DATA_SOURCES[request.type_name](self._iam, self._sts, asked)))

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        del request, context
        return wire.StopProvider.Response()

    @property
    def _iam(self) -> Any:  # noqa: ANN401 - boto3's
        with self._lock:
            return self._iam_client

    @property
    def _sts(self) -> Any:  # noqa: ANN401 - boto3's
        with self._lock:
            return self._sts_client

    @cached_property
    def _iam_client(self) -> Any:  # noqa: ANN401 - boto3's
        import boto3  # noqa: PLC0415 - terraform starts this program several times a command, mostly for its schema
        from botocore.config import Config  # noqa: PLC0415

        keys = self._assumed.keys if self._assumed else {}
        return boto3.client("iam", region_name=self._region, config=Config(max_pool_connections=_CALLS_AT_ONCE), **keys)

    @cached_property
    def _sts_client(self) -> Any:  # noqa: ANN401 - boto3's
        import boto3  # noqa: PLC0415

        keys = self._assumed.keys if self._assumed else {}
        return boto3.client("sts", region_name=self._region, **keys)


def _schema(attributes: Attributes, **blocks: Attributes) -> Any:  # noqa: ANN401 - gRPC's
    """Return a schema; each block may stand several times."""
    return wire.Schema(version=0, block=_block(attributes, blocks))


def _block(attributes: Attributes, blocks: Attributes) -> Any:  # noqa: ANN401 - gRPC's
    found = [
        wire.Schema.Attribute(
            name=name,
            type=json.dumps(says["type"]).encode(),
            required=says.get("required", False),
            optional=says.get("optional", False),
            computed=says.get("computed", False),
        )
        for name, says in attributes.items()
    ]
    nested = [
        wire.Schema.NestedBlock(type_name=name, nesting=wire.Schema.NestedBlock.LIST, block=_block(says, {}))
        for name, says in blocks.items()
    ]
    return wire.Schema.Block(attributes=found, block_types=nested)


def _value(attributes: Attributes | None) -> Any:  # noqa: ANN401 - gRPC's
    return wire.DynamicValue(msgpack=packed(attributes))


def _path(name: str) -> Any:  # noqa: ANN401 - gRPC's
    return wire.AttributePath(steps=[wire.AttributePath.Step(attribute_name=name)])
