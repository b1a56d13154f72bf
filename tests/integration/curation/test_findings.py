"""Analyses and findings through the served service."""

import pytest

from services.chassis import auth, testing
from services.chassis.errors import Conflict, Denied, FailedPrecondition, Invalid, NotFound
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import events_pb2

PROJECT = "projects/steel"
TEN = "Date: 4 May 2019\n\nAudit records of vendors shall be kept for 10 years."
SEVEN = "Date: 4 May 2021\n\nAudit records of vendors shall be kept for 7 years."


@pytest.fixture
def conflict(curation):
    curation.ingest("old", TEN)
    curation.ingest("new", SEVEN)
    curation.analysed()
    (found,) = curation.findings(pb.Finding.CONFLICT)
    return found


def in_force(curation):
    answer = curation.stub.ListClaims(pb.ListClaimsRequest(parent=PROJECT, in_force_only=True))
    return {claim.quantity.low for claim in answer.claims}


def test_a_conflict_shows_both_quotes_older_first_with_their_places(curation, conflict):
    assert [quote.location.document[-3:] for quote in conflict.quotes] == ["old", "new"]
    assert conflict.quotes[0].text == "Audit records of vendors shall be kept for 10 years."
    place = conflict.quotes[0].location
    assert TEN[place.char_start : place.char_end] == conflict.quotes[0].text
    assert list(conflict.outcomes) == ["KEEP_FIRST", "KEEP_SECOND", "KEEP_BOTH", "KEEP_NEITHER"]
    assert conflict.suggested_outcome == "KEEP_SECOND"
    assert "10 years" in conflict.explanation
    (raised,) = curation.said(events_pb2.FindingRaised)
    assert raised.finding == conflict.name


def test_a_decision_has_an_author_and_a_reason_and_can_be_taken_back(curation, conflict):
    settled = curation.settle(conflict, "KEEP_FIRST", etag=conflict.etag)
    assert (settled.decision.author, settled.decision.reason) == (testing.CALLER.subject, "the chief engineer said so")
    assert in_force(curation) == {10}
    with pytest.raises(Conflict) as error:
        curation.settle(conflict, "KEEP_BOTH")
    assert error.value.reason == "FINDING_ALREADY_SETTLED"
    again = curation.stub.ReopenFinding(pb.ReopenFindingRequest(name=conflict.name, reason="new evidence"))
    assert [d.outcome for d in again.history] == ["KEEP_FIRST", "REOPENED"]
    assert in_force(curation) == {7, 10}
    kinds = [type(m).__name__ for m in curation.said((events_pb2.FindingSettled, events_pb2.FindingReopened))]
    assert kinds == ["FindingSettled", "FindingReopened"]


def test_a_second_analysis_keeps_decisions_and_raises_nothing_twice(curation, conflict):
    curation.settle(conflict, "KEEP_SECOND")
    curation.analysed()
    (kept,) = curation.findings(pb.Finding.CONFLICT)
    assert (kept.name, kept.state, kept.decision.outcome) == (conflict.name, pb.Finding.SETTLED, "KEEP_SECOND")
    assert in_force(curation) == {7}
    assert len(curation.said(events_pb2.FindingRaised)) == 1


def test_withdrawing_a_document_settles_its_conflicts_and_retires_its_claims(curation, conflict):
    curation.withdraw(conflict.documents[0] if conflict.documents[0].endswith("old") else conflict.documents[1])
    (void,) = curation.findings(pb.Finding.CONFLICT)
    assert (void.decision.outcome, void.decision.author) == ("KEEP_SECOND", "service:curation")
    assert in_force(curation) == {7}


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        ({"outcome": "KEEP_ALL"}, Invalid, "OUTCOME_UNKNOWN"),
        ({"reason": " "}, Invalid, "REASON_MISSING"),
        ({"etag": "stale"}, Conflict, "ETAG_MISMATCH"),
        ({"name": f"{PROJECT}/findings/none"}, NotFound, "FINDING_NOT_FOUND"),
    ],
)
def test_bad_decisions_are_refused(curation, conflict, change, kind, reason):
    request = {"name": conflict.name, "outcome": "KEEP_BOTH", "reason": "both hold"} | change
    with pytest.raises(kind) as error:
        curation.stub.SettleFinding(pb.SettleFindingRequest(**request))
    assert error.value.reason == reason
    with pytest.raises(FailedPrecondition) as error:
        curation.stub.ReopenFinding(pb.ReopenFindingRequest(name=conflict.name, reason="why not"))
    assert error.value.reason == "FINDING_NOT_SETTLED"


def test_only_an_expert_or_an_administrator_settles(curation, conflict):
    member = auth.Caller("acme", "user:mo@acme.example", frozenset({"member"}))
    with auth.acting_as(member), pytest.raises(Denied) as error:
        curation.settle(conflict, "KEEP_BOTH")
    assert error.value.reason == "ROLE_MISSING"


