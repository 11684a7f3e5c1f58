"""What the platforms' words for the state of a run mean: the same words on both, with a few that one alone has.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#run-states and the type ``RunStatus`` of Scalr's API.
"""

from __future__ import annotations

from gatepass.adapters.json_api_documents import Resource
from gatepass.domain.platform_run import Run, RunStage

_STAGES = {
    "pending": RunStage.WAITING,
    "fetching": RunStage.WAITING,
    "fetching_completed": RunStage.WAITING,
    "queuing": RunStage.WAITING,
    "plan_queued": RunStage.WAITING,
    "pre_plan_queued": RunStage.WAITING,
    "policy_override": RunStage.NEEDS_CONFIRMATION,
    "planned_and_saved": RunStage.NEEDS_CONFIRMATION,
    "confirmed": RunStage.APPLYING,
    "pre_apply_queued": RunStage.APPLYING,
    "pre_apply_running": RunStage.APPLYING,
    "pre_apply_completed": RunStage.APPLYING,
    "pre_apply_finished": RunStage.APPLYING,
    "queuing_apply": RunStage.APPLYING,
    "apply_queued": RunStage.APPLYING,
    "applying": RunStage.APPLYING,
    "post_apply_running": RunStage.APPLYING,
    "post_apply_completed": RunStage.APPLYING,
    "post_apply_finished": RunStage.APPLYING,
    "applied": RunStage.APPLIED,
    "planned_and_finished": RunStage.PLANNED_ONLY,
    "policy_soft_failed": RunStage.FAILED,
    "errored": RunStage.FAILED,
    "discarded": RunStage.STOPPED,
    "canceled": RunStage.STOPPED,
    "force_canceled": RunStage.STOPPED,
}
# After these a run goes on by itself, or waits for a person where it may not.
_PAUSES = frozenset(
    {"planned", "cost_estimated", "policy_checked", "post_plan_completed", "post_plan_finished"},
)


def read_run(found: Resource, url: str, *, is_dry: bool) -> Run:
    """Return a run as a platform shows it; a word that nobody knows is a run that is not over."""
    status = found.text("status")
    stage = _STAGES.get(status, RunStage.PLANNING)
    if status in _PAUSES and not is_dry and found.attributes.get("auto-apply") is False:
        stage = RunStage.NEEDS_CONFIRMATION
    changes = found.attributes.get("has-changes")
    is_known = stage not in {RunStage.WAITING, RunStage.PLANNING} and isinstance(changes, bool)
    return Run(found.id, stage, status, found.text("message"), url, bool(changes) if is_known else None)
