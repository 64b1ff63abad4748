//! Caches of what programs download, by the table `config/caches.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Call, Model, Simple};

/// What the table says of a program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DownloadCache {
    /// The program's name.
    pub program: String,
    #[serde(default)]
    subcommands: Vec<String>,
    /// The folders of the cache; none where no mount can keep it.
    #[serde(default)]
    pub targets: Vec<String>,
    decided: Vec<String>,
    #[serde(default)]
    against_mount: Vec<String>,
    #[serde(default)]
    against_cleaning: Vec<String>,
    /// The flag by which the program keeps nothing.
    pub flag: Option<String>,
    /// The call that empties the cache.
    pub clean: Option<String>,
    /// The official image in which the folders are those.
    pub image: Option<String>,
    /// Whether later steps need what is in the cache.
    #[serde(default)]
    pub needed_later: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Table {
    cache: Vec<DownloadCache>,
}

const TABLE: &str = include_str!("../../config/caches.toml");

/// The caches that are known.
pub fn download_caches() -> &'static [DownloadCache] {
    // A test reads the table, so that it is never the empty one.
    static CACHES: LazyLock<Table> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());
    &CACHES.cache
}

fn download_cache(program: &str) -> Option<&'static DownloadCache> {
    download_caches().iter().find(|it| it.program == program)
}

/// Whether the author of a file has decided on the cache of a program, so that nobody is to take it away.
pub fn is_cache_decided(model: &Model, text: &str, program: &str) -> bool {
    download_cache(program).is_some_and(|it| says(model, text, &[&it.decided, &it.against_cleaning]))
}

/// Whether one of some words stands in an instruction of a file, whose text is `text`.
fn says(model: &Model, text: &str, lists: &[&[String]]) -> bool {
    lists.iter().copied().flatten().any(|it| text.contains(it.as_str()) && model.says(it))
}

impl DownloadCache {
    /// Whether the instructions of a file, whose text is `text`, speak against a mount for the cache.
    pub fn is_to_stay_unmounted(&self, model: &Model, text: &str) -> bool {
        says(model, text, &[&self.decided, &self.against_mount])
    }

    /// Whether a command makes the program fill the cache, without `sudo`.
    pub fn is_filled_by(&self, command: &Simple) -> bool {
        if let Some(call) = command.invocation() {
            let name = if call.subcommand == 0 { Some("") } else { call.literal(call.subcommand) };
            let known = name.is_some_and(|it| self.subcommands.iter().any(|one| one == it));
            return call.manager.family == self.program && !call.sudo && known;
        }
        let words: Vec<String> = command.words().map(|it| it.text()).collect();
        let [program, subcommand, ..] = words.as_slice() else { return false };
        Call::of(command).is_some() && *program == self.program && self.subcommands.iter().any(|it| it == subcommand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(TABLE).unwrap();
        assert!(table.cache.len() >= 5);
    }

    #[test]
    fn a_comment_decides_nothing() {
        let decided = |text: &str| is_cache_decided(&Model::new(&parse(text)), text, "yarn");
        for text in [
            "FROM a\nENV YARN_CACHE_FOLDER=/b\nRUN yarn\n",
            "ARG YARN_CACHE_FOLDER\nFROM a\nRUN yarn\n",
            "FROM a\nRUN <<E\nyarn --cache-folder b\nE\n",
        ] {
            assert!(decided(text), "{text}");
        }
        for text in ["FROM a\n# no YARN_CACHE_FOLDER\nRUN yarn\n", "FROM a\nRUN b && \\\n  # offline\n  yarn\n"] {
            assert!(!decided(text), "{text}");
        }
    }

    #[test]
    fn calls_fill_caches() {
        let filled = |shell: &str| -> Vec<&str> {
            let parse = parse(&format!("FROM a\nRUN {shell}\n"));
            let command = Simple::all(parse.file().syntax()).remove(0);
            let known = download_caches().iter().filter(|it| it.is_filled_by(&command));
            known.map(|it| it.program.as_str()).collect()
        };
        for (shell, program) in [
            ("pip3 install a", "pip"),
            ("python -m pip install a", "pip"),
            ("npm ci", "npm"),
            ("yarn", "yarn"),
            ("yarn global add a", "yarn"),
            ("go mod download", "go"),
            ("cargo build --release", "cargo"),
        ] {
            assert_eq!(filled(shell), [program], "{shell}");
        }
        for shell in [
            "pip list",
            "npm run build",
            "go version",
            "sudo pip install a",
            "yarn build",
            "yarn global remove a",
            "cargo --version",
        ] {
            assert!(filled(shell).is_empty(), "{shell}");
        }
    }
}
