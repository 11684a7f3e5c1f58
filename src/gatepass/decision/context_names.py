"""The condition keys that a call to enter a role can carry."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html

from __future__ import annotations

_GLOBAL_NAMES = """
calledvia calledviafirst calledvialast chatbotsourcearn currenttime ec2instancesourceprivateipv4 ec2instancesourcevpc
epochtime federatedprovider multifactorauthage multifactorauthpresent principalaccount principalarn
principalisawsservice principalorgid principalorgpaths principalservicename principalservicenameslist principaltype
referer requestedregion resourceaccount resourceorgid resourceorgpaths securetransport sourceaccount sourcearn
sourceidentity sourceip sourceorgid sourceorgpaths sourcevpc sourcevpcarn sourcevpce tagkeys tokenissuetime useragent
userid username viaawsservice vpceaccount vpceorgid vpceorgpaths vpcsourceip
"""
_GLOBAL = frozenset(f"aws:{name}" for name in _GLOBAL_NAMES.split())
_OF_STS = frozenset({"sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys"})
_WITH_A_TAG = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "iam:resourcetag/")
_AWS_PREFIXES = ("aws", "sts", "iam")


def enters_with(key: str, *, federated: bool) -> bool:
    """Say whether a call to enter a role can carry a lower-cased key; federated calls carry their provider's too."""
    if key in _GLOBAL or key in _OF_STS or key.startswith(_WITH_A_TAG):
        return True
    return federated and key.partition(":")[0] not in _AWS_PREFIXES
