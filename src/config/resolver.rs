//! Which settings hold for a path.

use std::{
    env,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::{
    discover::{Folders, own_file, read_named},
    editorconfig::EditorConfigs,
    error::{ConfigError, Origin, Source},
    file::{self, Layout},
    hadolint,
    layer::Layer,
    preset::Preset,
    selector::{Purpose, RuleSet, Selection, is_unanswered, places},
    settings::{Config, Settings, no_conflict},
};
use crate::fix::{Effect, Rule};

/// What the command line says. It goes before what files say.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The preset that holds instead of the one that files name.
    pub preset: Option<String>,
    /// The rules that run, whatever the files select and ignore.
    pub select: Option<Vec<String>>,
    /// Rules that run too.
    pub extend_select: Vec<String>,
    /// Rules that don't run.
    pub ignore: Vec<String>,
    /// Whether unsafe fixes are applied too; `false` leaves it to the files.
    pub unsafe_fixes: bool,
    /// The most that a fix may do to the build.
    pub max_effect: Option<Effect>,
    /// Whether layout and fixes are held to what rebuilds nothing; `false` leaves it to the files.
    pub keep_cache: bool,
    /// The file that is used instead of any that would be found.
    pub config: Option<PathBuf>,
    /// No file is used, not even an `.editorconfig`.
    pub isolated: bool,
    /// Whether what is excluded is passed over also where it is named; `false` leaves it to the files.
    pub force_exclude: bool,
    /// Any other option, as `("format.indent", "2")`. Values are TOML, or a string where they are no TOML.
    pub options: Vec<(String, String)>,
}

/// Finds the settings that hold for a path. Threads may share it; each file of settings is read once, unless there
/// are very many folders.
#[derive(Debug)]
pub struct Resolver {
    rules: &'static [&'static Rule],
    folder: PathBuf,
    arguments: Arc<[Layer]>,
    configs: Configs,
    editor: Option<EditorConfigs>,
    /// What holds where no file speaks.
    default: Arc<Config>,
}

#[derive(Debug)]
enum Configs {
    /// One file, or none, speaks for all paths.
    One(Arc<Config>),
    /// The closest file speaks; where there is none, the closest of hadolint's.
    Closest { own: Folders<Arc<Config>>, hadolint: Folders<Arc<Config>> },
}

