"""What every database must do for a service. SQLite always; PostgreSQL where WHETSTONE_TEST_POSTGRES names one."""

import os
import uuid
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from services.chassis import store as chassis_store
from services.chassis.errors import NotFound
from services.chassis.store import (
    EtagMismatch,
    NameTaken,
    Page,
    PageSizeInvalid,
    PageTokenInvalid,
    RequestIdReused,
    Resources,
    open_store,
    resource_table,
)


@dataclass(frozen=True)
class Widget:
    name: str
    size: int = 0
    etag: str = ""


class WidgetNotFound(NotFound):
    reason = "WIDGET_NOT_FOUND"


PARENT = "projects/p"
POSTGRES = os.environ.get("WHETSTONE_TEST_POSTGRES", "")


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.skipif(not POSTGRES, reason="no database"))]
)
def store(request, tmp_path):
    opened = open_store(POSTGRES if request.param == "postgres" else "", tmp_path, "widgets")
    yield opened
    opened.close()


@pytest.fixture
def widgets(store):
    table = resource_table(sa.MetaData(), f"w{uuid.uuid4().hex[:8]}", sa.Column("size", sa.Integer))
    with store.begin() as tx:
        table.create(tx)
    yield Resources(table, Widget, WidgetNotFound)
    with store.begin() as tx:
        table.drop(tx)


def widget(n, size=0):
    return Widget(f"{PARENT}/widgets/{n:03d}", size)


def test_what_is_created_is_read_back_with_an_etag(store, widgets):
    with store.begin() as tx:
        made, is_new = widgets.create(tx, "acme", widget(1, 5))
    with store.read() as tx:
        assert widgets.get(tx, "acme", made.name) == made
    assert is_new
    assert made.size == 5
    assert made.etag


def test_an_error_leaves_nothing_behind(store, widgets):
    with pytest.raises(RuntimeError), store.begin() as tx:
        widgets.create(tx, "acme", widget(1))
        raise RuntimeError
    with store.read() as tx:
        assert widgets.find(tx, "acme", widget(1).name) is None


def test_a_tenant_does_not_see_another_tenants_resources(store, widgets):
    with store.begin() as tx:
        widgets.create(tx, "acme", widget(1))
        assert widgets.find(tx, "other", widget(1).name) is None
        assert widgets.page(tx, "other", PARENT, Page()) == ([], "")
        with pytest.raises(WidgetNotFound):
            widgets.get(tx, "other", widget(1).name)


def test_the_same_request_is_the_same_resource_and_another_body_is_refused(store, widgets):
    with store.begin() as tx:
        first, _ = widgets.create(tx, "acme", widget(1), "r1", "body")
        again, is_new = widgets.create(tx, "acme", widget(2), "r1", "body")
        assert (again, is_new) == (first, False)
        with pytest.raises(RequestIdReused):
            widgets.create(tx, "acme", widget(3), "r1", "another body")


def test_a_taken_name_is_refused_and_the_transaction_lives_on(store, widgets):
    with store.begin() as tx:
        widgets.create(tx, "acme", widget(1))
        with pytest.raises(NameTaken):
            widgets.create(tx, "acme", widget(1))
        widgets.create(tx, "acme", widget(2))


def test_a_stale_etag_changes_nothing(store, widgets):
    with store.begin() as tx:
        first, _ = widgets.create(tx, "acme", widget(1))
        second = widgets.put(tx, "acme", replace(first, size=2), etag=first.etag)
        with pytest.raises(EtagMismatch):
            widgets.put(tx, "acme", replace(first, size=3), etag=first.etag)
        assert widgets.get(tx, "acme", first.name) == second


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_hold_each_resource_once_in_order(store, widgets, size):
    with store.begin() as tx:
        for n in range(7):
            widgets.create(tx, "acme", widget(n))
        widgets.create(tx, "acme", Widget("projects/q/widgets/000"))
        seen, token = [], ""
        while True:
            rows, token = widgets.page(tx, "acme", PARENT, Page(size, token))
            seen += [row.name for row in rows]
            if not token:
                break
    assert seen == [widget(n).name for n in range(7)]


def test_a_dash_stands_for_any_parent(store, widgets):
    with store.begin() as tx:
        widgets.create(tx, "acme", widget(1))
        widgets.create(tx, "acme", Widget("projects/q/widgets/000"))
        assert len(widgets.page(tx, "acme", "projects/-", Page())[0]) == 2
        assert len(widgets.all(tx, "acme", PARENT)) == 1


def test_bad_paging_is_refused(store, widgets):
    with store.read() as tx:
        with pytest.raises(PageSizeInvalid):
            widgets.page(tx, "acme", PARENT, Page(-1))
        with pytest.raises(PageTokenInvalid):
            widgets.page(tx, "acme", PARENT, Page(0, "%%%"))


def test_a_page_is_never_larger_than_its_limit():
    assert Page(10**6).limit() == chassis_store.MAX_PAGE
