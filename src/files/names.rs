//! The names that Dockerfiles have.

use std::path::Path;

/// Ends of names that say that a file is made into a Dockerfile, or is a copy of one.
const OTHERS: &[&str] = &[
    ".dockerignore",
    ".j2",
    ".jinja",
    ".jinja2",
    ".tpl",
    ".tmpl",
    ".template",
    ".erb",
    ".m4",
    ".in",
    ".swp",
    ".orig",
    ".rej",
    ".bak",
    "~",
    ".md",
    ".json",
    ".yaml",
    ".yml",
    ".toml",
    ".lock",
    ".html",
    ".svg",
    ".png",
];

/// Ends that say of a name that begins with `dockerfile` in lower case that it is a program's, which is about
/// Dockerfiles: `dockerfile_parser.py`. `Dockerfile.go` is a Dockerfile for Go.
const PROGRAMS: &[&str] =
    &["c", "cc", "cpp", "cs", "css", "el", "go", "h", "java", "js", "kt", "lua", "php", "py", "rb", "rs", "ts", "vim"];

/// What the names of Dockerfiles are, or begin with.
const STEMS: &[&str] = &["Dockerfile", "dockerfile", "Containerfile"];

/// What the names of Dockerfiles end with.
const ENDS: &[&str] = &[".Dockerfile", ".dockerfile", ".Containerfile", ".containerfile"];

/// Whether a name is one that Dockerfiles have.
pub fn is_dockerfile(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|it| it.to_str()) else { return false };
    if OTHERS.iter().any(|it| name.ends_with(it)) {
        return false;
    }
    let end = name.strip_prefix("dockerfile").and_then(|it| it.rsplit_once('.'));
    if end.is_some_and(|(_, end)| PROGRAMS.contains(&end)) {
        return false;
    }
    let stem =
        |stem: &str| name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
    STEMS.iter().any(|it| stem(it)) || ENDS.iter().any(|it| name.ends_with(it))
}

/// Whether a name says that the file is a Dockerfile and nothing else. `Dockerfile.sh` may be one for the image `sh`,
/// or a script.
pub fn is_surely_dockerfile(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    STEMS.contains(&name) || ENDS.iter().any(|it| name.ends_with(it))
}
