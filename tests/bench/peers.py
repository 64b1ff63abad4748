"""Measures dockfix beside its peers and writes the section of docs/benchmarks.md. Started by peers.sh.

Each round runs every command of a scenario once (short ones several times, all told by hyperfine), so that what else the
machine does falls on all alike. A command that takes longer than a minute is run in the first round alone, one that takes
longer than three seconds in the first three; the table says how often each was run.
"""

import gzip
import json
import os
import pathlib
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

ROUNDS = int(os.environ.get("ROUNDS", "10"))
# Seconds after which a slow command is given up.
TIME_LIMIT = 120
DPRINT_WOULD_CHANGE = 20
PAGE = pathlib.Path("docs/benchmarks.md")
BEGIN, END = "<!-- peers -->\n", "<!-- /peers -->\n"


class Command:
    """One command of a scenario: what it is called, how it is run, and what was measured."""

    def __init__(self, name, argv, stdin=None, prepare=None, cwd=".", slow=False):
        self.name, self.argv, self.stdin, self.prepare, self.cwd = name, [str(it) for it in argv], stdin, prepare, cwd
        # What may take very long is given up after a while.
        self.slow = slow
        self.times, self.peak, self.note = [], 0, ""

    def measure(self, runs):
        """Adds the times of so many runs, in seconds, and keeps the peak memory, in bytes."""
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            argv = ["hyperfine", "-N", "-i", "--style", "none", "--runs", str(runs), "--output", "pipe"]
            argv += ["--export-json", out.name] + (["--input", str(self.stdin)] if self.stdin else [])
            argv += ["--prepare", self.prepare] if self.prepare else []
            quoted = shlex.join(["timeout", str(TIME_LIMIT), *self.argv] if self.slow else self.argv)
            subprocess.run(argv + [quoted], check=True, cwd=self.cwd, capture_output=True)
            result = json.load(out)["results"][0]
        self.times += result["times"]
        self.peak = max(self.peak, *result["memory_usage_byte"])
        if not set(result["exit_codes"]) <= {0, 1, DPRINT_WOULD_CHANGE}:
            self.note = f"not done in {TIME_LIMIT // 60} minutes" if 124 in result["exit_codes"] else "fails"

    @property
    def median(self):
        return statistics.median(self.times)


def run(commands, short_runs):
    """Measures all commands, round by round."""
    for number in range(ROUNDS):
        for command in commands:
            if command.note:
                continue
            limit = ROUNDS if not command.times or command.median < 3 else 3 if command.median < 60 else 1
            if number < limit:
                is_short = not command.slow if not command.times else command.median < 0.2
                command.measure(short_runs if is_short else 1)
        print(f"  round {number + 1} of {ROUNDS}", file=sys.stderr)


def table(title, about, commands, base=0):
    """A section with the medians, as ratios to one of the commands."""
    lines = [f"### {title}", "", about, "", "| | median | times | runs | peak memory |", "| --- | --: | --: | --: | --: |"]
    for command in commands:
        if command.note:
            lines.append(f"| {command.name} | {command.note} | | | {size(command.peak)} |")
            continue
        ratio = command.median / commands[base].median
        ratio = f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
        lines.append(
            f"| {command.name} | {in_words(command.median)} | {ratio} | {len(command.times)} | {size(command.peak)} |"
        )
    return "\n".join(lines) + "\n"


