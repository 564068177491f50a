"""Puts the shared library into the wheel, and the platform that it was built for into the wheel's tag."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILE_NAME = "liboo_webhooks.so.1"


class LibraryHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        library = self._library()
        if library is None:
            self.app.display_warning(f"the wheel will not hold {FILE_NAME}: it will be looked for on the system")
            return
        build_data["force_include"][str(library)] = f"oo_webhooks/{FILE_NAME}"
        build_data["pure_python"] = False
        # ctypes works with every interpreter. The platform is that of the machine that built the library, unless
        # who built it for older systems, or for others, says which.
        platform = os.environ.get("OO_WEBHOOKS_WHEEL_PLATFORM") or sysconfig.get_platform()
        build_data["tag"] = "py3-none-" + platform.replace("-", "_").replace(".", "_")
        # Licences travel with the library.
        documents = library.parents[1] / "share" / "doc" / "oo_webhooks"
        licences = {str(file): f"oo_webhooks/licenses/{file.name}" for file in documents.glob("*")}
        build_data["force_include"].update(licences)

    def _library(self) -> Path | None:
        """The staged library; none for an sdist, which has no build folder."""
        project = Path(self.root).parents[1]
        in_project = (project / "include" / "oo_webhooks.h").exists()
        build = os.environ.get("OO_WEBHOOKS_BUILD") or (str(project / "build") if in_project else "")
        if not build:
            return None
        library = Path(build, "lib", FILE_NAME)
        if not library.exists():
            raise FileNotFoundError(f"{library} does not exist: run `make build` at the root of the project first")
        return library
