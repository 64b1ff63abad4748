//! What arguments say of settings.

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::PossibleValue};

use crate::{config::Overrides, fix::Effect};

/// What the arguments say of settings.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Said {
    /// The rules that run: names, groups, other tools' ids, safeties, `default`, `all`, beginnings as `DL3*`.
    #[arg(long, value_delimiter = ',', value_name = "RULES", help_heading = "Rules")]
    select: Option<Vec<String>>,
    /// Rules that run too.
    #[arg(long, value_delimiter = ',', value_name = "RULES", help_heading = "Rules")]
    extend_select: Vec<String>,
    /// Rules that don't run.
    #[arg(long, value_delimiter = ',', value_name = "RULES", help_heading = "Rules")]
    ignore: Vec<String>,
    /// The most that fixes and layout may do to the build: nothing is rebuilt, steps are rebuilt, the image changes.
    #[arg(long, value_enum, value_name = "EFFECT", help_heading = "Rules")]
    max_effect: Option<Effect>,
    /// Rebuild nothing: hold fixes to the effect `none`, and layout to white space that is in no cache key.
    #[arg(long, conflicts_with = "max_effect")]
    keep_cache: bool,
    /// The preset to begin with: recommended, official-images, strict, layout-only or hadolint.
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    preset: Option<String>,
    /// The file of settings to use instead of any that would be found.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Use no file of settings, not even an `.editorconfig`.
    #[arg(long, help_heading = "Settings")]
    isolated: bool,
    /// Pass over what settings exclude also where it is named, as hooks and editors do.
    #[arg(long, help_heading = "Settings")]
    force_exclude: bool,
    /// Set an option of `dockfix.toml`, as `format.indent=2`.
    #[arg(long = "option", value_name = "KEY=VALUE", value_parser = key_value, help_heading = "Settings")]
    options: Vec<(String, String)>,
}

// The words are those of `--max-effect`, for the most that may happen to a build.
impl ValueEnum for Effect {
    fn value_variants<'a>() -> &'a [Self] {
        &Effect::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Effect::None => "No step is rebuilt",
            Effect::Rebuild => "Steps are rebuilt, with the same result",
            Effect::Image => "Another image",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl Said {
    /// An option that was given and is about rules or their fixes alone.
    pub(super) fn rule_option(&self) -> Option<&'static str> {
        if self.select.is_some() {
            Some("--select")
        } else if !self.extend_select.is_empty() {
            Some("--extend-select")
        } else if !self.ignore.is_empty() {
            Some("--ignore")
        } else {
            None
        }
    }

    pub(in crate::cli) fn overrides(&self) -> Overrides {
        Overrides {
            preset: self.preset.clone(),
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
            unsafe_fixes: false,
            max_effect: self.max_effect,
            keep_cache: self.keep_cache,
            config: self.config.clone(),
            isolated: self.isolated,
            force_exclude: self.force_exclude,
            options: self.options.clone(),
        }
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
