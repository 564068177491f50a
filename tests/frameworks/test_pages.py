"""The rest of the pages: migrations and tests of an app, run as its framework runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from guide import snippet
from site_of import HERE, PROGRAM, SECONDS, Site


def schema(dialect):
    return subprocess.run([PROGRAM, "schema", "--dialect", dialect], capture_output=True, text=True, check=True).stdout


def run(site, *command, **more):
    ended = subprocess.run(
        command,
        cwd=site.folder,
        env={**os.environ, **site.environment, **more},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_django_migrates_and_its_test_passes(servers, mock, tmp_path):
    site = Site("django", "django.md", "postgresql", servers, mock, tmp_path)
    migrations = tmp_path / "shop" / "migrations"
    (migrations / "oo-webhooks.sql").write_text(schema("postgresql"))
    (migrations / "0001_initial.py").write_text(
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        "    operations = [migrations.CreateModel('Customer', [('id', models.BigAutoField(primary_key=True)),\n"
        "        ('onoffice_id', models.BigIntegerField(null=True)), ('city', models.TextField())])]\n"
    )
    for folder in (migrations, migrations.parent):
        (folder / "__init__.py").touch()
    program = (
        f"import sys; sys.path.append({str(HERE / 'apps')!r}); import django_project; django_project.set_up(); "
        "from django.core.management import call_command; call_command('test', 'shop')"
    )
    # The test's own database is made by the migrations.
    assert "Ran 1 test" in run(site, sys.executable, "-c", program)


def test_laravel_migrates_and_its_test_passes(servers, mock, tmp_path):
    site = Site("laravel", "laravel.md", "mariadb", servers, mock, tmp_path)
    tables = ("outbox", "record", "schema")
    site.server.run(site.database, "".join(f"DROP TABLE oo_webhooks_{table};" for table in tables))
    (tmp_path / "database" / "oo-webhooks.sql").write_text(schema("mariadb"))
    (tmp_path / "bootstrap.php").write_text(
        f"<?php require '{HERE}/apps/laravel_app.php'; $app = laravel();"
        "Illuminate\\Support\\Facades\\Artisan::call('migrate', ['--force' => true]);"
        "Illuminate\\Support\\Facades\\DB::statement('CREATE TABLE customers (id BIGINT AUTO_INCREMENT PRIMARY KEY,"
        " onoffice_id BIGINT, city TEXT, created_at DATETIME, updated_at DATETIME)');"
    )
    (tmp_path / "tests" / "TestCase.php").write_text(
        "<?php namespace Tests; abstract class TestCase extends \\Illuminate\\Foundation\\Testing\\TestCase"
        "{ public function createApplication() { return laravel(); } }"
    )
    phpunit = subprocess.run(["which", "phpunit"], capture_output=True, text=True, check=True).stdout.strip()
    words = ("-d", "error_reporting=8191", phpunit, "--no-configuration", "--bootstrap", "bootstrap.php")
    # PHPUnit 11 says what else it has to say of Laravel, after its OK.
    said = run(site, "php", *words, "tests/Feature/CustomerTest.php")
    assert re.search(r"^OK \(1 test|^OK, .*\nTests: 1, ", said, re.MULTILINE), said
    assert site.server.value(site.database, "SELECT version FROM oo_webhooks_schema") == "1"


def test_the_tests_of_symfony_and_wordpress_pass(servers, mock, tmp_path):
    for name, page, before in (
        ("symfony", "symfony.md", f"require '{HERE}/apps/symfony_services.php'; $connection = connection();"),
        ("wordpress", "wordpress.md", f"require '{HERE}/apps/wordpress_site.php';"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        site = Site(name, page, "mariadb", servers, mock, folder)
        (folder / "test.php").write_text(f"<?php {before}\n" + snippet(page, "new OoWebhooks\\FakeOutboxTable"))
        assert run(site, "php", "-d", "zend.assertions=1", "-d", "error_reporting=8191", "test.php") == ""