def in_words(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def size(count):
    return f"{count / 1e6:.0f} MB" if count >= 1e7 else f"{count / 1e6:.1f} MB"


def sources():
    """Real files where the corpus stands beside the checkout, those of the repository's own tests otherwise. Those that
    BuildKit refuses are left out: some peers do nothing at all where one file is bad."""
    corpus = pathlib.Path(os.environ.get("DOCKFIX_CORPUS", "../shared/corpus"))
    if not corpus.is_dir():
        return "files of `tests/cases`, repeated", sorted(it for it in pathlib.Path("tests/cases").rglob("*") if it.is_file())
    with gzip.open(corpus / "buildkit.jsonl.gz", "rt") as lines:
        readings = [json.loads(it) for it in lines]
    good = [it["path"] for it in readings if not {"parse_error", "instr_error", "lint_error"} & it.keys()]
    return "real files", [corpus / "files" / it for it in sorted(good)]


def tree(folder, files, count):
    """So many files, each in a folder of its own, a hundred of these in one."""
    shutil.rmtree(folder, ignore_errors=True)
    step = max(1, len(files) // count)  # so that a few come from everywhere
    for at in range(count):
        file = files[at * step % len(files)]
        place = folder / f"{at // 100:03}" / f"{at % 100:02}"
        place.mkdir(parents=True)
        # A repetition differs a little, so that nothing is the same file twice.
        again = b"" if at * step < len(files) else b"\n# %d\n" % at
        (place / "Dockerfile").write_bytes(file.read_bytes() + again)
    return sum(it.stat().st_size for it in folder.rglob("Dockerfile"))


SMALL = """\
# A service in two stages.
FROM golang:1.25 as build
ARG VERSION=dev
ENV CGO_ENABLED=0 \\
    GOFLAGS=-trimpath
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -ldflags "-X main.version=$VERSION" -o /out/service ./cmd/service && \\
    go test ./... &&  \\
    strip /out/service


FROM debian:12-slim
LABEL org.opencontainers.image.title="service" \\
      org.opencontainers.image.licenses=MIT
RUN apt-get update && apt-get install -y --no-install-recommends \\
      ca-certificates \\
      curl \\
      tini \\
    && rm -rf /var/lib/apt/lists/* \\
    && useradd --system --uid 1000 service
COPY --from=build /out/service /usr/local/bin/service
USER 1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/health || exit 1
ENTRYPOINT ["tini", "--", "/usr/local/bin/service"]
CMD [ "--port", "8080" ]
"""


def main():
    work, wanted = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    dockfix, binaries, venv = os.environ["DOCKFIX"], work / "node_modules/.bin", work / "venv/bin"
    config = work / "dprint.json"
    plugin = work / "node_modules/@dprint/dockerfile/plugin.wasm"
    # dprint names files by globs; its own cache of unchanged files would leave nothing to measure.
    config.write_text(json.dumps({"incremental": False, "plugins": [str(plugin)], "includes": ["**/Dockerfile"]}))
    what, files = sources()
    tally = [venv / "tally", "lint", "--no-config", "--slow-checks=off", "--fix"]
    sections = []

    def filters(stdin):
        prettier = [binaries / "prettier", f"--plugin={work}/node_modules/prettier-plugin-sh/lib/index.js"]
        return [
            Command("`dockfix format -`", [dockfix, "format", "-"], stdin),
            Command("`dockfix fix -`", [dockfix, "fix", "-"], stdin),
            Command("`dockfix check -`", [dockfix, "check", "-"], stdin),
            Command("dprint", [binaries / "dprint", "fmt", "--config", config, "--stdin", "Dockerfile"], stdin),
            Command("dockerfmt", [binaries / "dockerfmt"], stdin, slow=True),
            Command("dockerfile-utils", [binaries / "dockerfile-utils", "format", stdin]),
            Command("prettier", [*prettier, "--stdin-filepath", "Dockerfile"], stdin, cwd=work, slow=True),
            Command("tally `--fix`", [*tally, "-"], stdin, slow=True),
            Command("hadolint", [venv / "hadolint", "-"], stdin),
        ]

    def folder(name, count):
        place = work / name
        total = tree(place, files, count)
        if name == "settled":
            subprocess.run([dockfix, "fix", "--quiet", place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            total = sum(it.stat().st_size for it in place.rglob("Dockerfile"))
        copy = work / "copy"
        few = count <= 1000
        prettier = [binaries / "prettier", f"--plugin={work}/node_modules/prettier-plugin-sh/lib/index.js", "--check"]
        all_files = sorted(place.rglob("Dockerfile"))
        commands = [
            Command("`rg -c .`", ["rg", "-j2", "-c", ".", place]),
            Command("`dockfix format --check`", [dockfix, "format", "--check", "-j2", place]),
            Command("`dockfix fix --diff`", [dockfix, "fix", "--diff", "-j2", place]),
            Command("`dockfix check`", [dockfix, "check", "-j2", place]),
            Command("`dprint check`", [binaries / "dprint", "check", "--config", config], cwd=place),
        ]
        if few:
            commands += [
                Command("hadolint", [venv / "hadolint", *all_files]),
                Command("`prettier --check`", [*prettier, *all_files], cwd=work),
                Command("tally `--fix`", [*tally, copy], slow=True, prepare=f"sh -c 'rm -rf {copy} && cp -r {place} {copy}'"),
            ]
        about = f"{count:,} {what}, {total / 1e6:.1f} MB, two threads, warm cache."
        return about + (" `dockfix fix` was run over them before." if name == "settled" else ""), commands

    if not wanted or "small" in wanted:
        small = work / "small.Dockerfile"
        small.write_text(SMALL)
        commands = [Command("a program that only reads and prints", [work / "stdin"], small), *filters(small)]
        run(commands, 20)
        about = f"{len(SMALL) / 1000:.1f} kB on standard input, a process each, dprint's plugin compiled already."
        sections.append(table("One small file", about, commands, 1))
    if not wanted or "large" in wanted:
        large = work / "large.Dockerfile"
        texts = [it.read_bytes().rstrip() for it in files if it.stat().st_size < 20_000]
        # One behind another they are to be a file that is read as they are.
        texts = [it for it in texts if not it.endswith((b"\\", b"`")) and not re.match(rb"(?i)#\s*(escape|syntax)\s*=", it)]
        text = b"".join(it + b"\n" for it in texts[:: max(1, len(texts) // 600)])[:1_000_000].rsplit(b"\nFROM", 1)[0] + b"\n"
        large.write_bytes(text)
        commands = filters(large)
        run(commands, 3)
        sections.append(table("One large file", f"{len(text) / 1e6:.2f} MB of {what} in a row.", commands))
    for name, count in (("few", 1000), ("tree", 10_000), ("settled", 10_000)):
        if not wanted or name in wanted:
            about, commands = folder(name, count)
            run(commands, 1)
            sections.append(table(f"{count:,} files" + " in order" * (name == "settled"), about, commands))

    versions = [f"dockfix {first_number([dockfix, '--version'])}", f"ripgrep {first_number(['rg', '--version'])}"]
    for name in ("dprint", "@dprint/dockerfile", "@reteps/dockerfmt", "prettier", "prettier-plugin-sh", "dockerfile-utils"):
        version = json.loads((work / "node_modules" / name / "package.json").read_text())["version"]
        versions.append(f"{name} {version}")
    for name in ("tally", "hadolint"):
        versions.append(f"{name} {first_number([venv / name, '--version'])}")
    text = f"{machine()}\n\n{', '.join(versions)}.\n\n" + "\n".join(sections)
    if not PAGE.exists():
        PAGE.write_text(f"# Benchmarks\n\n{BEGIN}{END}")
    before, rest = PAGE.read_text().split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    print(text)


def first_number(argv):
    said = subprocess.run([str(it) for it in argv], capture_output=True, text=True).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found.group() if found else "of unknown version"


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", info)
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024**2
    cores = os.cpu_count()
    return (
        f"Medians on {cores} cores ({model.group(1) if model else platform.machine()}), {memory:.0f} GiB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}, {ROUNDS} rounds in which every command has its turn."
    )


main()
