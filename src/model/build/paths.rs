//! Paths as BuildKit joins them.

use crate::model::value::Value;

/// What WORKDIR makes of the directory in force: an absolute path stays as it is, another one is joined to it.
pub fn change_dir(dir: &Value, path: &Value) -> Value {
    if path.start().starts_with('/') {
        return path.clone();
    }
    join(dir, path)
}

/// A destination of COPY. A slash at its end says that it is a directory, and stays.
pub(super) fn destination(dir: &Value, path: &Value) -> Value {
    match path.known() {
        Some(text) if text.starts_with('/') => path.clone(),
        Some("." | "./") if dir.end().ends_with('/') => dir.clone(),
        Some("." | "./") => dir.followed_by("/"),
        Some(text) => {
            let out = join(dir, path);
            if text.ends_with('/') && !out.end().ends_with('/') {
                out.followed_by("/")
            } else if text.ends_with("/.") {
                out.followed_by("/.")
            } else {
                out
            }
        }
        None if path.start().starts_with('/') => path.clone(),
        None => join(dir, path),
    }
}

/// A source in the build context, in a stage or in an image: `a`, `./a` and `/a` are the same.
pub(super) fn source(path: Value) -> Value {
    let Some(text) = path.known() else { return path };
    let mut rest = text;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    // What is left of `./` or `/` is not the same as nothing.
    if rest.is_empty() { path } else { Value::plain(rest) }
}

fn join(dir: &Value, path: &Value) -> Value {
    // What looks like a path of Windows is joined by other rules, and is not cleaned.
    if let (Some(dir), Some(path)) = (dir.known(), path.known().filter(|it| !it.contains(['\\', ':']))) {
        return Value::plain(clean(&format!("{dir}/{path}")));
    }
    // Of what is not known only this is certain, that the same parts give the same path.
    Value::joined(dir, "/", path)
}

/// An absolute path without empty parts, `.` and `..`.
pub(in crate::model) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_directories() {
        let cd = |dir: &str, path: &str| change_dir(&dir.into(), &path.into()).to_string();
        assert_eq!(cd("/a", "b/../c/"), "/a/c");
        assert_eq!(cd("/a/", "."), "/a");
        assert_eq!(cd("/a", "/x/./y/"), "/x/./y/");
        assert_eq!(cd("/", "app"), "/app");
    }

    #[test]
    fn keeps_what_says_directory() {
        let to = |path: &str| destination(&"/a".into(), &path.into()).to_string();
        assert_eq!(
            [to("."), to("./"), to("x"), to("x/"), to("x/."), to("/y/")],
            ["/a/", "/a/", "/a/x", "/a/x/", "/a/x/.", "/y/"]
        );
    }

    #[test]
    fn knows_equal_sources() {
        let from = |path: &str| source(path.into()).to_string();
        assert_eq!(
            [from("a"), from("./a"), from("/a"), from("a/"), from("."), from("./")],
            ["a", "a", "a", "a/", ".", "./"]
        );
    }
}
