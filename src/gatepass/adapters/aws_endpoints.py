"""Where AWS's services answer, without botocore's book of them: for the few calls that engineers wait for."""

from __future__ import annotations

import os

from gatepass.domain.errors import InvalidInput

# botocore's endpoints.json: the DNS suffix of each partition, by how its Regions begin.
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
}
_USUAL_SUFFIX = "amazonaws.com"
# Where a partition's STS is asked when nobody chose a Region.
_USUAL_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_OWN_ENDPOINTS = {
    "sts": "AWS_ENDPOINT_URL_STS",
    "ssm": "AWS_ENDPOINT_URL_SSM",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "iam": "AWS_ENDPOINT_URL_IAM",
    "s3": "AWS_ENDPOINT_URL_S3",
}
# botocore's endpoints.json: where each partition keeps IAM, which has one place in it, and the host where that is
# not named after its Region.
_IAM_REGIONS = {
    "cn-": "cn-north-1",
    "us-gov-": "us-gov-west-1",
    "us-iso-": "us-iso-east-1",
    "us-isob-": "us-isob-east-1",
    "us-isof-": "us-isof-south-1",
    "eu-isoe-": "eu-isoe-west-1",
    "eusc-": "eusc-de-east-1",
}
_IAM_HOSTS = {"us-east-1": "iam.amazonaws.com", "us-gov-west-1": "iam.us-gov.amazonaws.com"}
_PORTS = {"http": 80, "https": 443}


class Endpoint:
    """Where a service answers."""

    def __init__(self, scheme: str, host: str, port: int, path: str = "/") -> None:
        self.scheme, self.host, self.port, self.path = scheme, host, port, path

    @property
    def host_header(self) -> str:
        """The host as requests name it: with its port unless that is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def endpoint(service: str, region: str) -> Endpoint:
    """Return where the service answers in the Region, or where the environment says.

    Raises:
        InvalidInput: the environment names no address.
    """
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        for name in (_OWN_ENDPOINTS[service], "AWS_ENDPOINT_URL"):
            given = os.environ.get(name)
            if given:
                return _parsed(given, name)
    suffix = next((suffix for start, suffix in _SUFFIXES.items() if region.startswith(start)), _USUAL_SUFFIX)
    if not region.replace("-", "").isalnum() or not region.isascii():
        raise InvalidInput("AWS_REGION names no Region", next_step="write one such as: export AWS_REGION=eu-west-1")
    usual = f"{service}.{region}.{suffix}"
    return Endpoint("https", _IAM_HOSTS.get(region, usual) if service == "iam" else usual, _PORTS["https"])


def iam_region(region: str) -> str:
    """Return the Region in whose name IAM of the same partition is asked."""
    return next((place for start, place in _IAM_REGIONS.items() if region.startswith(start)), "us-east-1")


def usual_region(partition: str) -> str:
    """Return the Region to sign with where nobody chose one."""
    return _USUAL_REGIONS.get(partition, "us-east-1")


def _parsed(url: str, variable: str) -> Endpoint:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    host, _, port = authority.rpartition(":") if authority.rstrip("0123456789").endswith(":") else (authority, "", "")
    is_v6 = host.startswith("[") and host.endswith("]")
    host = host.strip("[]")
    if scheme not in _PORTS or not host or "@" in host or (":" in host and not is_v6):
        raise InvalidInput(
            f"{variable} holds no address",
            why="an address begins with http:// or https:// and names a host",
            next_step=f"unset {variable}, or write one such as: https://vpce-1.sts.eu-west-1.vpce.amazonaws.com",
        )
    return Endpoint(scheme, host, int(port) if port else _PORTS[scheme], slash + path or "/")
