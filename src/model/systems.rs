//! What is in a base image, by its name and the table `config/systems.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{
    Model,
    images::{Age, base_image},
};

/// The shell that a base image surely has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownShell {
    /// `/bin/bash`.
    Bash,
    /// `/bin/ash` of busybox, which `/bin/sh` is too.
    Ash,
}

/// A program that is `/bin/sh`, as far as an image's name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sh {
    /// bash.
    Bash,
    /// busybox.
    Busybox,
    /// dash, or one that no name tells.
    Other,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Systems {
    bash: Vec<String>,
    ash: Vec<String>,
    other_tags: Vec<String>,
    other_user: Vec<String>,
    sh_bash: Vec<String>,
    sh_busybox: Vec<String>,
    without_package_lists: Vec<String>,
    without_shell: Vec<String>,
    shell_tags: Vec<String>,
    old: Vec<String>,
    old_ends: Vec<String>,
    old_before: BTreeMap<String, Vec<u32>>,
    old_repositories: Vec<String>,
    old_until: BTreeMap<String, Vec<u32>>,
    maybe_old_until: BTreeMap<String, Vec<u32>>,
    other_systems: Vec<String>,
    folders: Vec<String>,
}

const TABLE: &str = include_str!("../../config/systems.toml");

// A test reads the table, so that it is never the empty one.
static SYSTEMS: LazyLock<Systems> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

impl Model {
    /// The shell that the image on which a stage is built surely has.
    pub fn known_shell(&self, stage: usize) -> Option<KnownShell> {
        let image = base_image(self, stage)?;
        let (name, tag) = name_and_tag(image);
        if image.contains('$') || SYSTEMS.other_tags.iter().any(|it| name.contains(it) || tag.contains(it)) {
            return None;
        }
        let alpine = tag.contains("alpine") || name.ends_with("alpine");
        match (among(&SYSTEMS.bash, name), among(&SYSTEMS.ash, name)) {
            (true, _) if !alpine => Some(KnownShell::Bash),
            (true, _) | (_, true) => Some(KnownShell::Ash),
            _ => None,
        }
    }

    /// What `/bin/sh` is in a stage, by the words of its image's name.
    pub fn sh(&self, stage: usize) -> Sh {
        let Some(image) = base_image(self, stage) else { return Sh::Other };
        let words = || image.split(|it: char| !it.is_ascii_alphabetic());
        let tells = |names: &[String]| words().any(|word| names.iter().any(|it| it == word));
        if tells(&SYSTEMS.sh_busybox) {
            Sh::Busybox
        } else if tells(&SYSTEMS.sh_bash) {
            Sh::Bash
        } else {
            Sh::Other
        }
    }

    /// Whether it is known of the image on which a stage is built that it has no package lists of apt.
    pub(super) fn lacks_package_lists(&self, stage: usize) -> bool {
        base_image(self, stage).is_some_and(|it| among(&SYSTEMS.without_package_lists, name_and_tag(it).0))
    }

    /// Whether the image on which a stage is built is the official one of a name.
    pub fn is_official(&self, stage: usize, name: &str) -> bool {
        base_image(self, stage).is_some_and(|it| name_and_tag(it).0 == name)
    }

    /// The tag of the image on which a stage is built, where that is the official one of a name; empty without one.
    pub fn official_tag(&self, stage: usize, name: &str) -> Option<&str> {
        base_image(self, stage).map(name_and_tag).filter(|it| it.0 == name).map(|it| it.1)
    }

    /// Whether another user than root is in force in the image on which a stage is built.
    pub(super) fn has_other_user(&self, stage: usize) -> bool {
        base_image(self, stage).is_some_and(|it| among(&SYSTEMS.other_user, name_and_tag(it).0))
    }
}

/// How old an image's system is, by its name in lower case.
pub(super) fn age_of(image: &str) -> Age {
    let before = |(name, version): (&String, &Vec<u32>)| {
        let rest = image.split_once(name.as_str()).map(|it| it.1.split(['.', '-']).take(version.len()));
        rest.is_some_and(|it| it.map(|it| it.parse().unwrap_or(0)).lt(version.iter().copied()))
    };
    let named = SYSTEMS.old.iter().any(|it| image.contains(it))
        || SYSTEMS.old_ends.iter().any(|it| image.ends_with(it))
        || SYSTEMS.old_before.iter().any(before);
    let (repository, tag) = name_and_tag(image);
    if named {
        return Age::Old;
    }
    if SYSTEMS.other_systems.iter().any(|it| tag.contains(it)) && !image.contains('$') {
        return Age::Present;
    }
    // A number alone may be any version that begins with it, of which the last one counts.
    let version: Vec<u32> = tag.split(['.', '-']).map_while(|it| it.parse().ok()).collect();
    let until = |table: &BTreeMap<String, Vec<u32>>| {
        let first = table.get(repository).filter(|_| !version.is_empty());
        first.is_some_and(|first| version.iter().take(first.len()).lt(first) && !first.starts_with(&version))
    };
    // `java:9` came before Java 9 did, on the unstable branch of Debian.
    let whole = among(&SYSTEMS.old_repositories, repository) && version.first() != Some(&9);
    match () {
        () if whole || until(&SYSTEMS.old_until) => Age::Old,
        () if image.contains('$') || until(&SYSTEMS.maybe_old_until) => Age::Unknown,
        () => Age::Present,
    }
}

