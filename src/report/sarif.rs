//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use serde::Serialize;
use text_size::TextRange;

use super::{About, Entry, File, Kind, Place, Reporter, Run, Trouble, json::to_json, name::folder_uri};

mod rules;

/// One run. What it says of rules stands behind the results, for only those are described that found something.
pub(super) struct Sarif(pub(super) About);

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name for the folder from which paths are counted, as GitHub and others know it.
const ROOT: &str = "%SRCROOT%";

impl Reporter for Sarif {
    fn head(&self, _: &Run) -> String {
        format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"results\":[\n")
    }

    fn file(&self, file: &File<'_>) -> String {
        let is_result = |it: &&Entry<'_>| !matches!(it.kind, Kind::Fault | Kind::Unusable);
        let all: Vec<String> = file.entries.iter().filter(is_result).map(|it| to_json(&result(file, it))).collect();
        all.join(",\n")
    }

    fn between(&self) -> &'static str {
        ",\n"
    }

    fn tail(&self, run: &Run) -> String {
        let rest = Rest {
            tool: rules::tool(run),
            invocations: [Invocation {
                execution_successful: run.troubles.is_empty(),
                exit_code: run.exit_code,
                exit_code_description: match run.exit_code {
                    0 => "nothing is left to do",
                    1 => "findings are left, or files would change",
                    _ => "a file, an option or a setting was bad",
                },
                tool_execution_notifications: run.troubles.iter().map(notification).collect(),
            }],
            original_uri_base_ids: Bases { root: Base { uri: folder_uri(&self.0.root) } },
            column_kind: "unicodeCodePoints",
            properties: RunProperties { command: self.0.command },
        };
        // The rest is an object of its own, which goes on where the results end.
        format!("\n],{}]}}\n", to_json(&rest).trim_start_matches('{'))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    tool: rules::Tool,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: Bases,
    column_kind: &'static str,
    properties: RunProperties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    exit_code: u8,
    exit_code_description: &'static str,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Bases {
    #[serde(rename = "%SRCROOT%")]
    root: Base,
}

#[derive(Serialize)]
struct Base {
    uri: String,
}

#[derive(Serialize)]
struct RunProperties {
    command: &'static str,
}

#[derive(Serialize)]
struct Notification<'a> {
    descriptor: Id,
    level: &'static str,
    message: Text<'a>,
    locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
struct Id {
    id: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    partial_fingerprints: Prints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Prints<'a> {
    #[serde(rename = "dockfix/v1")]
    ours: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text<'a>,
    artifact_changes: [Changes<'a>; 1],
    properties: FixProperties,
}

#[derive(Serialize)]
struct FixProperties {
    safety: &'static str,
    effect: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changes<'a> {
    artifact_location: Artifact<'a>,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

fn artifact(uri: &str) -> Artifact<'_> {
    let is_relative = !uri.starts_with("file:");
    Artifact { uri, uri_base_id: is_relative.then_some(ROOT) }
}

fn region(file: &File<'_>, range: TextRange) -> Region {
    let (start, end): (Place, Place) = (file.place(range.start()), file.place(range.end()));
    Region {
        start_line: start.line,
        start_column: Some(start.column),
        end_line: Some(end.line),
        end_column: Some(end.column),
    }
}

fn result<'a>(file: &'a File<'_>, entry: &'a Entry<'_>) -> Outcome<'a> {
    let artifact = || artifact(&file.name.uri);
    let region = |range: TextRange| region(file, range);
    let fix = entry.sayable_fix().map(|fix| Fix {
        description: Text { text: &fix.title },
        artifact_changes: [Changes {
            artifact_location: artifact(),
            replacements: fix
                .edits
                .iter()
                .map(|it| Replacement { deleted_region: region(it.range), inserted_content: Text { text: &it.insert } })
                .collect(),
        }],
        properties: FixProperties { safety: fix.safety.as_str(), effect: fix.effect.as_str() },
    });
    let location = Physical { artifact_location: artifact(), region: entry.range.map(region) };
    Outcome {
        rule_id: entry.kind.id(),
        level: entry.level.as_str(),
        message: Text { text: &entry.message },
        locations: [Location { physical_location: location }],
        partial_fingerprints: Prints { ours: file.fingerprint(entry) },
        fixes: fix.into_iter().collect(),
    }
}

fn notification(trouble: &Trouble) -> Notification<'_> {
    let region =
        trouble.line.map(|line| Region { start_line: line, start_column: None, end_line: None, end_column: None });
    let location = Physical { artifact_location: artifact(&trouble.name.uri), region };
    Notification {
        descriptor: Id { id: trouble.kind.id() },
        level: "error",
        message: Text { text: &trouble.message },
        locations: vec![Location { physical_location: location }],
    }
}