impl Resolver {
    /// Understands the arguments, before any file is looked at, and then the file of `--config`.
    pub fn new(rules: &'static [&'static Rule], overrides: Overrides) -> Result<Self, ConfigError> {
        let folder = env::current_dir()
            .map_err(|error| ConfigError::file(Path::new("."), format!("there is no working folder: {error}")))?;
        Resolver::within(folder, rules, overrides)
    }

    /// A resolver whose relative paths begin at a folder.
    pub fn within(folder: PathBuf, rules: &'static [&'static Rule], overrides: Overrides) -> Result<Self, ConfigError> {
        let mut arguments = Vec::new();
        for (key, value) in &overrides.options {
            arguments.push(option(rules, &folder, key, value)?);
        }
        arguments.push(flags(rules, &overrides)?);
        // Rules that are selected here are selected for every file.
        let mut selected = RuleSet::new();
        arguments.iter().for_each(|it| it.selection.apply(&mut selected));
        no_conflict(rules, &selected, None)?;
        if overrides.isolated && overrides.config.is_some() {
            let origin = Origin::Argument("--isolated".to_owned());
            return Err(ConfigError::new(origin, "can't be used with --config"));
        }

        let default = Arc::new(Config::default());
        let configs = match overrides.config {
            Some(path) => {
                let path = absolute(&folder, &path);
                let wrong = |error: ConfigError| error.relative_to(&folder);
                let text = read_named(&path)
                    .map_err(wrong)?
                    .ok_or_else(|| wrong(ConfigError::file(&path, "there is no such file")))?;
                Configs::One(Arc::new(load(rules, path, &text).map_err(wrong)?))
            }
            None if overrides.isolated => Configs::One(Arc::clone(&default)),
            None => Configs::Closest { own: Folders::default(), hadolint: Folders::default() },
        };
        Ok(Resolver {
            rules,
            folder,
            arguments: arguments.into(),
            configs,
            editor: (!overrides.isolated).then(EditorConfigs::default),
            default,
        })
    }

    /// The same, but that no file is looked for, and no `.editorconfig`: what `--config` named, or else no file at all,
    /// speaks for every path.
    pub fn without_lookup(mut self) -> Self {
        if matches!(self.configs, Configs::Closest { .. }) {
            self.configs = Configs::One(Arc::clone(&self.default));
        }
        self.editor = None;
        self
    }

    /// The same arguments over the text of a `dockfix.toml`, which speaks for every path and whose globs begin at the
    /// working folder. In errors about the text it bears the name.
    pub fn with_text(&self, name: &str, text: &str) -> Result<Self, ConfigError> {
        let config = load(self.rules, self.folder.join(name), text);
        Ok(Resolver {
            rules: self.rules,
            folder: self.folder.clone(),
            arguments: Arc::clone(&self.arguments),
            configs: Configs::One(Arc::new(config.map_err(|error| error.relative_to(&self.folder))?)),
            editor: None,
            default: Arc::clone(&self.default),
        })
    }

    /// The settings of a file, which need not exist.
    pub fn settings_for(&self, path: &Path) -> Result<Arc<Settings>, ConfigError> {
        let path = absolute(&self.folder, path);
        let config = self.config_for(&path)?;
        let editor = match &self.editor {
            Some(editor) => editor.layout_of(&path),
            None => Ok(Layout::default()),
        };
        let editor = editor.map_err(|error| error.relative_to(&self.folder))?;
        let settings = config.settings(self.rules, &path, editor, &self.arguments);
        settings.map_err(|error| error.relative_to(&self.folder))
    }

    /// The settings that would hold for a file if no `dockfix.toml` and no file of hadolint's spoke for it.
    pub fn settings_without_files(&self, path: &Path) -> Result<Arc<Settings>, ConfigError> {
        let path = absolute(&self.folder, path);
        let wrong = |error: ConfigError| error.relative_to(&self.folder);
        let editor = self.editor.as_ref().map(|it| it.layout_of(&path)).transpose().map_err(wrong)?;
        let settings = self.default.settings(self.rules, &path, editor.unwrap_or_default(), &self.arguments);
        settings.map_err(wrong)
    }

    /// Whether a file or folder is to be passed over. A folder is asked about with what speaks for its parent.
    pub fn is_excluded(&self, path: &Path) -> Result<bool, ConfigError> {
        let path = absolute(&self.folder, path);
        let config = self.config_for(&path)?;
        Ok(self.excludes(&config, &path))
    }

    /// Whether a file is to be passed over though it was named: it is excluded, and `force-exclude` says so.
    pub fn is_force_excluded(&self, path: &Path) -> Result<bool, ConfigError> {
        let path = absolute(&self.folder, path);
        let config = self.config_for(&path)?;
        let is_forced = self.layers(&config).filter_map(|it| it.force_exclude).next_back().unwrap_or(false);
        Ok(is_forced && self.excludes(&config, &path))
    }

    fn excludes(&self, config: &Config, path: &Path) -> bool {
        let exclude = self.layers(config).filter_map(|it| it.exclude.as_ref()).next_back();
        exclude.is_some_and(|it| it.is_match(path))
    }

    /// What says which files are worked on; later ones go before earlier ones.
    fn layers<'a>(&'a self, config: &'a Config) -> impl DoubleEndedIterator<Item = &'a Layer> {
        [&config.layer].into_iter().chain(self.arguments.iter())
    }

    /// What speaks for an absolute path.
    fn config_for(&self, path: &Path) -> Result<Arc<Config>, ConfigError> {
        let (own, foreign) = match &self.configs {
            Configs::One(config) => return Ok(Arc::clone(config)),
            Configs::Closest { own, hadolint } => (own, hadolint),
        };
        let found = own.find(path, &|folder, above| match own_file(folder)? {
            Some((path, text)) => Ok(Some(Arc::new(load(self.rules, path, &text)?))),
            None => above(),
        });
        if let Some(config) = found.map_err(|error| error.relative_to(&self.folder))? {
            return Ok(config);
        }
        let found = foreign.find(path, &|folder, above| match hadolint::look(self.rules, folder, &self.folder)? {
            Some(foreign) => Ok(Some(Arc::new(Config::foreign(foreign)))),
            None => above(),
        });
        let found = found.map_err(|error| error.relative_to(&self.folder))?;
        Ok(found.unwrap_or_else(|| Arc::clone(&self.default)))
    }
}

