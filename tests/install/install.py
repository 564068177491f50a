"""make install over an installation in use, and make uninstall."""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))

import tap  # noqa: E402
from mock import BUILD, Mock  # noqa: E402

CALLER = BUILD / "tests" / "install" / "caller"
LIBRARY = "lib/liboo_webhooks.so.1"
VERSION = os.readlink(BUILD / LIBRARY).removeprefix("liboo_webhooks.so.1.")
PROGRAM = "bin/oo-webhooks"
LIST = "share/oo_webhooks/installed"
PARTS = ("lib", "include", "bin", "share")
HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 8
# A wait that only a defect makes long.
SECONDS = 30


def who_uses_the_installation_goes_on_while_it_is_replaced():
    with Folder() as folder, Mock() as mock:
        builds = [BUILD, another_build(folder)]
        prefix = installed(folder / "prefix", BUILD)
        environment = {**os.environ, **mock.environment, "LD_LIBRARY_PATH": str(prefix / "lib")}
        # The kernel refuses to have a program written to that runs.
        program = [prefix / PROGRAM, "mock", "--quiet", "--exit-with-parent"]
        with (
            Running(program),
            Caller(environment) as caller,
            Repeated(lambda: run([CALLER, "once"], env=environment)) as starts,
            Repeated(lambda: every_file_is_whole(prefix, builds)) as looks,
        ):
            for round in range(ROUNDS):
                installed(prefix, builds[(round + 1) % 2])
                # One may have been under way; the next one began with the new file in its place.
                caller.wait_for_calls(2)
        assert min(starts.times, looks.times) >= ROUNDS // 4, (starts.times, looks.times)
        executed = mock.counts()["executed"]
        assert executed == caller.calls + starts.times, (executed, caller.calls, starts.times)


def what_is_open_stays_what_it_was():
    with Folder() as folder:
        prefix = installed(folder / "prefix", BUILD)
        check_that_what_is_open_stays(prefix, lambda: installed(prefix, another_build(folder)))
        assert (prefix / LIBRARY).read_bytes() != (BUILD / LIBRARY).read_bytes()


def what_is_open_stays_what_it_was_when_it_is_built_anew():
    with Folder() as folder:
        stage = [ROOT / "tools" / "stage", folder / "build"]
        run(stage)
        check_that_what_is_open_stays(folder / "build", lambda: run(stage))
        check_that_it_is_the_build(folder / "build")


def check_that_what_is_open_stays(prefix, replace):
    """As a process does that has the file mapped: nobody writes into it, and the name gets another one."""
    names = files_of(prefix)
    assert f"{LIBRARY}.{VERSION}" in names
    opened = {name: open(prefix / name, "rb") for name in names}
    before = {name: file.read() for name, file in opened.items()}
    replace()
    for name, file in opened.items():
        with file:
            file.seek(0)
            assert file.read() == before[name], name
            assert os.fstat(file.fileno()).st_ino != os.stat(prefix / name).st_ino, name


def everything_is_installed_for_everybody_whatever_the_umask():
    with Folder() as folder:
        prefix = folder / "prefix"
        make("install", prefix, BUILD, umask=0o077)
        check_that_it_is_the_build(prefix)
        assert os.readlink(prefix / "lib/liboo_webhooks.so") == "liboo_webhooks.so.1"
        assert os.readlink(prefix / LIBRARY) == f"liboo_webhooks.so.1.{VERSION}"
        for path in (prefix, *prefix.rglob("*")):
            executable = path.is_dir() or path == prefix / PROGRAM or path.name.startswith("liboo_webhooks.so")
            assert stat.S_IMODE(path.stat().st_mode) == (0o755 if executable else 0o644), path


def what_is_uninstalled_is_what_was_installed():
    with Folder() as folder:
        prefix = folder / "prefix"
        for name in ("lib/libother.so.1", "lib/pkgconfig/other.pc", "share/other/text", "bin/other"):
            (prefix / name).parent.mkdir(parents=True, exist_ok=True)
            (prefix / name).write_text(name)
        (prefix / "lib" / "libother.so").symlink_to("libother.so.1")
        before = tree(prefix)
        for build in (BUILD, another_build(folder), BUILD):
            installed(prefix, build)
        make("uninstall", prefix)
        assert tree(prefix) == before

        installed(prefix, BUILD)
        (prefix / "lib/cmake/oo_webhooks/mine.cmake").write_text("mine")
        make("uninstall", prefix)
        gone = {"lib/cmake", "lib/cmake/oo_webhooks", "lib/cmake/oo_webhooks/mine.cmake"}
        assert tree(prefix).keys() - before.keys() == gone