/// Whether all images in which a RUN can run have a folder.
pub(super) fn is_everywhere(folder: &str) -> bool {
    SYSTEMS.folders.iter().any(|it| it == folder)
}

/// Whether it is known of an image that it has no shell.
pub(super) fn lacks_shell(image: &str) -> bool {
    let told = |it: &String| image.contains(it.as_str());
    among(&SYSTEMS.without_shell, name_and_tag(image).0) && !image.contains('$') && !SYSTEMS.shell_tags.iter().any(told)
}

/// What is asked of every FROM, in a table by itself that is quickly read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ImageShells {
    own_shell: Vec<String>,
}

// A test asks for an image of the table, so that it is never the empty one.
static IMAGE_SHELLS: LazyLock<ImageShells> =
    LazyLock::new(|| toml::from_str(include_str!("../../config/image_shells.toml")).unwrap_or_default());

/// Whether an image sets a SHELL of its own: one by its name as it is written, where that tells enough, or else as it
/// is `filled`.
pub(super) fn sets_shell(image: &str, filled: impl Fn() -> String) -> bool {
    // The tag need not be known.
    let sets = |image: &str| {
        let repository = image.split('$').next().unwrap_or_default().trim_end_matches(':');
        among(&IMAGE_SHELLS.own_shell, name_and_tag(repository).0)
    };
    sets(image) || (image.contains('$') && sets(&filled()))
}

/// The repository of an image without what stands for Docker's own, and the tag, which may be empty.
fn name_and_tag(image: &str) -> (&str, &str) {
    let image = image.split('@').next().unwrap_or_default();
    let (repository, tag) = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, ""),
    };
    let prefixes = ["index.docker.io/", "docker.io/", "public.ecr.aws/docker/", "library/"];
    (prefixes.iter().fold(repository, |name, it| name.strip_prefix(it).unwrap_or(name)), tag)
}

fn among(names: &[String], name: &str) -> bool {
    names.iter().any(|it| name == it || (it.ends_with('/') && name.starts_with(it)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn the_table_is_read() {
        let table: Systems = toml::from_str(TABLE).unwrap();
        assert!(table.bash.len() > 50 && !table.ash.is_empty() && table.old.len() > 30);
    }

    #[test]
    fn names_and_tags_say_what_is_there() {
        let shell = |text: &str| Model::new(&parse(text)).known_shell(1);
        for image in ["registry.suse.com/bci/bci-base:15.6", "registry.opensuse.org/opensuse/leap:15.6"] {
            assert_eq!(shell(&format!("FROM {image}\n")), Some(KnownShell::Bash), "{image}");
        }
        for image in ["debian", "ubuntu:24.04", "docker.io/library/python:3-slim", "node@sha256:1", "nvidia/cuda:12"] {
            assert_eq!(shell(&format!("FROM {image}\n")), Some(KnownShell::Bash), "{image}");
        }
        for image in ["alpine:3", "node:20-alpine3.19", "docker:dind"] {
            assert_eq!(shell(&format!("FROM {image}\n")), Some(KnownShell::Ash), "{image}");
        }
        for image in [
            "me/python",
            "localhost:5000/debian",
            "python:$V",
            "golang:1-nanoserver",
            "scratch",
            "redis.x",
            "registry.suse.com/bci/bci-busybox:15.6",
        ] {
            assert_eq!(shell(&format!("FROM {image}\n")), None, "{image}");
        }
        assert_eq!(shell("ARG V=3\nFROM python:$V\n"), Some(KnownShell::Bash));
    }

    #[test]
    fn names_say_what_the_shell_is() {
        let sh = |text: &str| {
            let model = Model::new(&parse(text));
            model.sh(model.stages.len() - 1)
        };
        for image in
            ["alpine", "node:18-alpine3.17", "gliderlabs/alpine:3.1", "busybox", "registry.suse.com/bci/bci-busybox"]
        {
            assert_eq!(sh(&format!("FROM {image}\n")), Sh::Busybox, "{image}");
        }
        for image in [
            "centos:7",
            "registry.example/ubi8/ubi-minimal",
            "rockylinux:9",
            "fedora",
            "registry.suse.com/bci/golang:1.22",
        ] {
            assert_eq!(sh(&format!("FROM {image} AS b\nFROM b\n")), Sh::Bash, "{image}");
        }
        for image in ["debian", "python:3", "example/app", "$B", "scratch"] {
            assert_eq!(sh(&format!("FROM {image}\n")), Sh::Other, "{image}");
        }
    }
}
