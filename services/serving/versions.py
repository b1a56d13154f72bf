"""Use cases on versions: what the registry's events mean for what is served."""

from dataclasses import replace

from services.chassis.store import Tx
from services.serving.domain import LOADED_STANDS, Policy, ServedVersion, Stage, Stand, model_of
from services.serving.ports import Tables


class Versions:
    """Every method works in the transaction of the event it answers."""

    def __init__(self, tables: Tables) -> None:
        self._versions = tables.versions

    def registered(self, tx: Tx, tenant: str, version: ServedVersion) -> ServedVersion:
        """Notes a version as the registry has it, unless it is known already."""
        return self._versions.find(tx, tenant, version.name) or self._versions.put(tx, tenant, version)

    def refused(self, tx: Tx, tenant: str, name: str) -> None:
        """The gate refused: a candidate need not be loaded any more. A version that is live already stays so."""
        known = self._versions.find(tx, tenant, name)
        if known is not None and known.stand is Stand.CANDIDATE:
            self._versions.put(tx, tenant, replace(known, stand=Stand.RETIRED))

    def promoted(
        self, tx: Tx, tenant: str, version: ServedVersion, replaces: str, stage: Stage, traceparent: str
    ) -> None:
        """Makes a version the live one of its model; the one before stays loaded, older ones leave."""
        known = self._versions.find(tx, tenant, version.name) or version
        for other in self._versions.all(tx, tenant, model_of(version.name)):
            if other.name != version.name and other.stand in (Stand.LIVE, Stand.STANDBY):
                stand = Stand.STANDBY if other.stand is Stand.LIVE else Stand.RETIRED
                self._versions.put(tx, tenant, replace(other, stand=stand, announce=False))
                replaces = replaces or (other.name if other.stand is Stand.LIVE else "")
        live = replace(known, stand=Stand.LIVE, announce=True, replaces=replaces, stage=stage, traceparent=traceparent)
        # The index is made after the registration.
        self._versions.put(tx, tenant, replace(live, influence=version.influence or known.influence))

    def revoked(self, tx: Tx, tenant: str, name: str, reason: str) -> None:
        known = self._versions.find(tx, tenant, name)
        if known is not None:
            self._versions.put(tx, tenant, replace(known, stand=Stand.REVOKED, announce=False, warning=reason))

    def tainted(self, tx: Tx, tenant: str, name: str, policy: str, warning: str) -> None:
        """A later taint never softens an earlier one."""
        known = self._versions.find(tx, tenant, name)
        if known is None:
            return
        wanted = Policy.STOP if Policy.STOP in (known.policy, Policy(policy or "WARN")) else Policy.WARN
        text = f"{known.warning}; {warning}" if known.warning and warning not in known.warning else warning
        self._versions.put(tx, tenant, replace(known, policy=wanted, warning=text))

    def failed(self, tx: Tx, tenant: str, version: ServedVersion, reason: str) -> None:
        """A promoted version can't be loaded: the one before it answers again."""
        retired = replace(version, stand=Stand.RETIRED, announce=False, warning=reason)
        self._versions.put(tx, tenant, retired)
        before = self._versions.find(tx, tenant, version.replaces) if version.replaces else None
        if before is not None and before.stand in LOADED_STANDS:
            self._versions.put(tx, tenant, replace(before, stand=Stand.LIVE))