def what_a_later_version_lacks_stays_until_it_is_uninstalled():
    with Folder() as folder:
        prefix = folder / "prefix"
        earlier = another_build(folder)
        (earlier / "lib" / "liboo_webhooks.so.0").write_text("for programs that were linked before")
        (earlier / "include" / "old").mkdir()
        (earlier / "include" / "old" / "old.h").write_text("")
        installed(prefix, earlier)
        installed(prefix, BUILD)
        assert (prefix / "lib" / "liboo_webhooks.so.0").exists()
        make("uninstall", prefix)
        assert tree(prefix) == {}


def the_library_of_another_version_goes_when_the_soname_no_longer_leads_to_it():
    with Folder() as folder, Mock() as mock:
        other = another_build(folder, "9.9.9")
        prefix = installed(folder / "prefix", BUILD)
        environment = {**os.environ, **mock.environment, "LD_LIBRARY_PATH": str(prefix / "lib")}
        with Caller(environment) as caller:
            # Up and down.
            for version, build in (("9.9.9", other), (VERSION, BUILD)):
                installed(prefix, build)
                run([CALLER, "once"], env=environment)
                libraries = sorted(path.name for path in (prefix / "lib").glob("*.so*"))
                assert libraries == ["liboo_webhooks.so", "liboo_webhooks.so.1", f"liboo_webhooks.so.1.{version}"]
                # What the loader's own program would do as root.
                run(["/sbin/ldconfig", "-N", "-n", prefix / "lib"])
                assert os.readlink(prefix / LIBRARY) == f"liboo_webhooks.so.1.{version}"
                caller.wait_for_calls(2)
        # Nobody's but ours.
        (prefix / "lib/liboo_webhooks.so.1.mine").write_text("mine")
        installed(prefix, other)
        make("uninstall", prefix)
        assert tree(prefix).keys() == {"lib", "lib/liboo_webhooks.so.1.mine"}


def an_installation_that_was_cut_off_is_uninstalled():
    with Folder() as folder:
        prefix = folder / "prefix"
        in_the_way = prefix / "include" / "oo_webhooks.h"
        in_the_way.mkdir(parents=True)
        failed = make("install", prefix, succeeds=False)
        assert str(in_the_way) in failed.stderr, failed.stderr
        assert (prefix / LIBRARY).exists()
        in_the_way.rmdir()
        make("uninstall", prefix)
        assert tree(prefix) == {"include": "folder"}


def c_and_cpp_find_it_in_whatever_folder_libraries_lie():
    with Folder() as folder:
        multiarch = run(["gcc", "-print-multiarch"]).stdout.strip()
        for libdir in ("lib", "lib64", f"lib/{multiarch}"):
            prefix = folder / libdir.replace("/", "-")
            make("install", prefix, LIBDIR=libdir)
            assert (prefix / libdir / "liboo_webhooks.so.1").exists()
            check_that_programs_are_built(prefix, prefix / libdir)
            make("uninstall", prefix)
            assert tree(prefix) == {}, libdir
        failed = make("install", folder / "prefix", succeeds=False, LIBDIR="/usr/lib64")
        assert "LIBDIR is below PREFIX" in failed.stderr, failed.stderr


def a_prefix_may_have_spaces_and_be_moved_and_none_but_root_may_read_it():
    with Folder() as folder:
        make("install", folder / "a prefix", umask=0o077)
        moved = folder / "moved to here"
        (folder / "a prefix").rename(moved)
        check_that_programs_are_built(moved, moved / "lib")
        make("uninstall", moved)
        assert tree(moved) == {}


def what_lies_in_usr_is_found_where_lib_is_a_link_to_it():
    with Folder() as folder:
        make("install", folder / "usr")
        (folder / "lib").symlink_to("usr/lib")
        # As CMake does it, whose prefix is / when it looks into /lib first.
        check_that_programs_are_built(folder, folder / "lib")


