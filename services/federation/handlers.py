"""Use cases of the coordinator's own side: create, list, cancel."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.chassis import telemetry
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Resources, Store, fingerprint
from services.federation import domain
from services.federation.domain import Federation, FederationState, Round
from services.federation.errors import FederationEnded, FederationInvalid

Now = Callable[[], datetime]
_ID = r"[a-z0-9][a-z0-9-]{0,62}"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Records:
    """What every use case works on."""

    store: Store
    outbox: Outbox
    federations: Resources[Federation]
    rounds: Resources[Round]
    now: Now = utc_now


class Handlers:
    def __init__(self, records: Records) -> None:
        self._r = records

    def create(self, tenant: str, federation: Federation, request_id: str) -> Federation:
        """Raises FederationInvalid where the roster or the plan can't be right."""
        _check(federation)
        now = self._r.now()
        new = replace(federation, create_time=now, update_time=now, traceparent=telemetry.traceparent())
        mark = fingerprint(federation)
        with self._r.store.begin() as tx:
            return self._r.federations.create(tx, tenant, new, request_id, mark)[0]

    def get(self, tenant: str, name: str) -> Federation:
        with self._r.store.read() as tx:
            return self._r.federations.get(tx, tenant, name)

    def list_federations(self, tenant: str, parent: str, page: Page) -> tuple[list[Federation], str]:
        with self._r.store.read() as tx:
            return self._r.federations.page(tx, tenant, parent, page)

    def get_round(self, tenant: str, name: str) -> Round:
        with self._r.store.read() as tx:
            return self._r.rounds.get(tx, tenant, name)

    def list_rounds(self, tenant: str, parent: str, page: Page) -> tuple[list[Round], str]:
        with self._r.store.read() as tx:
            return self._r.rounds.page(tx, tenant, parent, page)

    def cancel(self, tenant: str, name: str) -> Federation:
        """Raises FederationEnded."""
        with self._r.store.begin() as tx:
            federation = self._r.federations.get(tx, tenant, name)
            if federation.state in domain.ENDED:
                raise FederationEnded(f"{name} has ended as {federation.state}", name=name)
            ended = replace(federation, state=FederationState.CANCELLED, update_time=self._r.now())
            return self._r.federations.put(tx, tenant, ended)


def _check(federation: Federation) -> None:
    names = [member.participant for member in federation.roster]
    problems = {
        "the name must be projects/{project}/federations/{federation}": not re.fullmatch(
            f"projects/{_ID}/federations/{_ID}", federation.name
        ),
        f"the roster must name 2 to {domain.MAX_ROSTER} participants": not 2 <= len(names) <= domain.MAX_ROSTER,
        "the roster names a participant twice": len(set(names)) != len(names),
        "each participant needs an id of small letters, digits and dashes": not all(
            re.fullmatch(_ID, n) for n in names
        ),
        "each participant needs a public key": not all(m.public_key for m in federation.roster),
        f"rounds must be 1 to {domain.MAX_ROUNDS}": not 1 <= federation.rounds <= domain.MAX_ROUNDS,
        "minimum_updates must be 2 at least, and no more than the roster": federation.minimum_updates != 0
        and not 2 <= federation.minimum_updates <= len(names),
        f"method must be one of {', '.join(domain.METHODS)}": federation.method not in domain.METHODS,
        "rank must not be negative": federation.rank < 0,
        "server_rate must be above 0 and at most 100": not 0 < federation.server_rate <= 100,
        "a base model is needed": not federation.base,
    }
    for problem, found in problems.items():
        if found:
            raise FederationInvalid(problem)
