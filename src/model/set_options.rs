//! The options that `set`, or the arguments of a shell, turn on.

/// Options of a shell of which some are turned on and nothing else is said: `-e`, `-u` and `-x`, by letter or by name,
/// and `-o pipefail`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetOptions {
    /// `-e`: whether the shell ends with the first command that fails.
    pub errexit: bool,
    /// `-c`: whether the shell runs its next argument. `set` does not know it.
    pub command: bool,
}

impl SetOptions {
    /// Reads the words of a `set`. `None` where it is another command, turns another option on or any off, sets
    /// arguments, or only tells what there is.
    pub fn of_set(words: &[&str]) -> Option<SetOptions> {
        match words {
            ["set", rest @ ..] if !rest.is_empty() => SetOptions::of_arguments(rest).filter(|it| !it.command),
            _ => None,
        }
    }

    /// Reads the arguments with which a shell is started, without what `-c` runs. `None` as in [`SetOptions::of_set`].
    pub fn of_arguments(arguments: &[&str]) -> Option<SetOptions> {
        let mut on = SetOptions::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            for letter in argument.strip_prefix('-').filter(|it| !it.is_empty())?.chars() {
                match letter {
                    'e' => on.errexit = true,
                    'c' => on.command = true,
                    'u' | 'x' => {}
                    // Its name is the next word, also where more letters stand behind it.
                    'o' => match *rest.next()? {
                        "errexit" => on.errexit = true,
                        "nounset" | "xtrace" | "pipefail" => {}
                        _ => return None,
                    },
                    _ => return None,
                }
            }
        }
        Some(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errexit(text: &str) -> Option<bool> {
        SetOptions::of_set(&text.split(' ').collect::<Vec<_>>()).map(|it| it.errexit)
    }

    #[test]
    fn options_are_turned_on() {
        for text in ["set -e", "set -eux", "set -o errexit", "set -euo pipefail", "set -x -e", "set -oe pipefail"] {
            assert_eq!(errexit(text), Some(true), "{text}");
        }
        for text in ["set -x", "set -o pipefail", "set -uo xtrace", "set -o nounset"] {
            assert_eq!(errexit(text), Some(false), "{text}");
        }
    }

    #[test]
    fn what_does_something_else_is_not_read() {
        for text in [
            "set",
            "set +e",
            "set -e +x",
            "set -- a",
            "set -e a",
            "set -e --",
            "set -",
            "set a",
            "set pipefail",
            "set -f",
            "set -eo",
            "set -o posix",
            "set -ec",
            "set \"-e\"",
            "set -e 2> a",
            "env -e",
        ] {
            assert_eq!(errexit(text), None, "{text}");
        }
    }

    #[test]
    fn shells_run_their_argument() {
        let shell = |arguments: &[&str]| SetOptions::of_arguments(arguments).map(|it| (it.errexit, it.command));
        assert_eq!(shell(&["-c"]), Some((false, true)));
        assert_eq!(shell(&["-euxo", "pipefail", "-c"]), Some((true, true)));
        assert_eq!(shell(&[]), Some((false, false)));
        assert_eq!(shell(&["-lc"]), None);
    }
}
