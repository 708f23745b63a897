"""One notation for settings of all versions."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaryad.link.orders import Attribute, Variable
from zaryad.maintenance.settings import compare, names
from zaryad.maintenance.settings.names import SAME, in_version, key_of, old_name, secret, variable_of

WORD = st.text(st.characters(exclude_characters="()@/#\0", categories=("L", "N", "Zs")), min_size=1, max_size=50)
SMALL = st.none() | st.integers(0, 9_999)


@st.composite
def variables(draw: st.DrawFn) -> Variable:
    evse = draw(SMALL)
    return Variable(
        component=draw(WORD),
        component_instance=draw(st.none() | WORD),
        evse=evse,
        outlet=None if evse is None else draw(SMALL),
        name=draw(WORD),
        instance=draw(st.none() | WORD),
    )


@given(variables(), st.sampled_from(["actual", "target", "min_set", "max_set"]))
def test_a_key_names_its_variable_and_no_other(variable: Variable, attribute: Attribute) -> None:
    assert variable_of(key_of(variable, attribute)) == (variable, attribute)


@pytest.mark.parametrize("key", sorted(SAME))
def test_what_is_the_same_is_found_both_ways(key: str) -> None:
    new = in_version(key, "ocpp2.1")
    assert new == SAME[key]
    assert variable_of(new) is not None, "it names a variable"
    assert in_version(new, "ocpp1.6") == key == old_name(new, "ocpp2.0.1")
    assert in_version(key.upper(), "ocpp2.0.1") == new, "names are case insensitive"


def test_what_a_version_has_no_word_for_is_nothing() -> None:
    assert in_version("VendorsOwn", "ocpp2.0.1") is None
    assert in_version("EVSE@1/Power", "ocpp1.6") is None
    assert in_version("vendor.key with dots", "ocpp1.6") == "vendor.key with dots"


@pytest.mark.parametrize("key", ["AuthorizationKey", "SecurityCtrlr/BasicAuthPassword", "wifi_password", "VpnSecret"])
def test_secrets_are_known_by_name(key: str) -> None:
    assert secret(key)


def test_a_token_in_the_middle_of_a_word_is_no_secret() -> None:
    assert not secret("TokenizerCtrlr/Enabled")
    assert not secret("AuthCtrlr/MasterPassGroupId")


@pytest.mark.parametrize("module", [names, compare])
def test_what_the_docstrings_show_is_so(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module
