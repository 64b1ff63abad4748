//! Words that may be the paths of files whose names they do not say in full.

use super::{is_force, is_within, managers};

/// The words of a text whose last part has wildcards or braces, or variables beside other letters, which may name files
/// that must be there. What `rm -f` removes is left out, for it minds nothing that is gone.
pub(super) fn patterns(text: &str) -> impl Iterator<Item = &str> {
    let commands = text.split(['\n', ';', '|', '&']).filter(|it| !is_forced_removal(it));
    let words = commands.flat_map(|it| it.split(|it: char| it.is_whitespace() || "\"'`()<>=".contains(it)));
    words.map(|it| it.trim_matches([',', ']'])).filter(|it| {
        let (last, glob) = (name_of(it), glob(name_of(it)));
        // Variables alone are any file, or none at all.
        let is_variable = last.starts_with('$') && !last.contains(['*', '?']) && glob.bytes().all(|it| it == b'*');
        glob.contains('*') && !is_variable
    })
}

fn is_forced_removal(command: &str) -> bool {
    let mut words = command.split_whitespace();
    words.any(|it| it == "rm") && words.any(is_force)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether one of [`patterns`] may be a path, which may have variables in it as well.
pub(super) fn may_be(pattern: &str, path: &str) -> bool {
    let folder = |it: &str| it.rsplit_once('/').map_or(String::new(), |it| glob(it.0));
    let (one, other) = (folder(pattern), folder(path));
    // Where only one of them begins at the root, the other may lie in that folder.
    let apart =
        one.starts_with('/') && other.starts_with('/') && !one.contains('*') && !other.contains('*') && one != other;
    let cached = || managers().iter().flat_map(|it| &it.caches).any(|it| is_within(pattern, &it.path));
    !apart && !cached() && overlap(&glob(name_of(pattern)), &glob(name_of(path)))
}

/// Whether there may be a text that two patterns match, by their beginnings and their ends.
fn overlap(one: &str, other: &str) -> bool {
    let ends = |it: &str| {
        let (head, tail) = (it.split('*').next(), it.rsplit('*').next());
        (head.unwrap_or_default().to_owned(), tail.unwrap_or_default().to_owned())
    };
    let ((head, tail), (other_head, other_tail)) = (ends(one), ends(other));
    (head.starts_with(&other_head) || other_head.starts_with(&head))
        && (tail.ends_with(&other_tail) || other_tail.ends_with(&tail))
}

/// The text with a `*` for all that may stand for something else: variables, wildcards, braces.
fn glob(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let behind = &rest[letter.len_utf8()..];
        let until = |end: char| behind.find(end).map(|at| &behind[at + 1..]);
        let name = || behind.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || it == '_');
        let next = match letter {
            '*' | '?' => Some(behind),
            '$' if behind.starts_with('{') => until('}'),
            '$' => Some(name()),
            '{' => until('}'),
            '[' => until(']'),
            _ => None,
        };
        out.push(if next.is_some() { '*' } else { letter });
        rest = next.unwrap_or(behind);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_a_file_are_found() {
        let speaks = |text: &str, path: &str| patterns(text).any(|it| may_be(it, path));
        for (text, path) in [
            ("rm node-*", "node-v1.tar.xz"),
            ("rm -r a*", "a.tgz"),
            ("rm /usr/src/a*", "/usr/src/a.tgz"),
            ("mv ?.tgz /b", "a.tgz"),
            ("pip install ./a.*", "a.tgz"),
            ("rm /usr/src/{a,b}.tar.gz", "/usr/src/a.tar.gz"),
            ("rm /usr/src/$N.tar.gz", "/usr/src/a.tar.gz"),
            ("[\"mv\", \"/x/[a-c].tgz\", \"/y\"]", "/x/a.tgz"),
            ("find /x -name 'a*' -delete", "/x/a.tgz"),
            ("rm a-*", "a-$V.tgz"),
            ("rm $D/*.tgz", "/x/a.tgz"),
            ("cp /tmp/* /x", "/tmp/a.tgz"),
        ] {
            assert!(speaks(text, path), "{text}");
        }
        for (text, path) in [
            ("rm -rf /tmp/*", "/tmp/a.tgz"),
            ("rm --force a*", "a.tgz"),
            ("rm b*", "a.tgz"),
            ("cp *.json /x", "a.tgz"),
            ("ls /var/lib/apt/lists/*", "a.tgz"),
            ("cp /y/* /x", "/tmp/a.tgz"),
            ("echo $A ${B} $C/bin", "a.tgz"),
            ("[ -f x ] && [[ -n $X ]]", "a.tgz"),
            ("a=$(b) make -j$(nproc)", "a.tgz"),
        ] {
            assert!(!speaks(text, path), "{text}");
        }
    }
}
