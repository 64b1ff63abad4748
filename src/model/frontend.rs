//! What a file asks of its builder.

use super::Model;
use crate::syntax::{Parse, SyntaxKind::*};

/// Whether a file has something that only BuildKit builds: a `# syntax` line, heredocs, mounts and the like.
pub fn needs_buildkit(parse: &Parse, model: &Model) -> bool {
    let syntax = parse.file().directives().filter_map(|it| it.parts()).any(|it| it.0 == "syntax");
    syntax
        || model.stages.iter().flat_map(|it| &it.instructions).any(|it| {
            let known: &[&str] = match it.kind() {
                RUN => &["--mount", "--network", "--security", "--device"],
                COPY | ADD => &["--chmod", "--link", "--parents", "--exclude", "--checksum", "--keep-git-dir"],
                _ => &[],
            };
            let flag = |text: &str| known.contains(&text.split('=').next().unwrap_or(text));
            it.heredocs().next().is_some() || it.flags().any(|it| flag(&it.text()))
        })
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
        assert!(needs("FROM a\nRUN <<E\nb\nE\n"));
        assert!(!needs("FROM a\nCOPY --chown=x --from=y b c\nRUN d\n"));
    }
}
