"""The project of docs/django.md in this folder."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings

sys.path.insert(0, str(Path.cwd()))


def set_up():
    settings.configure(
        INSTALLED_APPS=["shop"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": os.environ["SITE_SOCKET"],
                "NAME": os.environ["SITE_DATABASE"],
                "USER": "root",
            }
        },
    )
    django.setup()
