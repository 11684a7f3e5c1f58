"""A platform whose runs execute terraform against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.platforms.fake.aws import AwsPlace
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.fake.terraform import RealTerraform


@contextmanager
def terraform_platform(
    api: Api, endpoint: str, keys: tuple[str, str], configuration: Path, repositories: Mapping[str, Path]
) -> Iterator[FakePlatform]:
    """Start a platform.

    Args:
        api: whose API it speaks.
        endpoint: of the sandbox.
        keys: who the platform is in AWS. Scalr enters roles with them; in HCP Terraform they are the base credentials
            of its agent, which the root module's provider enters roles with.
        configuration: the CLI configuration that finds the stand-in for hashicorp/aws.
        repositories: the folder that stands for each repository, by its identifier.
    """
    base = {"AWS_ENDPOINT_URL": endpoint}
    if api is Api.HCP:
        base |= {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
    execute = RealTerraform(configuration, repositories, base)
    with FakePlatform(api, execute=execute, repositories=repositories, aws=AwsPlace(endpoint, keys)) as platform:
        yield platform
