//! What the name of a base image says of what is in it.

use super::{
    Model, Stage,
    bases::Defaults,
    systems::{age_of, lacks_shell},
};
use crate::syntax::{
    SyntaxKind::{ADD, COPY, RUN},
    ast::Instruction,
    is_shell,
};

/// What is known of the age of the systems on which the stages of a file are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// No name says that one is old.
    Present,
    /// A name is a variable without a value in the file, or stood for an old system first and for a newer one later.
    Unknown,
    /// One is from before 2016.
    Old,
}

/// How old the systems of a file's images are, by their names.
pub fn age(model: &Model) -> Age {
    *model.age.get_or_init(|| find_age(model))
}

fn find_age(model: &Model) -> Age {
    let mut age = Age::Present;
    for image in images(model) {
        match age_of(image) {
            Age::Present => {}
            Age::Unknown => age = Age::Unknown,
            Age::Old => return Age::Old,
        }
    }
    age
}

/// Whether a stage stands on an image of which it is known that it has no shell, and brings none along.
pub fn has_no_shell(model: &Model, stage: usize) -> bool {
    let Some(base) = model.root(stage).and_then(|it| model.stages.get(it)) else { return false };
    // A program that is a shell, or a folder in which shells lie; in either form of the instruction.
    let shell = |it: &str| {
        let path = it.trim_matches(['[', '"', ',', ']']);
        path.contains("busybox") || is_shell(path) || path.trim_end_matches('/').ends_with("bin")
    };
    let brings = |it: &Instruction| {
        let takes = matches!(it.kind(), COPY | ADD);
        // A RUN in shell form shows that there is one.
        (it.kind() == RUN && it.json().is_none()) || (takes && it.arguments().split_whitespace().any(shell))
    };
    lacks_shell(&base.image) && !model.ancestry(stage).flat_map(|it| &it.instructions).any(brings)
}

/// The images of all stages, filled.
fn images(model: &Model) -> impl Iterator<Item = &str> {
    (0..model.stages.len()).filter(|it| model.root(*it) == Some(*it)).filter_map(|it| base_image(model, it))
}

/// The image on which a stage is built, by way of others perhaps, in lower case, with the default values of global
/// arguments put in.
pub(super) fn base_image(model: &Model, stage: usize) -> Option<&str> {
    let all = model.images.get_or_init(|| {
        let defaults = Defaults::of(model.stages.first());
        let is_root = |stage: &Stage| stage.has_from() && stage.parent().is_none();
        model.stages.iter().map(|it| is_root(it).then(|| defaults.fill(&it.image).to_lowercase())).collect()
    });
    all.get(model.root(stage)?)?.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn some_images_have_no_shell() {
        let none = |text: &str| {
            let model = Model::new(&parse(text));
            has_no_shell(&model, model.stages.len() - 1)
        };
        assert!(none("FROM gcr.io/distroless/static:nonroot AS a\nFROM a\nCOPY app /\n"));
        assert!(none("FROM gcr.io/distroless/static\nCOPY deploy.sh publish /\n"));
        for text in [
            "FROM alpine\n",
            "FROM scratch\n",
            "FROM gcr.io/distroless/static:debug\n",
            "FROM gcr.io/distroless/static:$TAG\n",
            "FROM gcr.io/distroless/static\nCOPY --from=x /bin/sh /bin/sh\n",
            "FROM gcr.io/distroless/static\nCOPY --from=busybox /bin /bin\n",
            "FROM gcr.io/distroless/static\nCOPY --from=x [\"/bin/dash\", \"/bin/dash\"]\n",
            "FROM gcr.io/distroless/static\nRUN ls\n",
        ] {
            assert!(!none(text), "{text}");
        }
    }

    #[test]
    fn names_say_how_old_a_system_is() {
        let age = |text: &str| age(&Model::new(&parse(text)));
        for image in [
            "ubuntu:14.04",
            "python:2.7-jessie",
            "phusion/baseimage:0.9.15",
            "gliderlabs/alpine:3.1",
            "baseimage:0.9.x",
            "node:0.12.7",
            "node:5-slim",
            "library/golang:1.7.3",
            "docker.io/ruby:2.1",
            "php:5.3-apache",
            "jenkins:1.651.3",
            "java",
            "java:8-jdk",
            "nvidia/cuda:7.5-devel",
            "ros:indigo-ros-base",
            "heroku/cedar:14",
        ] {
            assert_eq!(age(&format!("FROM {image}\n")), Age::Old, "{image}");
        }
        for image in [
            "ubuntu:24.04",
            "alpine:3.19",
            "python:3.12",
            "alpine",
            "phusion/baseimage:0.9.22",
            "phusion/baseimage:0.10.1",
            "phusion/baseimage:latest",
            "phusion/baseimage:focal-1.0.0",
            "node",
            "node:latest",
            "node:22",
            "node:5-alpine",
            "node:8-stretch",
            "me/node:4",
            "golang:1",
            "golang:1.24",
            "ruby:2",
            "php:5-alpine",
            "java:8-jdk-alpine",
            "java:9-b149",
            "nvidia/cuda:8.0-devel",
            "nvidia/cuda:7.5-devel-centos7",
        ] {
            assert_eq!(age(&format!("FROM {image}\n")), Age::Present, "{image}");
        }
        for image in ["node:8", "node:6.9.1-slim", "golang:1.8", "ruby:2.3.1", "php:5.6", "php:7.0-fpm"] {
            assert_eq!(age(&format!("FROM {image}\n")), Age::Unknown, "{image}");
        }
        assert_eq!(age("ARG V=14.04\nFROM ubuntu:$V\n"), Age::Old);
        assert_eq!(age("ARG V=3.12\nFROM python:${V}-slim\n"), Age::Present);
        assert_eq!(age("ARG V\nFROM python:${V}\n"), Age::Unknown);
        assert_eq!(age("ARG V\nFROM nvidia/cuda:9.0-devel-ubuntu${V}\n"), Age::Unknown);
        assert_eq!(age("ARG V=14.04\nFROM ubuntu:$VARIANT\n"), Age::Unknown);
        assert_eq!(age("FROM ubuntu:${V:-14.04}\n"), Age::Unknown);
        assert_eq!(age("ARG V=\nFROM ubuntu:${V:-14.04}\n"), Age::Old);
        assert_eq!(age("ARG A=14\nARG V=\"$A.04\"\nFROM ubuntu:$V\n"), Age::Old);
    }
}
