//! The settings that hold for a file, and the layers that they are made of.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    error::{ConfigError, Origin, Source},
    file::{File, Layout},
    globs::Globs,
    hadolint::Foreign,
    layer::{Layer, Reader},
    preset::Preset,
    selector::{RuleSet, conflict},
};
use crate::{
    fix::{Effect, Job, Rule, RuleSettings, Safety},
    format,
};

/// The settings that hold for a file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The preset that they begin with.
    pub preset: &'static str,
    /// The layout.
    pub format: format::Options,
    /// The rules that run, in the order of all rules.
    pub rules: Vec<&'static Rule>,
    /// What the rules are told.
    pub rule_settings: RuleSettings,
    /// Whether unsafe fixes are applied too.
    pub unsafe_fixes: bool,
    /// The most that a fix may do to the build. With the effect none, `format` keeps the cache.
    pub max_effect: Effect,
    /// What is passed over.
    pub exclude: Globs,
    /// Whether that is passed over also where it is named.
    pub force_exclude: bool,
    /// What is taken when folders are walked, beside the usual names.
    pub include: Globs,
    /// The `dockfix.toml` that speaks for the file, if one does.
    pub source: Option<PathBuf>,
    /// Ids of hadolint's that are to be ignored and for which there is no rule.
    pub unanswered: Vec<String>,
    /// What people should know of where they come from.
    pub notice: Option<String>,
}

impl Settings {
    /// What `format` does: layout, and no rule.
    pub fn format_job(&self) -> Job {
        Job { format: Some(self.format), ..Job::default() }
    }

    /// What `check` does: rules report.
    pub fn check_job(&self) -> Job {
        Job {
            rules: self.rules.clone(),
            max_effect: self.max_effect,
            settings: self.rule_settings.clone(),
            ..Job::default()
        }
    }

    /// What `fix` does: fixes of that safety at least are applied, and then perhaps the layout.
    pub fn fix_job(&self, safety: Safety, format: bool) -> Job {
        Job { fix: Some(safety), format: format.then_some(self.format), ..self.check_job() }
    }
}

/// A `dockfix.toml` whose words are understood.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) path: Option<PathBuf>,
    pub(super) layer: Layer,
    notice: Option<String>,
    overrides: Vec<(Globs, Layer)>,
    /// The settings made so far. There are few: files differ by overrides and `.editorconfig` only.
    made: Mutex<Vec<(Key, Arc<Settings>)>>,
}

/// What the settings of two files under one `dockfix.toml` may differ by: overrides and `.editorconfig`.
type Key = (Vec<usize>, Layout);

impl Config {
    /// Understands a file whose globs are relative to `root`.
    pub(super) fn new(
        rules: &[&'static Rule],
        source: &Source<'_>,
        root: &Path,
        file: File,
    ) -> Result<Self, ConfigError> {
        let (layer, overrides) = Reader { rules, source, root }.file(file)?;
        Ok(Config { layer, overrides, ..Config::default() })
    }

    /// What another program's file says.
    pub(super) fn foreign(foreign: Foreign) -> Self {
        Config { layer: foreign.layer, notice: foreign.notice, ..Config::default() }
    }

    /// The settings of the file at an absolute path, given what `.editorconfig` says and the arguments.
    pub(super) fn settings(
        &self,
        rules: &[&'static Rule],
        path: &Path,
        editor: Layout,
        arguments: &[Layer],
    ) -> Result<Arc<Settings>, ConfigError> {
        let overrides = self.overrides.iter().zip(0..);
        let matching = overrides.filter(|((files, _), _)| files.is_match(path));
        let key = (matching.map(|(_, nth)| nth).collect(), editor);
        // What a thread that panicked left behind is whole, because an entry is added in one step.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, settings)) = made.iter().find(|(it, _)| *it == key) {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(self.make(rules, &key, arguments)?);
        made.push((key, Arc::clone(&settings)));
        Ok(settings)
    }

    fn make(
        &self,
        rules: &[&'static Rule],
        (overrides, editor): &Key,
        arguments: &[Layer],
    ) -> Result<Settings, ConfigError> {
        let said = [&self.layer].into_iter().chain(arguments).filter_map(|it| it.preset).next_back();
        let preset = said.unwrap_or(Preset::recommended());
        let mut selected = RuleSet::new();
        let mut settings = Settings {
            preset: preset.name,
            format: format::Options::default(),
            rules: Vec::new(),
            rule_settings: RuleSettings::default(),
            unsafe_fixes: false,
            max_effect: Effect::Image,
            exclude: Globs::default(),
            force_exclude: false,
            include: Globs::default(),
            source: self.path.clone(),
            unanswered: Vec::new(),
            notice: self.notice.clone(),
        };
        let preset = preset.layer(rules)?;
        let editor = Layer { format: *editor, ..Layer::default() };
        // The key was made of places in `overrides`.
        let overrides = overrides.iter().map(|&nth| &self.overrides[nth].1);
        for layer in [&preset, &editor, &self.layer].into_iter().chain(overrides).chain(arguments) {
            layer.selection.apply(&mut selected);
            layer.apply(&mut settings);
        }
        // To rebuild nothing is one wish, whichever of the two says it.
        if settings.format.keep_cache || settings.max_effect == Effect::None {
            settings.format.keep_cache = true;
            settings.max_effect = Effect::None;
        }
        no_conflict(rules, &selected, self.path.as_deref())?;
        // The places were found in the same `rules`.
        settings.rules = selected.into_iter().map(|place| rules[place]).collect();
        Ok(settings)
    }
}

/// Rules that undo each other would never settle. The error is about a file, or else about the command line.
pub(super) fn no_conflict(rules: &[&'static Rule], selected: &RuleSet, file: Option<&Path>) -> Result<(), ConfigError> {
    let Some((one, other)) = conflict(rules, selected) else {
        return Ok(());
    };
    let (one, other) = (one.name, other.name);
    let message = format!("the rules `{one}` and `{other}` are selected together, and each undoes what the other does");
    Err(match file {
        Some(path) => {
            let help = format!("leave one of them out, as with `ignore = [\"{one}\"]`");
            ConfigError::file(path, message).with_help(Some(help))
        }
        None => {
            let help = format!("leave one of them out, as with `--ignore {one}`");
            ConfigError::new(Origin::Argument("command line".to_owned()), message).with_help(Some(help))
        }
    })
}
