"""What an image holds, read from the engine, so that two can be held against each other."""

import hashlib
import subprocess
import tarfile

from engine import DOCKER, Broken

# What holds the time of the build, or the numbers of its files, whoever builds it.
TIMES = (
    "var/log/apt/",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "var/cache/apt/pkgcache.bin",
    "var/cache/apt/srcpkgcache.bin",
    "var/cache/ldconfig/aux-cache",
)


def files(engine, tag):
    """Each path of an image's file system with its kind, mode, owner, attributes and content."""
    container = engine.docker("create", "--network=none", tag, "true").strip()
    found, links = {}, {}
    command = [DOCKER, "--host", engine.host, "export", container]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=engine.environment) as export:
        with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
            for it in archive:
                name = it.name.removeprefix("./").rstrip("/")
                if it.islnk():
                    links[name] = it.linkname.removeprefix("./")
                    continue
                content = hashlib.sha256(archive.extractfile(it).read()).hexdigest() if it.isreg() else it.linkname
                attributes = tuple(sorted(pair for pair in it.pax_headers.items() if "xattr" in pair[0]))
                device = (it.devmajor, it.devminor)
                found[name] = (it.type, it.mode, it.uid, it.gid, device, attributes, content)
    if export.returncode != 0:
        raise Broken(f"{tag} can't be exported")
    engine.docker("rm", container)
    # Which of several names of one file comes first is chance: each counts as the file.
    found.update({name: found[target] for name, target in links.items()})
    return found


def differing_files(engine, old, new):
    """The paths at which two images differ, times aside."""
    before, after = files(engine, old), files(engine, new)
    paths = {it for it in before.keys() | after.keys() if before.get(it) != after.get(it)}
    return sorted(it for it in paths if not it.startswith(TIMES))


def differing_config(old, new):
    """The fields in which what two images say of themselves differs: all but ids, times, sizes and layers."""
    before, after = config(old), config(new)
    return sorted(it for it in before.keys() | after.keys() if before.get(it) != after.get(it))


def config(image):
    fields = {it: image.get(it) for it in ["Author", "Architecture", "Os", "Variant", "OsVersion"]}
    fields.update(image["Config"] or {})
    # Empty and absent are the same to the engine.
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, False)}
