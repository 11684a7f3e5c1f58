"""The actions that permission sets of Identity Center take: to see them, to change them, to wait until it is done."""

from __future__ import annotations

# With the tag that makes it ours; before that, there is no permission set to allow it on.
CREATE_SET = "sso:CreatePermissionSet"
# Identity Center asks for each of these on the permission set, and on the instance or the account it is for.
CHANGE_SETS = (
    "sso:CreateAccountAssignment",
    "sso:DeleteAccountAssignment",
    "sso:DeleteInlinePolicyFromPermissionSet",
    "sso:DeletePermissionSet",
    "sso:ProvisionPermissionSet",
    "sso:PutInlinePolicyToPermissionSet",
    "sso:TagResource",
)
SEE_SETS = (
    "identitystore:ListGroups",
    "sso:DescribeInstanceAccessControlAttributeConfiguration",
    "sso:DescribePermissionSet",
    "sso:GetInlinePolicyForPermissionSet",
    "sso:ListAccountAssignments",
    "sso:ListAccountsForProvisionedPermissionSet",
    "sso:ListInstances",
    "sso:ListPermissionSets",
    "sso:ListTagsForResource",
)
FOLLOW_SETS = (
    "sso:DescribeAccountAssignmentCreationStatus",
    "sso:DescribeAccountAssignmentDeletionStatus",
    "sso:DescribePermissionSetProvisioningStatus",
)
