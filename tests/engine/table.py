"""The figures of a whole run as a page."""

HEAD = """# What a real engine says

Each Dockerfile of `tests/engine/cases` was built as it is and as dockfix rewrites it, by Docker {version} from base
images of Debian {release}, and the two images were held against each other. `tests/engine/run` made this page.

- **effect** is what dockfix itself states of the rules that it applied and of the layout: `none` (nothing is rebuilt),
  `rebuild` (steps run again, the image holds the same), `image` (the image changes, on purpose).
- **files** are the whole exported file systems: paths, kinds, modes, owners, extended attributes, contents. Times are left
  aside, and what holds them: the logs of apt and dpkg, two caches of apt, the auxiliary cache of `ldconfig`.
- **config** is all that the image says of itself. *same image*: the ids are equal, and so is the history.
- *no build before*: the original of a case fails to build, as the case says, and nothing is compared.
- **rebuilt** counts the steps of the result that did not come from the cache which the original had left, and **said** how
  many at most dockfix said would not. It can be fewer: a COPY from a stage that was rebuilt to the same files is a hit.

The base image has no package lists, and the settings for apt that Debian's own images have. BusyBox stands in for an image without packages.
"""

STOP = """
## Stopping

How long `docker stop` takes for a script that ends on the signal. After ten seconds the engine kills.

| what | before | after |
| --- | ---: | ---: |
"""

STOP_END = """
The shell of Debian and Ubuntu (dash) stays in front of the program and passes nothing on. BusyBox's shell (and bash, where
it is `/bin/sh`) starts a single command in its own place, so that the two forms stop alike as long as the command is one.
"""

PRINT = """
## What the container prints

| case | before | after |
| --- | --- | --- |
"""


def write(path, rows, version, release):
    """Writes the page. Names of Debian and Docker are all that it says of the machine."""
    path.parent.mkdir(exist_ok=True)
    built = [it for it in rows if "skipped" not in it]
    parts = [HEAD.format(version=version.split("+")[0], release=release)]
    parts.append("\n| what | rules | effect | files | config | rebuilt | said | MB before | MB after | layers |\n")
    parts.append("| --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
    parts.extend(row(it) for it in built)
    if len(built) < len(rows):
        parts.append("\nNot built:\n\n")
        parts.extend(f"- {it['what']}: {it['skipped']}.\n" for it in rows if "skipped" in it)
    parts.append(STOP)
    parts.extend(f"| {it['what']} | {seconds(it['stop'][0])} | {seconds(it['stop'][1])} |\n" for it in built if "stop" in it)
    parts.append(STOP_END)
    parts.append(PRINT)
    parts.extend(f"| {it['what']} | {' | '.join(map(shown, it['printed']))} |\n" for it in built if "printed" in it)
    path.write_text("".join(parts))


def row(it):
    rules = ", ".join(f"`{name}`" for name in it["applied"]) or "layout"
    layers = " → ".join(map(str, dict.fromkeys(it["layers"])))
    if "fails" in it:
        files, config, rebuilt = "no build before", "", f"{it['steps']} of {it['steps']}"
        before, after = "", megabytes(it["sizes"][0])
    else:
        below = ", ".join(f"`/{name}`" for name in it.get("files", []))
        files = f"{it['files_differ']} differ: {below}" if it["files_differ"] else "same"
        config = f"{', '.join(it['fields'])} changed" if it["fields"] else "same image" if it["same"] else "same"
        rebuilt = f"{it['rebuilt']} of {it['steps']}"
        before, after = map(megabytes, it["sizes"])
    cells = [it["what"], rules, it["effect"], files, config, rebuilt, it["said"], before, after, layers]
    return f"| {' | '.join(map(str, cells))} |\n"


def megabytes(size):
    return f"{size / 1e6:.1f}"


def seconds(time):
    return f"{time:.1f} s"


def shown(text):
    return " ".join(f"`{line}`".replace("|", "\\|") for line in text.splitlines()) or "no build"