def test_a_term_needs_the_name_that_is_preferred(curation):
    curation.ingest("a", "The baseplate is grouted. Each base plate is level. A base plate is cut.")
    curation.analysed()
    (term,) = curation.findings(pb.Finding.TERM)
    with pytest.raises(Invalid) as error:
        curation.settle(term, "PREFER")
    assert error.value.reason == "NOTE_MISSING"
    curation.settle(term, "PREFER", note="sole plate")
    export = curation.stub.ExportCuratedText(pb.ExportCuratedTextRequest(parent=PROJECT))
    ((glossary),) = curation.lines(export.glossary)
    assert glossary["terms"][0]["preferred"] == "sole plate"
    assert set(glossary["terms"][0]["variants"]) == {"base plate", "baseplate"}


def test_a_stage_is_analysed_once_and_answered_with_its_reference(curation):
    curation.ingest("old", TEN)
    stage = curation.request("analyse")
    curation.request("analyse", attempt=1)
    (done,) = curation.wait(lambda: curation.said(events_pb2.AnalysisCompleted))
    assert done.stage == stage
    assert done.analysis == f"{PROJECT}/analyses/r1-1"
    (line,) = curation.lines(done.claims)
    assert (line["subject"], line["inForce"]) == ("Audit records of vendors", True)


def test_an_analysis_of_nothing_fails_with_a_reason(curation):
    stage = curation.request("analyse")
    (failed,) = curation.wait(lambda: curation.said(events_pb2.AnalysisFailed))
    assert (failed.failure.reason, failed.stage) == ("NOTHING_TO_ANALYSE", stage)
    with pytest.raises(FailedPrecondition) as error:
        curation.stub.ExportCuratedText(pb.ExportCuratedTextRequest(parent=PROJECT))
    assert error.value.reason == "NOT_ANALYSED"


def test_lists_page_and_refuse_what_they_do_not_know(curation, conflict):
    first = curation.stub.ListClaims(pb.ListClaimsRequest(parent=PROJECT, page_size=1))
    second = curation.stub.ListClaims(
        pb.ListClaimsRequest(parent=PROJECT, page_size=1, page_token=first.next_page_token)
    )
    assert {c.name for c in (*first.claims, *second.claims)} == set(conflict.claims)
    assert second.next_page_token == ""
    for call, request, reason in (
        (curation.stub.ListFindings, pb.ListFindingsRequest(parent="folders/x"), "PARENT_INVALID"),
        (curation.stub.ListClaims, pb.ListClaimsRequest(parent=PROJECT, page_size=-1), "PAGE_SIZE_INVALID"),
        (curation.stub.ListAnalyses, pb.ListAnalysesRequest(parent=PROJECT, page_token="abc"), "PAGE_TOKEN_INVALID"),
        (curation.stub.CreateAnalysis, pb.CreateAnalysisRequest(parent="steel"), "PARENT_INVALID"),
    ):
        with pytest.raises(Invalid) as error:
            call(request)
        assert error.value.reason == reason
    with pytest.raises(NotFound) as error:
        curation.stub.GetAnalysis(pb.GetAnalysisRequest(name=f"{PROJECT}/analyses/none"))
    assert error.value.reason == "ANALYSIS_NOT_FOUND"


def test_the_taxonomy_is_proposed_edited_and_kept_free_of_cycles(curation, conflict):
    name = f"{PROJECT}/taxonomy"
    old = curation.stub.GetTaxonomy(pb.GetTaxonomyRequest(name=name))
    topic = pb.Taxonomy.Topic(id="records", title="Records", terms=["audit records"])
    new = curation.stub.UpdateTaxonomy(
        pb.UpdateTaxonomyRequest(taxonomy=pb.Taxonomy(name=name, topics=[topic], etag=old.etag))
    )
    assert new.author == testing.CALLER.subject
    answer = curation.stub.ListClaims(pb.ListClaimsRequest(parent=PROJECT))
    assert {tuple(claim.topics) for claim in answer.claims} == {("records",)}
    a, b = pb.Taxonomy.Topic(id="a", title="A", parent="b"), pb.Taxonomy.Topic(id="b", title="B", parent="a")
    for topics, etag, kind, reason in (
        ([a, b], "", Invalid, "TAXONOMY_CYCLE"),
        ([pb.Taxonomy.Topic(id="A b")], "", Invalid, "TOPIC_INVALID"),
        ([topic], old.etag, Conflict, "ETAG_MISMATCH"),
    ):
        with pytest.raises(kind) as error:
            curation.stub.UpdateTaxonomy(
                pb.UpdateTaxonomyRequest(taxonomy=pb.Taxonomy(name=name, topics=topics, etag=etag))
            )
        assert error.value.reason == reason
