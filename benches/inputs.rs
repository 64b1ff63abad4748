//! The files that are measured, made here: always the same bytes for the same size.

use std::fmt::Write;

/// A kind of file.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What it begins with.
    head: &'static str,
    /// What is repeated, by its number.
    line: fn(&mut String, usize),
    /// What it ends with.
    end: &'static str,
}

/// Files as people write them, many one behind another where they are to be large.
pub const CORPUS: &str = "corpus";

/// All kinds. What stands behind the first one nobody writes, and each would show a cost that grows faster than the
/// file.
pub const KINDS: &[Kind] = &[
    Kind { name: CORPUS, head: "# syntax=docker/dockerfile:1\n", line: stage_of_corpus, end: "" },
    Kind { name: "word", head: "FROM debian\nRUN echo ", line: |it, _| put(it, "abcdefgh"), end: "\n" },
    Kind {
        name: "line",
        head: "FROM debian\nRUN true",
        line: |it, at| add(it, format_args!(" && a{at} b")),
        end: "\n",
    },
    Kind {
        name: "lines",
        head: "FROM debian\nRUN true",
        line: |it, at| add(it, format_args!(" \\\n && a{at} b")),
        end: "\n",
    },
    Kind {
        name: "words",
        head: "FROM debian\nRUN apt-get install -y",
        line: |it, at| add(it, format_args!(" \\\n    p{at}")),
        end: "\n",
    },
    Kind { name: "runs", head: "FROM debian\n", line: |it, at| add(it, format_args!("RUN a  {at}\n")), end: "" },
    Kind { name: "same-runs", head: "FROM debian\n", line: |it, _| put(it, "RUN make all in order\n"), end: "" },
    Kind { name: "long-words", head: "FROM debian\n", line: long_word, end: "" },
    Kind { name: "nesting", head: "FROM debian\n", line: nested, end: "" },
    Kind {
        name: "pairs",
        head: "FROM debian\nENV",
        line: |it, at| add(it, format_args!(" \\\n  a{at}=b{at}")),
        end: "\n",
    },
    Kind {
        name: "envs",
        head: "FROM debian\n",
        line: |it, at| add(it, format_args!("ENV a{at} $a{}\n", at / 2)),
        end: "",
    },
    Kind { name: "stages", head: "FROM debian AS s0\n", line: chained_stage, end: "" },
    Kind {
        name: "heredoc",
        head: "FROM debian\nRUN <<E\n",
        line: |it, at| add(it, format_args!("echo {at} && true\n")),
        end: "E\n",
    },
    Kind {
        name: "comments",
        head: "FROM debian\n",
        line: |it, at| add(it, format_args!("#  what stands in line {at}\n\n\n")),
        end: "RUN a\n",
    },
];

/// The kind of a name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|it| it.name == name)
}

impl Kind {
    /// A file of `size` bytes, or of so many more as its last part needs to its end.
    pub fn of_size(&self, size: usize) -> String {
        let mut text = self.head.to_owned();
        let mut at = 0;
        while text.len() < size {
            (self.line)(&mut text, at);
            at += 1;
        }
        text + self.end
    }
}

fn put(text: &mut String, part: &str) {
    text.push_str(part);
}

fn add(text: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = text.write_fmt(part);
}

/// A word of 64 kB less what a line has beside it, which is as much as BuildKit reads.
fn long_word(text: &mut String, at: usize) {
    add(text, format_args!("RUN  echo {at} "));
    text.extend(std::iter::repeat_n("abcdefgh", 8_188));
    text.push('\n');
}

/// Commands in commands, as deep as the grammar reads and deeper in every second.
fn nested(text: &mut String, at: usize) {
    let depth = if at.is_multiple_of(2) { 30 } else { 300 };
    put(text, "RUN ");
    text.extend(std::iter::repeat_n("( a $( b ", depth));
    put(text, "&& c");
    text.extend(std::iter::repeat_n(" ) )", depth));
    text.push('\n');
}

fn chained_stage(text: &mut String, at: usize) {
    add(text, format_args!("FROM s{at} as s{}\nUSER b\nRUN pip install c\nCOPY --from=s{at} d e\n", at + 1));
}

/// A stage of about a kilobyte in one of many manners.
fn stage_of_corpus(text: &mut String, at: usize) {
    let [base, tool, user] = [
        ["debian:12-slim", "golang:1.23", "node:22-alpine", "python:3.13", "ubuntu:24.04"][at % 5],
        ["curl", "build-essential", "git", "libpq-dev", "openssl", "ca-certificates", "unzip"][at % 7],
        ["app", "node", "www-data"][at % 3],
    ];
    let keyword = if at % 4 == 3 { "from" } else { "FROM" };
    add(text, format_args!("{keyword} {base} AS stage{at}\n\n# What stage {at} needs.\nARG VERSION={at}\n"));
    add(text, format_args!("ENV APP_HOME=/srv/app{at} \\\n    VERSION=$VERSION\nENV DEBIAN_FRONTEND noninteractive\n"));
    add(text, format_args!("LABEL org.opencontainers.image.title=\"part {at}\" maintainer='team {user}'\n"));
    add(text, format_args!("RUN apt-get update && apt-get install -y --no-install-recommends \\\n        {tool} \\\n"));
    put(
        text,
        "        # pinned by hand\n        gnupg=2.2.* \\\n    && rm -rf /var/lib/apt/lists/*\n\nWORKDIR $APP_HOME\n",
    );
    if at > 0 && at % 2 == 1 {
        add(text, format_args!("COPY --from=stage{} /out/bin /usr/local/bin/\n", at - 1));
    }
    put(text, "COPY package.json requirements.txt ./\n");
    match at % 4 {
        0 => put(text, "RUN npm ci && npm cache clean --force\nCOPY . .\nRUN npm run build --if-present\n"),
        1 => put(text, "RUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\nRUN python -m compileall -q .\n"),
        2 => put(
            text,
            "RUN set -eux; \\\n  for i in a b c; do \\\n    curl -fsSL \"https://example.com/$i\" | tar xz; \\\n  done\n",
        ),
        _ => put(text, "RUN cd /srv && make\nRUN <<EOF\nset -e\nif [ -f setup.sh ]; then sh setup.sh; fi\nEOF\n"),
    }
    put(
        text,
        "RUN groupadd -r app && useradd -r -g app app; \\\n  mkdir -p \"$APP_HOME/data\" /var/log/app   && chown -R app: /var/log/app\n",
    );
    add(text, format_args!("EXPOSE 80 443/tcp\nVOLUME [\"/data\"]\nUSER {user}\n"));
    put(text, "HEALTHCHECK --interval=30s CMD curl -f http://localhost/ || exit 1\n");
    put(text, "ENTRYPOINT [\"/usr/local/bin/entry\", \"--verbose\"]\nCMD [\"serve\"]\n\n");
}
