//! What a file asks of its builder.

use super::Model;
use crate::syntax::{Parse, is_of_buildkit};

/// The image of a frontend, as a `# syntax` line names it.
#[derive(Debug)]
struct Frontend<'a> {
    /// The image as it is written.
    image: &'a str,
    name: &'a str,
    tag: &'a str,
}

impl<'a> Frontend<'a> {
    /// Reads the value of a `# syntax` line, of which BuildKit takes the first word.
    fn new(value: &'a str) -> Frontend<'a> {
        let image = value.split_whitespace().next().unwrap_or_default();
        let tagged = image.split('@').next().unwrap_or_default();
        // A port stands before the last slash, a tag behind it.
        let last = tagged.rfind('/').map_or(0, |it| it + 1);
        let colon = tagged[last..].find(':').map(|it| last + it);
        let (name, tag) = colon.map_or((tagged, "latest"), |it| (&tagged[..it], &tagged[it + 1..]));
        Frontend { image, name: name.strip_prefix("docker.io/").unwrap_or(name), tag }
    }

    /// Whether it reads the grammar that this program knows.
    fn is_official(&self) -> bool {
        matches!(self.name, "docker/dockerfile" | "docker/dockerfile-upstream")
    }

    /// Whether it surely is as new as a release of `docker/dockerfile`: its tag names none that is older.
    fn knows(&self, release: (u32, u32)) -> bool {
        let mut numbers = self.tag.split(['.', '-']).map(|it| it.parse::<u32>().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => (major, minor) >= release,
            _ => true,
        }
    }
}

/// The values of the `# syntax` lines of a file.
fn syntax_lines(parse: &Parse) -> impl Iterator<Item = String> {
    parse.file().directives().filter_map(|it| it.parts()).filter(|it| it.0 == "syntax").map(|it| it.1)
}

/// Whether BuildKit's frontend of a file is surely as new as a release of `docker/dockerfile`: the directive names none
/// that is older.
pub fn frontend_knows(parse: &Parse, release: (u32, u32)) -> bool {
    syntax_lines(parse).next().is_none_or(|it| Frontend::new(&it).knows(release))
}

/// The image of a frontend that reads another grammar than this program knows, if a file names one.
pub fn foreign_frontend(parse: &Parse) -> Option<String> {
    syntax_lines(parse).find_map(|value| {
        let frontend = Frontend::new(&value);
        (!frontend.is_official()).then(|| frontend.image.to_owned())
    })
}

/// Whether a file has something that only BuildKit builds: a `# syntax` line, heredocs, mounts and the like.
pub fn needs_buildkit(parse: &Parse, model: &Model) -> bool {
    syntax_lines(parse).next().is_some()
        || model
            .stages
            .iter()
            .flat_map(|it| &it.instructions)
            .any(|it| it.heredocs().next().is_some() || it.flags().any(|flag| is_of_buildkit(it.kind(), &flag.text())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn buildkit_is_needed() {
        let needs = |text: &str| {
            let parse = parse(text);
            needs_buildkit(&parse, &Model::new(&parse))
        };
        assert!(needs("# syntax=docker/dockerfile:1\nFROM a\n"));
        assert!(needs("FROM a\nRUN --mount=type=cache,target=/x b\n") && needs("FROM a\nCOPY --link b c\n"));
        assert!(needs("FROM a\nRUN <<E\nb\nE\n") && needs("FROM a\nADD --unpack=false b c\n"));
        assert!(!needs("FROM --platform=linux/amd64 a\nCOPY --chown=x --from=y b c\nRUN d\n"));
        assert!(!needs("FROM a\nHEALTHCHECK --interval=3s CMD b\n"));
    }

    #[test]
    fn old_frontends_are_known() {
        let knows = |head: &str| frontend_knows(&parse(&format!("{head}FROM a\n")), (1, 4));
        for head in ["", "# syntax=docker/dockerfile:1\n", "# syntax=docker/dockerfile:1.4.3\n"] {
            assert!(knows(head), "{head}");
        }
        assert!(knows("# syntax=x.org:1/docker/dockerfile\n") && knows("# syntax=docker/dockerfile:1.9@sha256:1\n"));
        assert!(!knows("# syntax=docker/dockerfile:1.2\n") && !knows("# syntax=docker/dockerfile:1.0-experimental\n"));
    }

    #[test]
    fn official_frontends_are_told_from_others() {
        for image in
            ["docker/dockerfile", "docker.io/docker/dockerfile-upstream:master", "docker/dockerfile:1@sha256:a"]
        {
            assert!(Frontend::new(image).is_official(), "{image}");
        }
        for image in ["", "me/dockerfile:1", "x.org/docker/dockerfile", "x.org:1/docker/dockerfile:1"] {
            assert!(!Frontend::new(image).is_official(), "{image}");
        }
        assert_eq!(Frontend::new("docker/dockerfile:1 b").image, "docker/dockerfile:1");
    }
}
