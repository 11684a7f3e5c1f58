"""Scalr from end to end: a platform whose runs execute terraform, both sides' commands, and AWS between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms import story
from tests.platforms.fake.platform import Api
from tests.platforms.scene import Scene, scene


@pytest.fixture
def scalr_scene(tmp_path: Path, configuration: Path) -> Iterator[Scene]:
    """Return everybody, with nothing in AWS yet."""
    with scene(Api.SCALR, tmp_path, configuration) as made:
        yield made


def test_a_workspace_keeps_the_access_and_rotates_it_with_a_receipt(scalr_scene: Scene) -> None:
    """One life of one door: each step begins where the last one ended, so they are one test."""
    story.sets_up(scalr_scene)
    story.rotates_with_receipt(scalr_scene)
    story.nothing_secret_lies_about(scalr_scene)


@pytest.mark.thorough
def test_the_whole_life_of_a_workspace(scalr_scene: Scene) -> None:
    story.sets_up(scalr_scene)
    story.runs_by_schedule(scalr_scene)
    story.rotates_with_receipt(scalr_scene, by_fleet=True)
    story.rotates_own_access(scalr_scene)
    story.cannot_change_its_own_role(scalr_scene)
    story.closes_and_opens(scalr_scene)
    story.nothing_secret_lies_about(scalr_scene)
    story.is_removed(scalr_scene)


@pytest.mark.thorough
def test_one_company_with_both_sides_rotates_in_one_go(tmp_path: Path, configuration: Path) -> None:
    with scene(Api.SCALR, tmp_path, configuration, together=True) as made:
        story.sets_up(made)
        story.rotates_with_both_sides(made)
