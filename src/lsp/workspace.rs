//! The folders of the workspace, each with what its settings say.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{client::Client, options::Options, uri};
use crate::{
    config::{Resolver, Settings},
    files, rules,
};

/// The languages that clients call a Dockerfile's.
const LANGUAGES: &[&str] = &["dockerfile", "docker", "containerfile", "dockerfile-ts"];

/// A folder of the workspace.
#[derive(Debug)]
pub(super) struct Folder {
    /// Its uri, as the client wrote it.
    pub(super) uri: String,
    /// Its place.
    pub(super) path: PathBuf,
    /// What the editor's settings say for it.
    pub(super) options: Options,
    /// Finds settings, or says what is wrong with those of the editor.
    pub(super) resolver: Result<Arc<Resolver>, String>,
}

impl Folder {
    fn new(uri: String, path: PathBuf, options: Options) -> Folder {
        // Who reads a pipe waits until somebody writes to it.
        let odd = options.config_file(&path).filter(|it| it.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir()));
        let resolver = match (&options.mistake, odd) {
            (Some(why), _) => Err(why.clone()),
            (None, Some(odd)) => Err(format!("{}: not a regular file", odd.display())),
            (None, None) => {
                Resolver::within(path.clone(), rules::ALL, options.overrides()).map_err(|it| it.to_string())
            }
        };
        Folder { uri, path, options, resolver: resolver.map(Arc::new) }
    }
}

/// Whether a client calls a Dockerfile's language so.
pub(super) fn is_language(name: &str) -> bool {
    LANGUAGES.contains(&name.to_ascii_lowercase().as_str())
}

/// What is to be done with a document.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// It is no Dockerfile, or the settings say to leave it alone.
    Foreign,
    /// Its settings are wrong, and so nothing is done.
    Bad(String),
    /// It is worked on with these.
    Known(Arc<Settings>),
}

/// All folders.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) folders: Vec<Folder>,
    /// What speaks for documents outside of all folders.
    rest: Folder,
}

impl Workspace {
    /// Folders by their uris; those that are no files' are passed over. `options` says what the editor's settings are
    /// for a uri, or for no folder.
    pub(super) fn new(uris: &[String], options: &dyn Fn(Option<&str>) -> Options) -> Workspace {
        let folder = |uri: &String| Some(Folder::new(uri.clone(), uri::path(uri)?, options(Some(uri))));
        let folders: Vec<Folder> = uris.iter().filter_map(folder).collect();
        let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let rest = Folder::new(String::new(), folders.first().map_or(here, |it| it.path.clone()), options(None));
        Workspace { folders, rest }
    }

    /// All folders, and what speaks for the rest.
    pub(super) fn all(&self) -> impl Iterator<Item = &Folder> {
        self.folders.iter().chain([&self.rest])
    }

    /// Reads the files of settings anew, as they are needed.
    pub(super) fn reload(&mut self) {
        for folder in self.folders.iter_mut().chain([&mut self.rest]) {
            *folder = Folder::new(
                std::mem::take(&mut folder.uri),
                std::mem::take(&mut folder.path),
                std::mem::take(&mut folder.options),
            );
        }
    }

    /// The folder that speaks for a path: the innermost one around it.
    pub(super) fn folder(&self, path: Option<&Path>) -> &Folder {
        let around = self.folders.iter().filter(|it| path.is_some_and(|path| path.starts_with(&it.path)));
        around.max_by_key(|it| it.path.components().count()).unwrap_or(&self.rest)
    }

    /// What is to be done with a document, which may have no path yet.
    pub(super) fn subject(&self, uri: &str, language: &str, client: &Client) -> Subject {
        let path = uri::path(uri);
        let folder = self.folder(path.as_deref());
        if !folder.options.enable {
            return Subject::Foreign;
        }
        let named = path.as_deref().is_some_and(files::is_dockerfile);
        // What is not saved yet is treated as if it stood in the folder.
        let path = path.unwrap_or_else(|| folder.path.join("Dockerfile"));
        let is_dockerfile = named || is_language(language);
        let subject = subject(folder, &path, is_dockerfile);
        if let Subject::Bad(why) = &subject {
            client.show_error(&format!("dockfix: {why}"));
        }
        subject
    }
}

fn subject(folder: &Folder, path: &Path, is_dockerfile: bool) -> Subject {
    let settings = folder.resolver.as_ref().map_err(Clone::clone).and_then(|resolver| {
        let excluded = resolver.is_excluded(path).map_err(|it| it.to_string())?;
        let settings = resolver.settings_for(path).map_err(|it| it.to_string())?;
        let taken = !excluded && (is_dockerfile || settings.include.is_match(path));
        Ok(taken.then_some(settings))
    });
    match settings {
        Ok(Some(settings)) => Subject::Known(settings),
        Err(why) if is_dockerfile => Subject::Bad(why),
        Ok(None) | Err(_) => Subject::Foreign,
    }
}
