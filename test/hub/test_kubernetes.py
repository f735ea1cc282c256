"""What Kubernetes would be asked for: pods by the chart's own spawner from our values, held to Kubernetes' published schema.

The chart itself is in none of the package registries. It hands most of `singleuser` to KubeSpawner under other names; those that
we use are listed here as the chart's reference has them.
"""

import asyncio
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

os.environ["KUBECONFIG"] = str(Path(__file__).with_name("kubeconfig.yaml"))  # read when kubespawner is imported

yaml = pytest.importorskip("yaml")
kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="see kernel/requirements-hub-test.txt")
kubespawner = pytest.importorskip("kubespawner", reason="see kernel/requirements-hub-test.txt")

CHECKOUT = Path(__file__).resolve().parents[2]
VALUES = yaml.safe_load((CHECKOUT / "deploy/jupyterhub-values.yaml").read_text())
VERSION = "1.36"

# What KubeSpawner calls the chart's values below `singleuser`.
SPAWNER = {
    "cpu.guarantee": "cpu_guarantee",
    "cpu.limit": "cpu_limit",
    "defaultUrl": "default_url",
    "lifecycleHooks": "lifecycle_hooks",
    "memory.guarantee": "mem_guarantee",
    "memory.limit": "mem_limit",
    "profileList": "profile_list",
    "storage.capacity": "storage_capacity",
    "storage.extraVolumeMounts": "volume_mounts",
    "storage.extraVolumes": "volumes",
    "uid": "uid",
}
# What the chart uses itself.
CHART = {
    "image.name",
    "image.tag",
    "networkPolicy.egressAllowRules.nonPrivateIPs",
    "storage.homeMountPath",
}
PROFILES = {profile["display_name"]: profile for profile in VALUES["singleuser"]["profileList"]}


def test_every_value_is_one_that_the_chart_knows():
    assert set(flat(VALUES["singleuser"])) == set(SPAWNER) | CHART
    assert set(VALUES) == {"hub", "singleuser", "cull"}
    assert set(VALUES["cull"]) == {"enabled", "timeout", "every", "maxAge"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_students_pod_is_one_that_kubernetes_takes(profile):
    kubernetes_validate.validate(pod(profile), VERSION, strict=True)


@pytest.mark.parametrize("document", list(yaml.safe_load_all((CHECKOUT / "deploy/datasets.yaml").read_text())), ids=lambda d: d["kind"])
def test_the_data_sets_are_objects_that_kubernetes_takes(document):
    kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_student_reads_the_data_sets_and_writes_the_home_alone(profile):
    made = pod(profile)["spec"]
    notebook = made["containers"][0]
    claims = {volume["name"]: volume["persistentVolumeClaim"] for volume in made["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in notebook["volumeMounts"]}
    assert mounts["/datasets"]["readOnly"] and claims[mounts["/datasets"]["name"]]["readOnly"]
    assert notebook["securityContext"]["runAsUser"] != 0
    assert not notebook["securityContext"]["allowPrivilegeEscalation"]


def test_only_the_profile_with_a_gpu_gets_one():
    limits = {name: pod(name)["spec"]["containers"][0]["resources"]["limits"] for name in PROFILES}
    assert [name for name, limit in limits.items() if "nvidia.com/gpu" in limit] == ["NVIDIA GPU"]
    assert all("memory" in limit and "cpu" in limit for limit in limits.values())


def test_one_profile_is_chosen_already():
    assert [p.get("default", False) for p in PROFILES.values()].count(True) == 1


def test_values_and_dockerfile_agree():
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    user = re.search(r"ARG NB_USER=(\w+)", dockerfile)[1]
    assert VALUES["singleuser"]["storage"]["homeMountPath"] == f"/home/{user}"
    assert str(VALUES["singleuser"]["uid"]) == re.search(r"ARG NB_UID=(\d+)", dockerfile)[1]
    script = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"][-1]
    assert re.search(r"^WORKDIR (\S+)", dockerfile, re.MULTILINE)[1] + "/notebooks" in script


def test_the_two_dockerfiles_stand_on_the_same_images():
    bases = [
        re.findall(r"^FROM (\w+:\S+)", (CHECKOUT / name).read_text(), re.MULTILINE) for name in ("Dockerfile", ".binder/Dockerfile")
    ]
    assert bases[0] == bases[1] and bases[0]


def flat(values: dict, before: str = "") -> list[str]:
    """The names of all values, as in cpu.limit; a list, and what is handed on as it is, counts as one."""
    names = []
    for name, value in values.items():
        inside = isinstance(value, dict) and before + name not in SPAWNER
        names += flat(value, f"{before}{name}.") if inside else [before + name]
    return names


def pod(profile: str) -> dict:
    """The pod of a student who chose the profile."""
    # In a thread of its own: in this one Playwright's loop runs on, when the tests of the browser came before.
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, spawned(profile)).result()


async def spawned(profile: str) -> dict:
    singleuser = VALUES["singleuser"]
    spawner = kubespawner.KubeSpawner(_mock=True, hub=SimpleNamespace(public_host="", url="", base_url="/", api_url="http://hub:8081/hub/api"))
    spawner.user.name = "ada"
    spawner.image = f"{singleuser['image']['name']}:{singleuser['image']['tag']}"
    for name, trait in SPAWNER.items():
        value = singleuser
        for part in name.split("."):
            value = value[part]
        setattr(spawner, trait, value)
    # The form sends the slug of what was chosen.
    chosen = spawner._get_initialized_profile_list(spawner.profile_list)
    spawner.user_options = {"profile": next(p["slug"] for p in chosen if p["display_name"] == profile)}
    await spawner.load_user_options()
    made = await spawner.get_pod_manifest()
    from kubernetes_asyncio.client import ApiClient

    async with ApiClient() as client:
        return client.sanitize_for_serialization(made)