def the_cpp_layer_can_be_added_beside_installed_headers():
    with Folder() as folder:
        make("install", folder / "prefix")
        check_cmake(folder, folder / "prefix", f'add_subdirectory("{ROOT}/bindings/cpp" layer)')


def check_that_programs_are_built(prefix, libdir):
    """With pkg-config's flags and with CMake's package, found from `libdir` and below `prefix`."""
    with Folder() as folder:
        environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
        # Flags are quoted for a shell.
        flags = run(["pkg-config", "--cflags", "--libs", "oo_webhooks"], env=environment).stdout
        run(["sh", "-c", f'cc "{HERE}/version.c" -o "{folder}/version" {flags}'])
        run([folder / "version"], env={**os.environ, "LD_LIBRARY_PATH": str(libdir)})
        check_cmake(folder, prefix, "find_package(oo_webhooks 0.1 CONFIG REQUIRED)")


def check_cmake(folder, prefix, how):
    source = folder / "source"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES C CXX)\n"
        # As on systems that have lib64.
        "set_property(GLOBAL PROPERTY FIND_LIBRARY_USE_LIB64_PATHS TRUE)\n" + how + "\n"
        f'add_executable(c "{HERE}/version.c")\ntarget_link_libraries(c oo_webhooks::oo_webhooks)\n'
        f'add_executable(cpp "{HERE}/version.cpp")\ntarget_link_libraries(cpp oo_webhooks::cpp)\n'
    )
    made = folder / "made"
    run(["cmake", "-S", source, "-B", made, f"-DCMAKE_PREFIX_PATH={prefix}"])
    run(["cmake", "--build", made])
    run([made / "c"])
    run([made / "cpp"])


def the_loader_is_told_though_its_program_is_not_in_the_path():
    cache, path = pathlib.Path("/etc/ld.so.cache"), "/usr/bin:/bin"
    if os.getuid() != 0 or shutil.which("ldconfig", path=path):
        raise tap.Skip("only root tells the loader, from a PATH without /sbin")
    with Folder() as folder:
        for target in ("install", "uninstall"):
            before = cache.stat().st_mtime_ns
            make(target, folder / "prefix", DESTDIR="", PREFIX=folder / "prefix", PATH=path)
            assert cache.stat().st_mtime_ns > before, target
        assert tree(folder / "prefix") == {}


def what_cannot_be_done_is_said():
    with Folder() as folder:
        prefix = folder / "prefix"
        failed = make("uninstall", prefix, succeeds=False)
        assert f"nothing to uninstall: {prefix}/{LIST} is missing" in failed.stderr, failed.stderr
        failed = make("install", prefix, folder / "no-build", succeeds=False)
        assert "nothing to install: run make build first" in failed.stderr, failed.stderr

        (folder / "precious").write_text("")
        installed(prefix, BUILD)
        for path in ("../precious", "lib/../../precious", f"{folder}/precious", "lib/.."):
            (prefix / LIST).write_text(f"{LIBRARY}\n{path}\n")
            failed = make("uninstall", prefix, succeeds=False)
            assert f'names "{path}", which is not below' in failed.stderr, failed.stderr
        assert (folder / "precious").exists()
        assert (prefix / LIBRARY).exists()


class Folder:
    """A folder for one test."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="oo-webhooks-install-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


class Running:
    """A program that runs until the end of the `with` block, where its standard input closes."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        early = self.process.poll()
        self.process.stdin.close()
        ended = self.process.wait(SECONDS)
        self.read_to_the_end()
        self.process.stdout.close()
        if kind is None:
            assert (early, ended) == (None, 0), f"the program ended with {ended}" + (", too early" if early is not None else "")

    def read_to_the_end(self):
        self.process.stdout.read()


class Caller(Running):
    """The program that calls all the time."""

    def __init__(self, environment):
        super().__init__([CALLER], env=environment)
        self.calls = 0
        self.is_over = False
        self.counted = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        while calls := os.read(self.process.stdout.fileno(), 4096):
            with self.counted:
                self.calls += len(calls)
                self.counted.notify_all()
        with self.counted:
            self.is_over = True
            self.counted.notify_all()

    def wait_for_calls(self, count):
        with self.counted:
            wanted = self.calls + count
            done = self.counted.wait_for(lambda: self.calls >= wanted or self.is_over, SECONDS)
            assert done, "the program stands still"
            assert not self.is_over, f"the program ended with {self.process.wait(SECONDS)}"

    def read_to_the_end(self):
        self.reader.join(SECONDS)


