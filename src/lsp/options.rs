//! What the editor's own settings say.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::client::Level;
use crate::{config::Overrides, fix::Effect};

/// The section of the editor's settings, and the name under which they may stand in `initializationOptions`.
pub(super) const SECTION: &str = "dockfix";

/// The editor's settings. They go before files as the command line does; what is not known is somebody else's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
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
    max_effect: Option<MaxEffect>,
    /// Any options of `dockfix.toml`, by their path: `format.indent`.
    options: BTreeMap<String, Value>,
    /// Where a rule is explained; `{rule}` stands for its name.
    pub(super) docs_url: Option<String>,
    /// How much is logged.
    pub(super) log_level: Level,
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
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MaxEffect {
    None,
    Rebuild,
    Image,
}

impl Options {
    /// Reads them from several values, of which later ones go before earlier ones, setting by setting. Null is nobody's
    /// word. The error says what is wrong.
    pub(super) fn read(values: &[&Value]) -> Result<Options, String> {
        let mut all = serde_json::Map::new();
        for value in values.iter().filter_map(|it| section(it).as_object()) {
            all.extend(value.iter().filter(|it| !it.1.is_null()).map(|(key, value)| (key.clone(), value.clone())));
        }
        serde_json::from_value(Value::Object(all)).map_err(|error| format!("settings of the editor: {error}"))
    }

    /// The same as the command line would say it.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            preset: self.preset.clone(),
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
            max_effect: self.max_effect.map(|it| match it {
                MaxEffect::None => Effect::None,
                MaxEffect::Rebuild => Effect::Rebuild,
                MaxEffect::Image => Effect::Image,
            }),
            config: self.config.as_ref().map(Into::into),
            options: self.options.iter().map(|(key, value)| (key.clone(), toml(value))).collect(),
            ..Overrides::default()
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
        let options = Options::read(&[&first, &Value::Null, &second]).unwrap();
        let overrides = options.overrides();
        assert_eq!(overrides.preset.as_deref(), Some("strict"));
        assert!(overrides.ignore.is_empty());
        assert_eq!(overrides.options, [("format.indent".to_owned(), "2".to_owned())]);
        assert!(options.enable);
    }

    #[test]
    fn mistakes_are_told() {
        let error = Options::read(&[&json!({ "maxEffect": "much" })]).unwrap_err();
        assert!(error.starts_with("settings of the editor: unknown variant `much`"), "{error}");
    }
}