/// Understands the text of the file at an absolute path.
fn load(rules: &[&'static Rule], path: PathBuf, text: &str) -> Result<Config, ConfigError> {
    let origin = Origin::File(path.clone(), None);
    let source = Source { origin, text };
    let root = path.parent().unwrap_or(&path);
    let mut config = Config::new(rules, &source, root, file::parse(&source)?)?;
    config.path = Some(path);
    Ok(config)
}

/// What `--option key=value` says.
fn option(rules: &[&'static Rule], folder: &Path, key: &str, value: &str) -> Result<Layer, ConfigError> {
    let mut text = format!("{key} = {value}");
    if text.parse::<toml::Table>().is_err() {
        // Nobody quotes a word twice, for the shell and for TOML.
        text = format!("{key} = {}", toml::Value::from(value));
    }
    let source = Source { origin: Origin::Argument(format!("--option {key}={value}")), text: &text };
    let file = file::parse(&source)?;
    if !file.overrides.is_empty() {
        return Err(source.error(None, "`overrides` can only stand in a file"));
    }
    Ok(Config::new(rules, &source, folder, file)?.layer)
}

/// What the arguments with names of their own say.
fn flags(rules: &[&'static Rule], overrides: &Overrides) -> Result<Layer, ConfigError> {
    let wrong = |flag: &str, message: String, help: String| {
        ConfigError::new(Origin::Argument(flag.to_owned()), message).with_help(Some(help))
    };
    let selected = |flag: &str, words: &[String], purpose: Purpose| {
        let mut all = RuleSet::new();
        for word in words {
            let places = places(rules, word, purpose);
            all.extend(places.map_err(|help| wrong(flag, format!("unknown rule `{word}`"), help))?);
        }
        Ok::<_, ConfigError>(all)
    };
    let preset = overrides
        .preset
        .as_deref()
        .map(|name| Preset::find(name).map_err(|help| wrong("--preset", format!("unknown preset `{name}`"), help)));
    let select = overrides.select.as_deref();
    let (unanswered, ignore): (Vec<_>, Vec<_>) =
        overrides.ignore.iter().cloned().partition(|it| is_unanswered(rules, it));
    Ok(Layer {
        preset: preset.transpose()?,
        selection: Selection {
            select: select.map(|words| selected("--select", words, Purpose::Select)).transpose()?,
            extend: selected("--extend-select", &overrides.extend_select, Purpose::Select)?,
            ignore: selected("--ignore", &ignore, Purpose::Ignore)?,
            unanswered,
        },
        unsafe_fixes: overrides.unsafe_fixes.then_some(true),
        keep_cache: overrides.keep_cache.then_some(true),
        max_effect: overrides.max_effect,
        force_exclude: overrides.force_exclude.then_some(true),
        ..Layer::default()
    })
}

/// A path from the root, with `.` and `..` resolved by name alone: the file need not exist.
fn absolute(folder: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            component => out.push(component),
        }
    }
    out
}

#[cfg(test)]
mod tests;
