//! Presets: settings under a name, below all that files and arguments say.

use std::path::Path;

use toml::Spanned;

use super::{
    error::{ConfigError, Origin, Source},
    file,
    layer::{Layer, Reader},
    suggest,
};
use crate::fix::Rule;

/// Settings under a name. Its text is written like a `dockfix.toml`.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// What `preset = "…"` calls it.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        /// All presets; the first holds where nobody names one.
        pub static PRESETS: &[Preset] = &[$(Preset {
            name: $name,
            text: include_str!(concat!("../../config/presets/", $name, ".toml")),
        }),+];
    };
}

presets!["recommended", "official-images", "strict", "layout-only", "hadolint"];

impl Preset {
    /// The one that holds where nobody names one.
    pub(super) fn recommended() -> &'static Preset {
        // The list is a constant, and not empty.
        &PRESETS[0]
    }

    /// The preset of that name, or help.
    pub(super) fn find(name: &str) -> Result<&'static Preset, String> {
        let names = PRESETS.iter().map(|it| it.name);
        PRESETS.iter().find(|it| it.name == name).ok_or_else(|| suggest::help(name, names))
    }

    /// What it is for, in one paragraph: the comment that its text begins with.
    pub fn about(&self) -> String {
        let lines = self.text.lines().map_while(|it| it.strip_prefix('#'));
        lines.map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// What it says.
    pub(super) fn layer(&self, rules: &[&'static Rule]) -> Result<Layer, ConfigError> {
        let origin = Origin::Argument(format!("preset `{}`", self.name));
        let source = Source { origin, text: self.text };
        // A preset holds no globs.
        let read = Reader { rules, source: &source, root: Path::new("/") };
        Ok(read.file(file::parse(&source)?)?.0)
    }
}

/// The preset that a source names.
pub(super) fn named(source: &Source<'_>, word: &Spanned<String>) -> Result<&'static Preset, ConfigError> {
    Preset::find(word.get_ref()).map_err(|help| {
        let message = format!("unknown preset `{}`", word.get_ref());
        source.error(Some(word.span()), message).with_help(Some(help))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        config::{Overrides, Resolver},
        fix::Safety,
        rules::ALL,
    };

    /// The settings that come of a preset alone.
    fn settings(name: &str) -> std::sync::Arc<crate::config::Settings> {
        let overrides = Overrides { preset: Some(name.to_owned()), isolated: true, ..Overrides::default() };
        let resolver = Resolver::new(ALL, overrides).unwrap();
        resolver.settings_for(Path::new("Dockerfile")).unwrap()
    }

    #[test]
    fn each_selects_rules_that_can_run_together() {
        for preset in PRESETS {
            assert!(preset.about().ends_with('.'), "{}", preset.name);
            let file = file::parse(&Source { origin: Origin::Argument(String::new()), text: preset.text }).unwrap();
            assert!(file.select.is_some(), "{} must say where it starts from", preset.name);
            assert!(file.preset.is_none() && file.overrides.is_empty(), "{}", preset.name);
            assert!(file.exclude.is_none() && file.include.is_none(), "{}", preset.name);
            settings(preset.name);
        }
    }

    #[test]
    fn what_is_recommended_is_what_runs_by_default() {
        let recommended = settings("recommended");
        assert!(recommended.rules.iter().all(|it| it.default));
        assert_eq!(recommended.rules.len(), ALL.iter().filter(|it| it.default).count());
        assert!(!recommended.unsafe_fixes);
    }

    #[test]
    fn strict_is_all_that_is_sound() {
        let strict = settings("strict");
        let names: Vec<_> = strict.rules.iter().map(|it| it.name).collect();
        for rule in ALL {
            let sound = rule.safety == Safety::Safe && rule.conflicts.is_empty();
            assert_eq!(names.contains(&rule.name), rule.default || sound, "{}", rule.name);
        }
        assert!(!strict.unsafe_fixes);
    }

    #[test]
    fn layout_only_runs_no_rule() {
        assert_eq!(settings("layout-only").rules, [] as [&Rule; 0]);
    }

    #[test]
    fn hadolint_is_what_hadolint_reports() {
        let hadolint = settings("hadolint");
        // Its codes but for those that it is silent about unless told otherwise.
        let silent = ["DL1001", "DL3026", "DL3049", "DL3050", "DL3057"];
        let reports = |rule: &Rule| rule.ids.iter().any(|it| it.starts_with("DL") && !silent.contains(it));
        assert!(hadolint.rules.iter().all(|it| reports(it)));
        assert!(ALL.iter().filter(|it| reports(it)).all(|it| hadolint.rules.contains(it)));
    }

    #[test]
    fn official_images_are_written_with_tabs() {
        let official = settings("official-images");
        assert_eq!(official.format.indent, crate::format::Indent::Tab);
        assert!(official.rules.iter().all(|it| it.default && it.name != "legacy-key-value"));
    }

    #[test]
    fn unknown_names_come_with_help() {
        assert_eq!(Preset::find("strickt").unwrap_err(), "did you mean `strict`?");
        let all = "there are `recommended`, `official-images`, `strict`, `layout-only`, `hadolint`";
        assert_eq!(Preset::find("x").unwrap_err(), all);
    }
}
