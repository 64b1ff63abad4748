//! One layer of settings: what a file, one of its overrides, a preset or an argument says, understood.

use std::path::Path;

use toml::Spanned;

use super::{
    error::{ConfigError, Source},
    file::{File, Layout, Override, Words},
    globs::Globs,
    preset::{self, Preset},
    selector::{Purpose, RuleSet, Selection, is_unanswered, places},
    settings::Settings,
    tables,
};
use crate::fix::{Effect, Rule, RuleSettings};

/// What one source of settings says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// The preset that takes the place of the recommended one.
    pub(super) preset: Option<&'static Preset>,
    pub(super) selection: Selection,
    pub(super) rule_settings: RuleSettings,
    pub(super) unsafe_fixes: Option<bool>,
    pub(super) max_effect: Option<Effect>,
    pub(super) keep_cache: Option<bool>,
    pub(super) format: Layout,
    pub(super) exclude: Option<Globs>,
    pub(super) include: Option<Globs>,
    pub(super) force_exclude: Option<bool>,
}

impl Layer {
    /// Sets all that this layer says, but for the preset and the rules that run.
    pub(super) fn apply(&self, settings: &mut Settings) {
        settings.unanswered.extend_from_slice(&self.selection.unanswered);
        settings.rule_settings.extend(&self.rule_settings);
        self.format.apply(&mut settings.format);
        settings.unsafe_fixes = self.unsafe_fixes.unwrap_or(settings.unsafe_fixes);
        settings.max_effect = self.max_effect.unwrap_or(settings.max_effect);
        settings.force_exclude = self.force_exclude.unwrap_or(settings.force_exclude);
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
pub(super) struct Reader<'a> {
    pub(super) rules: &'a [&'static Rule],
    pub(super) source: &'a Source<'a>,
    /// The folder that globs are relative to.
    pub(super) root: &'a Path,
}

impl Reader<'_> {
    /// What a file says, and its overrides.
    pub(super) fn file(&self, it: File) -> Result<(Layer, Vec<(Globs, Layer)>), ConfigError> {
        let layer = Layer {
            preset: it.preset.as_ref().map(|word| preset::named(self.source, word)).transpose()?,
            selection: self.selection(it.select.as_ref(), &it.extend_select, &it.ignore)?,
            rule_settings: tables::read(self.rules, self.source, &it.rules)?,
            unsafe_fixes: it.unsafe_fixes,
            max_effect: it.max_effect,
            keep_cache: it.keep_cache,
            format: it.format,
            exclude: it.exclude.map(|it| self.globs(&it)).transpose()?,
            include: it.include.map(|it| self.globs(&it)).transpose()?,
            force_exclude: it.force_exclude,
        };
        let overrides = it.overrides.into_iter().map(|it| self.over(it.into_inner()));
        Ok((layer, overrides.collect::<Result<_, _>>()?))
    }

    fn over(&self, it: Override) -> Result<(Globs, Layer), ConfigError> {
        let layer = Layer {
            selection: self.selection(it.select.as_ref(), &it.extend_select, &it.ignore)?,
            rule_settings: tables::read(self.rules, self.source, &it.rules)?,
            unsafe_fixes: it.unsafe_fixes,
            max_effect: it.max_effect,
            keep_cache: it.keep_cache,
            format: it.format,
            ..Layer::default()
        };
        Ok((self.globs(&it.files)?, layer))
    }

    fn selection(&self, select: Option<&Words>, extend: &Words, ignore: &Words) -> Result<Selection, ConfigError> {
        let (unanswered, ignore): (Vec<_>, Vec<_>) =
            ignore.iter().partition(|it| is_unanswered(self.rules, it.get_ref()));
        Ok(Selection {
            select: select.map(|it| self.rules(it, Purpose::Select)).transpose()?,
            extend: self.rules(extend, Purpose::Select)?,
            ignore: self.rules(ignore, Purpose::Ignore)?,
            unanswered: unanswered.into_iter().map(|it| it.get_ref().clone()).collect(),
        })
    }

    fn rules<'w>(
        &self,
        words: impl IntoIterator<Item = &'w Spanned<String>>,
        purpose: Purpose,
    ) -> Result<RuleSet, ConfigError> {
        let mut all = RuleSet::new();
        for word in words {
            all.append(&mut places(self.rules, word.get_ref(), purpose).map_err(|help| {
                let message = format!("unknown rule `{}`", word.get_ref());
                self.source.error(Some(word.span()), message).with_help(Some(help))
            })?);
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
