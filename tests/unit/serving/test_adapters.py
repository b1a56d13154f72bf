import pytest

from services.chassis.errors import Unavailable
from services.serving.runtime.adapter_set import AdapterSet
from services.serving.runtime.catalogue import Catalogue, path_name
from services.serving.runtime.engine import Engine
from services.serving.runtime.errors import AdapterNotLoaded, ModelAmbiguous, ModelNotFound, ModelVersionStopped
from tests.unit.serving.fakes import VERSION, ByteTokens, Folders, ScriptedModel, spec

MODEL = "projects/p/models/m"


class Bench:
    def __init__(self) -> None:
        self.model, self.catalogue = ScriptedModel(), Catalogue()
        self.engine = Engine(self.model, ByteTokens())
        self.files = Folders()
        self.adapters = AdapterSet(self.model, self.engine, self.files, self.catalogue)

    def answers(self, name, tenant="acme", project=""):
        return self.catalogue.route(tenant, name, project).model_version


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.engine.stop()


def test_nothing_is_declared_at_first(bench):
    assert not bench.adapters.declared
    assert bench.adapters.report().declaration == ""
    bench.adapters.declare([])
    assert bench.adapters.declared
    assert bench.adapters.report().declaration != ""


def test_a_set_replaces_the_one_before(bench):
    bench.adapters.declare([spec(1, live=True), spec(2)])
    assert bench.answers(MODEL) == VERSION.format(1)
    bench.adapters.declare([spec(2, live=True), spec(3)])
    assert bench.answers("m") == VERSION.format(2)
    assert bench.answers("m@3") == VERSION.format(3)
    assert bench.model.loaded() == {"d2", "d3"}
    assert bench.model.history == ["load d1", "load d2", "load d3", "unload d1"]


def test_another_base_is_refused_before_anything_is_loaded(bench):
    report = bench.adapters.declare([spec(1), spec(2, base_digest="sha256:0123")])
    assert [(a.loaded, a.reason) for a in report.adapters] == [(True, ""), (False, "ADAPTER_BASE_MISMATCH")]
    assert bench.model.history == ["load d1"]
    with pytest.raises(AdapterNotLoaded, match="ADAPTER_BASE_MISMATCH"):
        bench.answers(VERSION.format(2))


def test_one_that_cannot_be_fetched_holds_up_no_other(bench):
    fetch = bench.files.fetch

    def failing(one):
        if one.adapter_digest == "d1":
            raise Unavailable("on its way")
        return fetch(one)

    bench.files.fetch = failing
    report = bench.adapters.declare([spec(1), spec(2)])
    assert [(a.loaded, a.reason) for a in report.adapters] == [(False, "UNAVAILABLE"), (True, "")]
    bench.files.fetch = fetch
    assert all(a.loaded for a in bench.adapters.declare([spec(1), spec(2)]).adapters)


def test_a_borrowed_adapter_leaves_unless_it_is_declared(bench):
    bench.adapters.declare([spec(1)])
    for one in (spec(1), spec(2)):
        with bench.adapters.borrowed(one), bench.adapters.borrowed(one):
            assert one.adapter_digest in bench.engine.loaded()
    assert bench.engine.loaded() == {"d1"}


def test_a_declaration_in_the_middle_of_a_probe_does_not_take_the_adapter_away(bench):
    with bench.adapters.borrowed(spec(2)):
        bench.adapters.declare([spec(1)])
        assert bench.engine.loaded() == {"d1", "d2"}
    assert bench.engine.loaded() == {"d1"}


def test_an_adapter_dropped_by_hand_is_missing_until_the_next_declaration(bench):
    bench.adapters.declare([spec(1, live=True)])
    bench.adapters.drop(spec(1, live=True))
    assert not bench.adapters.report().adapters[0].loaded
    with pytest.raises(AdapterNotLoaded):
        bench.answers(VERSION.format(1))
    bench.adapters.restore()
    assert bench.answers("m") == VERSION.format(1)


def test_a_stopped_version_refuses_and_a_warned_one_warns(bench):
    bench.adapters.declare([spec(1, live=True, policy="STOP", warning="recalled"), spec(2, policy="WARN", warning="w")])
    with pytest.raises(ModelVersionStopped, match="recalled"):
        bench.answers("m")
    assert bench.catalogue.route("acme", VERSION.format(2)).warning == "w"


def test_short_names_are_of_one_project(bench):
    other = "projects/q/models/m/versions/7"
    bench.adapters.declare([spec(1, live=True), spec(2, model_version=other, live=True)])
    assert bench.answers(MODEL) == VERSION.format(1)
    assert bench.answers("m", project="projects/q") == other
    for project in ("", "projects/r"):
        with pytest.raises(ModelAmbiguous):
            bench.answers("m", project=project)


def test_tenants_do_not_see_each_other(bench):
    bench.adapters.declare([spec(1, live=True), spec(1, tenant="other")])
    assert bench.catalogue.names("acme") == ["base", MODEL, VERSION.format(1)]
    assert bench.catalogue.names("other") == ["base", VERSION.format(1)]
    with pytest.raises(ModelNotFound):
        bench.answers("m", tenant="other")


def test_names_fit_into_a_path():
    assert [path_name(n) for n in ("base", MODEL, VERSION.format(3))] == ["base", "m", "m@3"]
