"""That no site loses a save, and that none executes a webhook twice by itself."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from site_of import Site

SITES = {
    "laravel": ("laravel.md", "mariadb"),
    "symfony": ("symfony.md", "mariadb"),
    "messenger": ("symfony.md", "mariadb"),
    "wordpress": ("wordpress.md", "mariadb"),
    "django": ("django.md", "postgresql"),
    "celery": ("celery.md", "postgresql"),
}


@pytest.fixture(scope="module", params=SITES)
def built(request, servers, session_mock, tmp_path_factory):
    page, kind = SITES[request.param]
    site = Site(request.param, page, kind, servers, session_mock, tmp_path_factory.mktemp(request.param))
    if request.param == "celery":
        site.environment["SITE_REDIS"] = servers("redis").socket
    return site


@pytest.fixture
def site(built, mock):
    yield built
    built.end_workers()
    built.server.run(built.database, "DELETE FROM oo_webhooks_outbox; DELETE FROM oo_webhooks_record;")


@pytest.fixture
def app(site):
    app = site.app()
    yield app
    app.end()


def test_what_is_rolled_back_is_not_executed(site, app):
    app.do("rollback 1")
    site.work_once()
    assert (site.executed(), site.records()) == ([], {})
    app.do("rollback 2")
    app.do("save 2")
    site.work_once()
    assert site.executed() == [2]


def test_saves_of_a_record_in_a_row_are_one_call(site, app):
    for _ in range(10):
        app.do("save 1")
    site.work_once()
    assert (site.executed(), site.records()) == ([1], {})


def test_concurrent_saves_of_one_and_of_many_records(site):
    begun = {}
    writers, rounds = 4, 12

    def write(number):
        app = site.app()
        for round in range(rounds):
            for id in (1, 1000 * number + round):
                begun[id] = time.time()
                app.do(f"save {id}")
        app.end()

    site.start_worker()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(1, writers + 1)))
    site.wait_until_idle()
    executed = Counter(site.executed())
    assert set(executed) == set(begun)
    assert executed.pop(1) <= writers * rounds
    assert set(executed.values()) == {1}
    last = {entry["id"]: entry["time_ms"] / 1000 for entry in site.mock._ask("GET", "/mock/ledger")["entries"]}
    assert {id for id in begun if last[id] < begun[id]} == set(), "a call came before the last save"


def test_a_save_while_one_is_sending_is_one_more_call(site, app):
    site.mock.faults({"kind": "delay", "ms": 1000, "times": 1})
    app.do("save 1")
    site.start_worker()
    site.wait_for(1)
    app.do("save 1")
    site.wait_for(1, 1)
    site.wait_until_idle()
    assert (site.executed(), site.records()) == ([1, 1], {})


def test_an_outage_of_an_hour_is_sat_out(site, app):
    site.mock.faults({"kind": "close_on_accept"})
    app.do("save 1")
    for _ in range(12):
        site.work_once()
        assert (site.executed(), site.records()) == ([], {"waiting": 1})
        site.pass_hours(5 / 60)
    app.do("save 1")
    assert site.mock.counts()["faults"] >= 12, "it was tried"
    site.mock.faults()
    site.pass_hours(0.5)
    site.work_once()
    assert (site.executed(), site.records()) == ([1], {})


def test_a_worker_that_is_killed_in_the_middle_of_a_call_leaves_a_doubt(site, app):
    site.mock.faults({"kind": "delay", "ms": 20_000, "times": 1})
    app.do("save 1")
    site.start_worker()
    site.wait_for(1)
    site.kill_workers()
    for _ in range(3):
        site.pass_hours(1)
        site.work_once()
        assert (site.executed(), site.records()) == ([1], {"doubt": 1})
    app.do("save 1")
    site.work_once()
    assert (site.executed(), site.records()) == ([1, 1], {})


def test_the_database_is_killed_in_the_middle_of_saves_and_of_a_call(site):
    site.mock.faults({"kind": "delay", "ms": 1000, "times": 1})
    app = site.app()
    app.do("save 1")
    site.start_worker()
    site.wait_for(1)
    site.server.kill()
    failed = app.say("save 2")
    assert failed != "ok"
    app.end()
    site.server.start()
    app = site.app()
    app.do("save 3")
    app.end()
    site.wait_until_idle()
    assert (sorted(site.executed()), site.records()) == ([1, 3], {})
