//! What a SARIF file says of the program and of its rules.

use serde::Serialize;

use crate::report::{Kind, Run};

#[derive(Serialize)]
pub(super) struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
    notifications: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Text,
    full_description: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help>,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    group: &'static str,
    safety: &'static str,
    effect: &'static str,
    /// The group, and the ids of the same finding in other tools.
    tags: Vec<&'static str>,
}

/// The program, and what was told in a run.
pub(super) fn tool(run: &Run) -> Tool {
    let mut kinds = run.kinds.clone();
    kinds.sort_by_key(|it| it.id());
    let (notifications, rules): (Vec<Kind>, Vec<Kind>) =
        kinds.into_iter().partition(|it| matches!(it, Kind::Fault | Kind::Unusable));
    let version = env!("CARGO_PKG_VERSION");
    Tool {
        driver: Driver {
            name: "dockfix",
            version,
            semantic_version: version,
            rules: rules.into_iter().map(rule).collect(),
            notifications: notifications.into_iter().map(rule).collect(),
        },
    }
}

fn rule(kind: Kind) -> Rule {
    let sentence = |text: &str| Text { text: format!("{text}.") };
    let (level, about) = match kind {
        Kind::Rule(rule) => ("warning", Some(rule)),
        Kind::Layout => ("warning", None),
        Kind::Syntax | Kind::Fault | Kind::Unusable => ("error", None),
    };
    let page = about.map(|it| it.page());
    let what = about.and_then(|it| section(it.docs, "## What it does"));
    Rule {
        id: kind.id(),
        name: pascal_case(kind.id()),
        short_description: sentence(kind.summary()),
        full_description: what.map_or_else(|| sentence(kind.summary()), |text| Text { text }),
        help: page.map(|it| Help { text: it.clone(), markdown: it }),
        default_configuration: Configuration { enabled: about.is_none_or(|it| it.default), level },
        properties: about.map(|it| Properties {
            group: it.group.as_str(),
            safety: it.safety.as_str(),
            effect: it.effect.as_str(),
            tags: [it.group.as_str()].into_iter().chain(it.ids.iter().copied()).collect(),
        }),
    }
}

/// What stands under a heading of a rule's docs, in one line.
fn section(docs: &str, heading: &str) -> Option<String> {
    let (_, rest) = docs.split_once(heading)?;
    let text = rest.split("## ").next()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|it| !it.is_empty())
}

/// `the-name` as `TheName`.
fn pascal_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('-') {
        let mut chars = word.chars();
        out.extend(chars.next().map(|it| it.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}
