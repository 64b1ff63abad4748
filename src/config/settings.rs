//! The settings that hold for a file, and the layers that they are made of.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    error::{ConfigError, Source},
    file::{File, Layout, Override, Words},
    globs::Globs,
    selector::{RuleSet, Selection, places},
};
use crate::{
    fix::{Effect, Rule, RuleSettings},
    format,
};

/// The settings that hold for a file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The layout.
    pub format: format::Options,
    /// The rules that run, in the order of all rules.
    pub rules: Vec<&'static Rule>,
    /// What the rules are told.
    pub rule_settings: RuleSettings,
    /// Whether unsafe fixes are applied too.
    pub unsafe_fixes: bool,
    /// The most that a fix may do to the build.
    pub max_effect: Effect,
    /// What is passed over.
    pub exclude: Globs,
    /// What is taken when folders are walked, beside the usual names.
    pub include: Globs,
    /// The `dockfix.toml` that speaks for the file, if one does.
    pub source: Option<PathBuf>,
}

/// What one file, one of its overrides or one argument says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) selection: Selection,
    pub(super) unsafe_fixes: Option<bool>,
    pub(super) max_effect: Option<Effect>,
    pub(super) keep_cache: Option<bool>,
    pub(super) format: Layout,
    pub(super) exclude: Option<Globs>,
    pub(super) include: Option<Globs>,
}

/// A `dockfix.toml` whose words are understood.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) path: Option<PathBuf>,
    pub(super) layer: Layer,
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
        let read = Reader { rules, source, root };
        let selection = read.selection(file.select.as_ref(), &file.extend_select, &file.ignore)?;
        let layer = Layer {
            selection,
            unsafe_fixes: file.unsafe_fixes,
            max_effect: file.max_effect,
            keep_cache: file.keep_cache,
            format: file.format,
            exclude: file.exclude.map(|it| read.globs(&it)).transpose()?,
            include: file.include.map(|it| read.globs(&it)).transpose()?,
        };
        let overrides = file.overrides.into_iter().map(|it| read.over(it.into_inner()));
        Ok(Config { path: None, layer, overrides: overrides.collect::<Result<_, _>>()?, made: Mutex::default() })
    }

    /// The settings of the file at an absolute path, given what `.editorconfig` says and the arguments.
    pub(super) fn settings(
        &self,
        rules: &[&'static Rule],
        path: &Path,
        editor: Layout,
        arguments: &[Layer],
    ) -> Arc<Settings> {
        let overrides = self.overrides.iter().zip(0..);
        let matching = overrides.filter(|((files, _), _)| files.is_match(path));
        let key = (matching.map(|(_, nth)| nth).collect(), editor);
        // What a thread that panicked left behind is whole, because an entry is added in one step.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, settings)) = made.iter().find(|(it, _)| *it == key) {
            return Arc::clone(settings);
        }
        let settings = Arc::new(self.make(rules, &key, arguments));
        made.push((key, Arc::clone(&settings)));
        settings
    }

    fn make(&self, rules: &[&'static Rule], (overrides, editor): &Key, arguments: &[Layer]) -> Settings {
        let mut format = format::Options::default();
        editor.apply(&mut format);
        let mut selected: RuleSet = (0..rules.len()).filter(|&it| rules[it].default).collect();
        let mut settings = Settings {
            format,
            rules: Vec::new(),
            rule_settings: RuleSettings::default(),
            unsafe_fixes: false,
            max_effect: Effect::Image,
            exclude: Globs::default(),
            include: Globs::default(),
            source: self.path.clone(),
        };
        // The key was made of places in `overrides`.
        let overrides = overrides.iter().map(|&nth| &self.overrides[nth].1);
        for layer in [&self.layer].into_iter().chain(overrides).chain(arguments) {
            layer.selection.apply(&mut selected);
            layer.apply(&mut settings);
        }
        if settings.format.keep_cache {
            settings.max_effect = Effect::None;
        }
        // The places were found in the same `rules`.
        settings.rules = selected.into_iter().map(|place| rules[place]).collect();
        settings
    }
}

impl Layer {
    /// Sets all that this layer says, but for the rules.
    fn apply(&self, settings: &mut Settings) {
        self.format.apply(&mut settings.format);
        settings.unsafe_fixes = self.unsafe_fixes.unwrap_or(settings.unsafe_fixes);
        settings.max_effect = self.max_effect.unwrap_or(settings.max_effect);
        settings.format.keep_cache = self.keep_cache.unwrap_or(settings.format.keep_cache);
        if let Some(exclude) = &self.exclude {
            settings.exclude.clone_from(exclude);
        }
        if let Some(include) = &self.include {
            settings.include.clone_from(include);
        }
    }
}

/// Understands the words of a source.
struct Reader<'a> {
    rules: &'a [&'static Rule],
    source: &'a Source<'a>,
    root: &'a Path,
}

impl Reader<'_> {
    fn over(&self, it: Override) -> Result<(Globs, Layer), ConfigError> {
        let layer = Layer {
            selection: self.selection(it.select.as_ref(), &it.extend_select, &it.ignore)?,
            unsafe_fixes: it.unsafe_fixes,
            max_effect: it.max_effect,
            keep_cache: it.keep_cache,
            format: it.format,
            exclude: None,
            include: None,
        };
        Ok((self.globs(&it.files)?, layer))
    }

    fn selection(&self, select: Option<&Words>, extend: &Words, ignore: &Words) -> Result<Selection, ConfigError> {
        Ok(Selection {
            select: select.map(|it| self.rules(it)).transpose()?,
            extend: self.rules(extend)?,
            ignore: self.rules(ignore)?,
        })
    }

    fn rules(&self, words: &Words) -> Result<RuleSet, ConfigError> {
        let mut all = RuleSet::new();
        for word in words {
            let selected = places(self.rules, word.get_ref()).map_err(|help| {
                let message = format!("unknown rule `{}`", word.get_ref());
                self.source.error(Some(word.span()), message).with_help(Some(help))
            })?;
            all.extend(selected);
        }
        Ok(all)
    }

    fn globs(&self, words: &Words) -> Result<Globs, ConfigError> {
        let globs = words.iter().map(|it| it.get_ref().as_str());
        Globs::new(self.root, globs).map_err(|(nth, message)| {
            let word = words.get(nth);
            let glob = word.map(|it| it.get_ref().as_str()).unwrap_or_default();
            let message = format!("bad glob `{glob}`: {message}");
            self.source.error(word.map(|it| it.span()), message)
        })
    }
}
