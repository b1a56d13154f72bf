"""A caller's token says what it said when signed, or nothing."""

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import auth
from services.chassis.testing import CALLER, KEY

names = st.text(min_size=1, max_size=20)


@given(tenant=names, subject=names, roles=st.frozensets(names, max_size=3))
def test_a_signed_caller_comes_back(tenant, subject, roles):
    who = auth.Caller(tenant, subject, roles)
    assert auth.verify(auth.sign(who, KEY), KEY) == who


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        auth.sign(CALLER, "another key that is long enough for HS256"),
        jwt.encode({"sub": "x", "tenant": "t", "roles": [], "exp": 1}, KEY, "HS256"),
        jwt.encode({"sub": "x", "tenant": "t", "roles": []}, KEY, "HS256"),
        jwt.encode({"sub": "x", "roles": [], "exp": 9999999999}, KEY, "HS256"),
        jwt.encode({"sub": "x", "tenant": "t", "roles": [], "exp": 9999999999}, None, "none"),
    ],
)
def test_a_forged_expired_or_incomplete_token_is_refused(token):
    with pytest.raises(auth.TokenInvalid):
        auth.verify(token, KEY)


def test_outside_a_call_nobody_is_the_caller():
    with pytest.raises(auth.CallerUnknown):
        auth.caller()
    with auth.acting_as(CALLER):
        assert auth.require_role("expert") is CALLER
        with pytest.raises(auth.RoleMissing):
            auth.require_role("auditor")
