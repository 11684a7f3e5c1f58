"""HCP Terraform from end to end: a platform whose runs execute terraform, both sides' commands, and AWS between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms import story
from tests.platforms.fake.platform import Api
from tests.platforms.scene import Scene, scene


@pytest.fixture
def hcp_scene(tmp_path: Path, configuration: Path) -> Iterator[Scene]:
    """Return everybody, with nothing in AWS yet."""
    with scene(Api.HCP, tmp_path, configuration) as made:
        yield made


def test_a_workspace_makes_the_role_and_its_pass_lets_the_provider_in(hcp_scene: Scene) -> None:
    story.sets_up(hcp_scene)
    story.nothing_secret_lies_about(hcp_scene)


@pytest.mark.thorough
def test_the_whole_life_of_a_workspace(hcp_scene: Scene) -> None:
    story.sets_up(hcp_scene)
    story.runs_by_schedule(hcp_scene)
    story.rotates_with_receipt(hcp_scene, by_fleet=True)
    story.rotates_own_access(hcp_scene)
    story.cannot_change_its_own_role(hcp_scene)
    story.closes_and_opens(hcp_scene)
    story.nothing_secret_lies_about(hcp_scene)
    story.is_removed(hcp_scene)