class Repeated:
    """Something that a thread does over and over until the end of the `with` block."""

    def __init__(self, action):
        self.times = 0
        self.error = None
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.repeat, args=(action,))

    def __enter__(self):
        self.thread.start()
        return self

    def repeat(self, action):
        try:
            while not self.enough.is_set():
                action()
                self.times += 1
        except Exception as error:
            self.error = error

    def __exit__(self, kind, *_):
        self.enough.set()
        self.thread.join(SECONDS)
        if kind is None and self.error:
            raise self.error


def every_file_is_whole(prefix, builds):
    """At every moment each name is there and has what one of the builds has."""
    for name in files_of(BUILD):
        found = (prefix / name).read_bytes()
        assert any(found == (build / name).read_bytes() for build in builds), f"{name} is cut off: {len(found)} bytes"


def another_build(folder, version=VERSION):
    """The same files, each a little longer, which does a library or program no harm, and a number in its name."""
    build = folder / "another-build"
    if not build.exists():
        for part in PARTS:
            shutil.copytree(BUILD / part, build / part, symlinks=True)
        for name in files_of(build):
            with open(build / name, "ab") as file:
                file.write(b"\n")
        (build / LIBRARY).unlink()
        (build / f"{LIBRARY}.{VERSION}").rename(build / f"{LIBRARY}.{version}")
        (build / LIBRARY).symlink_to(f"liboo_webhooks.so.1.{version}")
    return build


def installed(prefix, build):
    make("install", prefix, build)
    return prefix


def make(target, prefix, build=BUILD, umask=0o022, succeeds=True, **variables):
    # Not with the variables and job server of the make that runs this.
    private = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
    environment = {name: value for name, value in os.environ.items() if name not in private}
    # With DESTDIR the system's loader is left alone.
    command = ["make", "--silent", "-C", ROOT, target, f"DESTDIR={prefix.parent}", f"PREFIX=/{prefix.name}"]
    command += [f"{name}={value}" for name, value in variables.items()]
    return run(command, succeeds, env={**environment, "OO_WEBHOOKS_BUILD": str(build)}, umask=umask)


def run(command, succeeds=True, **options):
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10 * SECONDS, **options
    )
    assert (ended.returncode == 0) == succeeds, f"{command} ended with {ended.returncode}: {ended.stdout}{ended.stderr}"
    return ended


def files_of(folder):
    """The names of the regular files that are installed."""
    found = (path for part in PARTS for path in (folder / part).rglob("*"))
    return sorted(str(path.relative_to(folder)) for path in found if path.is_file() and not path.is_symlink())


def tree(folder):
    """Everything below a folder: what kind of thing it is, and what is in it."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink()
        else path.read_bytes() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def check_that_it_is_the_build(folder):
    for part in PARTS:
        one, other = tree(folder / part), tree(BUILD / part)
        one.pop(LIST.removeprefix("share/") if part == "share" else None, None)
        assert one == other, [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]


tap.run(
    who_uses_the_installation_goes_on_while_it_is_replaced,
    what_is_open_stays_what_it_was,
    what_is_open_stays_what_it_was_when_it_is_built_anew,
    everything_is_installed_for_everybody_whatever_the_umask,
    what_is_uninstalled_is_what_was_installed,
    what_a_later_version_lacks_stays_until_it_is_uninstalled,
    the_library_of_another_version_goes_when_the_soname_no_longer_leads_to_it,
    an_installation_that_was_cut_off_is_uninstalled,
    c_and_cpp_find_it_in_whatever_folder_libraries_lie,
    a_prefix_may_have_spaces_and_be_moved_and_none_but_root_may_read_it,
    what_lies_in_usr_is_found_where_lib_is_a_link_to_it,
    the_cpp_layer_can_be_added_beside_installed_headers,
    the_loader_is_told_though_its_program_is_not_in_the_path,
    what_cannot_be_done_is_said,
)
