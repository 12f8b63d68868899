"""Services load of the Ory client only what they use."""

import json
import subprocess
import sys

import pytest

from local.settings import ROOT


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_service_loads_the_models_that_it_uses_and_no_others() -> None:
    loaded = run(
        "import shared.ory.hydra, sys; print('ory_client.models.o_auth2_client' in sys.modules,"
        " 'ory_client.models.project' in sys.modules)"
    )
    assert loaded == "True False"


def test_every_name_of_the_client_can_still_be_had() -> None:
    names = json.loads(run("import json, ory_client; print(json.dumps(ory_client.__all__))"))
    found = run(f"import shared.ory, ory_client; print([n for n in {names} if not hasattr(ory_client, n)])")
    assert "IdentityApi" in names
    assert found == "[]"


@pytest.mark.parametrize("package", ["ory_client", "ory_client.models"])
def test_a_name_that_does_not_exist_is_an_attribute_error(package: str) -> None:
    code = f"import shared.ory, {package} as package; print(hasattr(package, 'Nothing'))"
    assert run(code) == "False"
