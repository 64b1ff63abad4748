//! What the editor's own settings say.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::client::Level;
use crate::{config::Overrides, fix::Effect, text};

/// The section of the editor's settings, and the name under which they may stand in `initializationOptions`.
pub(super) const SECTION: &str = "dockfix";

/// The editor's settings. They go before files as the command line does; what is not known is somebody else's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    /// Whether anything is done at all.
    pub(super) enable: bool,
    /// Whether findings are reported.
    pub(super) diagnostics: bool,
    /// The file of settings that is used instead of any that would be found, relative to the workspace folder.
    config: Option<String>,
    preset: Option<String>,
    select: Option<Vec<String>>,
    extend_select: Vec<String>,
    ignore: Vec<String>,
    max_effect: Option<Effect>,
    /// Any options of `dockfix.toml`, by their path: `format.indent`.
    options: BTreeMap<String, Value>,
    /// Where a rule is explained; `{rule}` stands for its name.
    pub(super) docs_url: Option<String>,
    /// How much is logged.
    pub(super) log_level: Level,
    /// A mistake because of which nothing is done: what is wrong may have been meant to hold something back.
    pub(super) mistake: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            enable: true,
            diagnostics: true,
            config: None,
            preset: None,
            select: None,
            extend_select: Vec::new(),
            ignore: Vec::new(),
            max_effect: None,
            options: BTreeMap::new(),
            docs_url: None,
            log_level: Level::Info,
            mistake: None,
        }
    }
}

impl Options {
    /// Reads them from several values, of which later ones go before earlier ones, setting by setting. Null is nobody's
    /// word. Also gives back what is wrong, a line each; what is right counts all the same.
    pub(super) fn read(values: &[&Value]) -> (Options, Vec<String>) {
        let mut all = Map::new();
        for value in values.iter().filter_map(|it| section(it).as_object()) {
            all.extend(value.iter().filter(|it| !it.1.is_null()).map(|(key, value)| (key.clone(), value.clone())));
        }
        let mut told = Told { all, names: vec!["path", "trace"], wrong: Vec::new() };
        let none = Options::default();
        // These hold nothing back but words.
        let is_quiet = told.all.contains_key("diagnostics");
        let diagnostics = told.take("diagnostics").unwrap_or(!is_quiet);
        let docs_url = told.take("docsUrl");
        let log_level = told.take("logLevel").unwrap_or(none.log_level);
        let harmless = std::mem::take(&mut told.wrong);
        let mut options = Options {
            enable: told.take("enable").unwrap_or(none.enable),
            config: told.take("config"),
            preset: told.take("preset"),
            select: told.take("select"),
            extend_select: told.take("extendSelect").unwrap_or_default(),
            ignore: told.take("ignore").unwrap_or_default(),
            max_effect: told.take("maxEffect"),
            options: told.take("options").unwrap_or_default(),
            diagnostics,
            docs_url,
            log_level,
            mistake: None,
        };
        told.misspelt();
        told.wrong.iter_mut().for_each(|it| it.push_str("; nothing is done until it is right"));
        options.mistake = told.wrong.first().cloned();
        told.wrong.extend(harmless);
        (options, told.wrong)
    }

    /// The file of settings that is used instead of any that would be found.
    pub(super) fn config_file(&self, folder: &Path) -> Option<PathBuf> {
        self.config.as_ref().map(|it| folder.join(it))
    }

    /// The same as the command line would say it.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            preset: self.preset.clone(),
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
            max_effect: self.max_effect,
            config: self.config.as_ref().map(Into::into),
            options: self.options.iter().map(|(key, value)| (key.clone(), toml(value))).collect(),
            ..Overrides::default()
        }
    }
}

/// Settings as they are told, and what is found wrong as they are read.
struct Told {
    all: Map<String, Value>,
    /// The names of all settings that were asked for, and of those that are for clients alone.
    names: Vec<&'static str>,
    wrong: Vec<String>,
}

impl Told {
    /// A setting, if it is there and right.
    fn take<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        self.names.push(key);
        let read = serde_json::from_value(self.all.remove(key)?);
        read.map_err(|error| self.wrong.push(format!("settings of the editor: `{key}`: {error}"))).ok()
    }

    /// Tells of names that are no settings and most likely were meant to be. Others are somebody else's.
    fn misspelt(&mut self) {
        for key in self.all.keys().filter(|it| !self.names.contains(&it.as_str())) {
            let meant = match key.split_once('.') {
                Some(("format" | "rules", _)) => Some("options"),
                _ => text::closest(&key.replace(['-', '_'], ""), self.names.iter().copied()),
            };
            let told = meant.map(|it| format!("settings of the editor: `{key}` is none; `{it}` may be meant"));
            self.wrong.extend(told);
        }
    }
}

/// The settings in what a client sends: some put a name around them.
fn section(value: &Value) -> &Value {
    [SECTION, "settings"].iter().fold(value, |value, name| value.get(name).filter(|it| it.is_object()).unwrap_or(value))
}

/// A value as `--option` takes it: strings and lists of JSON are such of TOML.
fn toml(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn later_values_go_before_earlier_ones() {
        let first = json!({ "settings": { "preset": "strict", "ignore": ["DL3008"], "trace": { "server": "off" } } });
        let second = json!({ "dockfix": { "preset": null, "ignore": [], "options": { "format.indent": 2 } } });
        let options = Options::read(&[&first, &Value::Null, &second]).0;
        let overrides = options.overrides();
        assert_eq!(overrides.preset.as_deref(), Some("strict"));
        assert!(overrides.ignore.is_empty());
        assert_eq!(overrides.options, [("format.indent".to_owned(), "2".to_owned())]);
        assert!(options.enable);
    }

    #[test]
    fn mistakes_are_told_and_the_rest_counts() {
        let told = json!({ "logLevel": "verbose", "maxEffect": "none", "enable": false, "diagnostics": 1 });
        let (options, wrong) = Options::read(&[&told]);
        assert!(!options.enable && !options.diagnostics && options.mistake.is_none());
        assert_eq!(options.overrides().max_effect, Some(Effect::None));
        assert!(wrong[0].starts_with("settings of the editor: `diagnostics`: "), "{wrong:?}");
        assert!(wrong[1].starts_with("settings of the editor: `logLevel`: unknown variant `verbose`"), "{wrong:?}");
    }

    #[test]
    fn misspelt_names_are_told() {
        for (key, meant) in [
            ("max-effect", "maxEffect"),
            ("maxeffect", "maxEffect"),
            ("extend-select", "extendSelect"),
            ("presett", "preset"),
            ("enabled", "enable"),
            ("format.indent", "options"),
        ] {
            let (options, wrong) = Options::read(&[&json!({ key: "none" })]);
            assert!(options.mistake.is_some() && wrong[0].contains(&format!("`{meant}` may be meant")), "{wrong:?}");
        }
        for key in ["path", "trace", "server", "hostInfo", "locale"] {
            assert_eq!(Options::read(&[&json!({ key: "none" })]).1.len(), 0, "{key}");
        }
    }

    #[test]
    fn what_may_hold_something_back_must_be_right() {
        for key in ["enable", "config", "preset", "select", "extendSelect", "ignore", "maxEffect", "options"] {
            let (options, wrong) = Options::read(&[&json!({ key: 7 })]);
            assert_eq!(options.mistake.as_ref(), wrong.first(), "{key}");
            assert!(wrong[0].contains(key) && wrong[0].ends_with("; nothing is done until it is right"), "{wrong:?}");
        }
    }
}
