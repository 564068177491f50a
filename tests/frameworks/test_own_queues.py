"""What a framework's own queue loses or doubles: the figures in the tables of docs/, measured."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from site_of import HERE, Site, wait_until

# So long a queue waits before it hands out again what a dead worker had: Laravel's retry_after, Messenger's
# redeliver_timeout, in apps/.
PATIENCE = 5


@pytest.fixture
def queue_of(servers, mock, tmp_path):
    """A site whose app uses the framework's own queue."""

    def queue(name, page):
        site = Site(name, page, "mariadb", servers, mock, tmp_path)
        site.command = ["php", "-d", "ffi.enable=true", str(HERE / "apps" / f"{name}_queue.php")]
        site.environment.update(mock.environment())
        return site

    return queue


def work_off(site):
    """A worker runs until nothing is left."""
    worker = site.app()
    assert worker.say("work 0") in ("ok", ""), "Laravel's worker ends with its process"
    worker.end()


def killed_in_the_middle_of_calls(site, count):
    """So many records, each saved and its worker killed in the middle of the call."""
    site.mock.faults({"kind": "delay", "ms": 20_000, "times": count})
    app = site.app()
    for id in range(1, count + 1):
        app.do(f"save {id}")
        worker = site.app()
        worker.order("work 1")
        wait_until(f"{id} is being executed", lambda id=id: id in site.executed())
        worker.kill()
    app.end()
    time.sleep(PATIENCE)
    work_off(site)
    return Counter(site.executed())


def lost_where_the_app_dies_behind_the_commit(site, count):
    for id in range(1, count + 1):
        site.app().die(f"die {id}")
    work_off(site)
    return count - len(site.executed())


def test_laravel_loses_saves_after_a_rollback(queue_of):
    site = queue_of("laravel", "laravel.md")
    app = site.app()
    for id in range(1, 11):
        app.do(f"rollback {id}")
        app.do(f"save {id}")
    app.end()
    work_off(site)
    assert site.executed() == [], "10 of 10 lost"


def test_laravel_loses_saves_while_their_job_runs(queue_of):
    site = queue_of("laravel", "laravel.md")
    site.mock.faults({"kind": "delay", "ms": 500})
    app, worker = site.app(), site.app()
    worker.order("work 1")
    for id in range(1, 11):
        app.do(f"save {id}")
        wait_until("it is being executed", lambda id=id: id in site.executed())
        app.do(f"save {id}")
        wait_until("it is done", lambda: site.server.value(site.database, "SELECT COUNT(*) FROM jobs") == "0")
    worker.kill()
    app.end()
    work_off(site)
    assert site.executed() == list(range(1, 11)), "10 of 10 second saves lost"


@pytest.mark.parametrize(("name", "page"), [("laravel", "laravel.md"), ("messenger", "symfony.md")])
def test_a_queue_executes_twice_after_its_worker_was_killed(queue_of, name, page):
    assert killed_in_the_middle_of_calls(queue_of(name, page), 3) == {1: 2, 2: 2, 3: 2}


@pytest.mark.parametrize(("name", "page"), [("laravel", "laravel.md"), ("messenger", "symfony.md")])
def test_a_queue_loses_what_its_app_did_not_live_to_push(queue_of, name, page):
    assert lost_where_the_app_dies_behind_the_commit(queue_of(name, page), 10) == 10


def test_messenger_makes_as_many_calls_as_saves(queue_of):
    site = queue_of("messenger", "symfony.md")
    app = site.app()
    for _ in range(10):
        app.do("save 1")
    app.end()
    work_off(site)
    assert site.executed() == [1] * 10


def test_wp_cron_loses_saves_to_each_other(queue_of):
    site = queue_of("wordpress", "wordpress.md")
    site.app().end()

    def write(number):
        app = site.app()
        # What WP-Cron itself sees as not taken is not counted as lost.
        said = [app.say(f"save {1000 * number + round}") for round in range(25)]
        app.end()
        return said.count("ok")

    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(write, range(1, 5)))
    work_off(site)
    lost = taken - len(site.executed())
    print(f"WP-Cron took {taken} of 100 and lost {lost} of them")
    assert lost > 0


def test_wp_cron_forgets_calls_whose_process_was_killed(queue_of):
    assert killed_in_the_middle_of_calls(queue_of("wordpress", "wordpress.md"), 3) == {1: 1, 2: 1, 3: 1}
