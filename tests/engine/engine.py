"""A Docker engine of the test's own, and the base images that it builds on.

The daemon runs in a mount and a process namespace of its own: no socket, container or image of another daemon is
reached, and whatever it started ends with it, also where this program is killed.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

DOCKER, DOCKERD = "/usr/bin/docker", "/usr/sbin/dockerd"
CGROUP = "dockfix-engine"


class Skip(Exception):
    """Why there can be no engine on this machine."""


class Broken(Exception):
    """What went wrong with an engine that was there."""


def output(*command, **options):
    """What a command prints, or Broken with the end of what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command[:4])} …: exit {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def codename():
    """Debian's name for the system that this is, or Skip."""
    if os.geteuid() != 0:
        raise Skip("it needs root")
    try:
        release = dict(re.findall(r'^(\w+)="?(.*?)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))
    except OSError:
        release = {}
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        raise Skip("it needs a release of Debian")
    return release["VERSION_CODENAME"]


def install():
    """Installs the engine and debootstrap where they are missing, without letting apt start a service."""
    if not (Path(DOCKERD).exists() and shutil.which("debootstrap")):
        policy = Path("/usr/sbin/policy-rc.d")
        ours = not policy.exists()
        try:
            if ours:
                policy.write_text("#!/bin/sh\nexit 101\n")
                policy.chmod(0o755)
            apt("update")
            apt("install", "--yes", "--no-install-recommends", "docker.io", "debootstrap")
        finally:
            if ours:
                policy.unlink()
    # From Debian 13 on the client and what it builds with are packages of their own.
    names = [name for name, path in CLIENTS.items() if not Path(path).exists() and is_package(name)]
    if names:
        apt("install", "--yes", "--no-install-recommends", *names)


CLIENTS = {"docker-cli": DOCKER, "docker-buildx": "/usr/libexec/docker/cli-plugins/docker-buildx"}


def is_package(name):
    done = subprocess.run(["apt-cache", "show", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.returncode == 0 and bool(done.stdout)


def apt(*arguments, **options):
    try:
        output("apt-get", "-qq", *arguments, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, **options)
    except (Broken, OSError) as error:
        raise Skip(f"apt-get {arguments[0]} failed: {error}") from error


# Run in the new namespaces, with the root of the engine's system, if it has its own, and the folder of this run. That root
# becomes the root there. Where this system's containerd has its folder, an empty one makes the daemon start its own.
ENTER = """
system=$1 folder=$2
shift 2
if [ "$system" ]; then
    mount --bind "$system" "$system"
    for it in dev sys; do mount --rbind "/$it" "$system/$it"; done
    mount -t proc none "$system/proc"
    mount -t tmpfs none "$system/tmp"
    mount -t tmpfs none "$system/run"
    mkdir -p "$system/$folder"
    mount --bind "$folder" "$system/$folder"
    touch "$system/etc/resolv.conf"
    mount --bind "$(realpath /etc/resolv.conf)" "$system/etc/resolv.conf"
    cd "$system"
    pivot_root . .
    umount --lazy .
    cd /
elif [ -d /run/containerd ]; then
    mount -t tmpfs none /run/containerd
fi
exec "$@"
"""


class Engine:
    """The daemon. To be used in a `with`, at whose end it is gone with all it made."""

    def __init__(self, system=None):
        self.system = system

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dockfix-engine-"))
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("DOCKER", "BUILDKIT", "BUILDX"))},
            "DOCKER_BUILDKIT": "1",
            "BUILDKIT_PROGRESS": "plain",
            "DOCKER_CONFIG": str(self.folder / "config"),
        }
        self.daemon = None
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        own = {it: self.folder / it for it in ["socket", "data", "exec", "pid", "log", "settings"]}
        namespace = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command = [
            *["setpriv", "--pdeathsig", "KILL", "unshare", *namespace, "sh", "-euc", ENTER, "sh", str(self.system or "")],
            *[str(self.folder), DOCKERD],
            *[f"--host=unix://{own['socket']}", f"--data-root={own['data']}", f"--exec-root={own['exec']}"],
            *[f"--pidfile={own['pid']}", "--bridge=none", "--iptables=false", "--ip6tables=false"],
            *["--exec-opt=native.cgroupdriver=cgroupfs", f"--cgroup-parent=/{CGROUP}"],
            f"--config-file={own['settings']}",
        ]
        # Without a file of its own the daemon would read the system's.
        own["settings"].write_text("{}")
        self.host = f"unix://{own['socket']}"
        with own["log"].open("wb") as log:
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while self.daemon.poll() is None and time.monotonic() < end:
            if own["socket"].exists() and self.try_docker("version"):
                break
            time.sleep(0.2)
        else:
            raise Skip(f"the engine does not start: {own['log'].read_text(errors='replace')[-1500:]}")
        root = self.docker("info", "--format", "{{.DockerRootDir}}").strip()
        if root != str(own["data"]):
            raise Broken("another daemon answers on the socket of this test")
        self.version = self.docker("version", "--format", "{{.Server.Version}}").strip()

    def __exit__(self, *_):
        if self.daemon and self.daemon.poll() is None:
            for container in self.try_docker("ps", "--all", "--quiet").split():
                self.try_docker("rm", "--force", container)
            # The first process in the namespace takes all others with it.
            self.daemon.kill()
            self.daemon.wait()
        for _ in range(50):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break
            time.sleep(0.1)
        for group in [Path("/sys/fs/cgroup") / CGROUP, *Path("/sys/fs/cgroup").glob(f"*/{CGROUP}")]:
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass

    def docker(self, *arguments, **options):
        return output(DOCKER, "--host", self.host, *arguments, env=self.environment, **options)

    def try_docker(self, *arguments):
        try:
            return self.docker(*arguments)
        except Broken:
            return ""

    def build(self, dockerfile, context, tag, *flags):
        """Builds an image, and says of each step whether it came from the cache: (name, cached) in BuildKit's order."""
        log = self.docker("build", "--network=host", *flags, "--tag", tag, "--file", str(dockerfile), str(context))
        names, cached = {}, set()
        for line in log.splitlines():
            if step := re.match(r"#(\d+) \[(?!internal)(?:\S+ +)?\d+/\d+\] (?!FROM)(\w+)", line):
                names[step[1]] = step[2]
            elif hit := re.match(r"#(\d+) CACHED", line):
                cached.add(hit[1])
        return [(name, vertex in cached) for vertex, name in names.items()]

    def run(self, tag):
        """What a container prints, whatever it ends with."""
        command = [DOCKER, "--host", self.host, "run", "--rm", "--network=none", tag]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, **streams, env=self.environment, text=True).stdout

    def forget(self, *tags):
        """Removes images, and all that the cache holds."""
        for tag in tags:
            self.try_docker("image", "rm", "--force", tag)
        self.docker("builder", "prune", "--all", "--force")

    def inspect(self, tag):
        return json.loads(self.docker("image", "inspect", tag))[0]

    def has_heredocs(self):
        """Whether the Dockerfile frontend of this engine is new enough for them."""
        probe = self.folder / "Probe"
        probe.write_text("FROM scratch\nCOPY <<E /probe\nE\n")
        return bool(self.try_docker("build", "--file", str(probe), str(self.folder / "config")))


def cache_folder():
    """Where what takes long to make is kept."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dockfix-engine"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def engine_of(release, own):
    """The root of a system with the engine of another release of Debian, made where it is missing."""
    root = cache_folder() / f"engine-{release}"
    if not root.exists():
        print(f"engine: installing the engine of {release} in a folder", flush=True)
        with tempfile.TemporaryDirectory(prefix="engine-", dir=root.parent) as folder:
            bootstrap(release, f"{folder}/root", mirror(own), "--include=docker.io")
            Path(folder, "root").rename(root)
    return root


def bootstrap(release, root, mirror, *flags):
    try:
        output("debootstrap", "--variant=minbase", *flags, release, str(root), mirror)
    except Broken as error:
        raise Skip(f"debootstrap failed: {error}") from error


def mirror(release):
    """Where this machine's apt has Debian from."""
    apt("update")
    wanted = "$(CREATED_BY) $(ORIGIN) $(CODENAME) $(COMPONENT) $(SITE)"
    targets = [it.split() for it in output("apt-get", "indextargets", "--format", wanted).splitlines()]
    found = next((it[4] for it in targets if it[:4] == ["Packages", "Debian", release, "main"]), None)
    if found is None:
        raise Skip("apt knows no mirror of this release of Debian")
    return found


def base_images(engine, release, names):
    """Brings the base images into the engine, from the cache where they were made before."""
    cache = cache_folder()
    Path(engine.environment["DOCKER_CONFIG"]).mkdir(exist_ok=True)
    for name in names:
        archive = cache / f"{name}-{release}.tar"
        if not archive.exists():
            print(f"engine: making the base image {name}", flush=True)
            with tempfile.TemporaryDirectory(prefix="dockfix-base-") as folder:
                {"debian": make_debian, "busybox": make_busybox}[name](Path(folder) / "root", release)
                part = archive.with_suffix(f".{os.getpid()}")
                output("tar", "--numeric-owner", "-C", f"{folder}/root", "--exclude=./dev/*", "-cf", str(part), ".")
                part.rename(archive)
        engine.docker("import", "--change", f"ENV PATH={PATH}", str(archive), f"base/{name}")
        # Some rules go by what they know of an image of this name.
        engine.docker("tag", f"base/{name}", name)


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_debian(root, release):
    """A minimal Debian from the mirror that this machine's apt uses, by way of the same proxy."""
    bootstrap(release, root, mirror(release))
    settings = [it for it in output("apt-config", "dump").splitlines() if re.match(r"Acquire::https?::Proxy ", it)]
    (root / "etc/apt/apt.conf.d/01image").write_text("\n".join([*SETTINGS, *settings, ""]))
    for folder in ["var/cache/apt/archives", "var/lib/apt/lists"]:
        for it in (root / folder).iterdir():
            it.unlink() if it.is_file() else shutil.rmtree(it)


# As Debian's own images are set: packed lists, no caches of them, no package kept once it is installed. Without these the
# figures would flatter.
SETTINGS = [
    'Acquire::GzipIndexes "true";',
    'Acquire::Languages "none";',
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };',
]


def make_busybox(root, release):
    """One static program and its names, from Debian's package."""
    root.mkdir()
    apt("update")
    apt("download", "--option=APT::Sandbox::User=root", "busybox-static", cwd=root.parent)
    package = next(root.parent.glob("busybox-static*.deb"))
    output("dpkg-deb", "--extract", str(package), str(root.parent / "package"))
    for folder in ["bin", "etc", "root", "tmp", "usr/local/bin"]:
        (root / folder).mkdir(parents=True)
    program = next((root.parent / "package").glob("**/bin/busybox"))
    shutil.copy(program, root / "bin/busybox")
    for name in output(str(program), "--list").split():
        if name != "busybox":
            (root / "bin" / name).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
