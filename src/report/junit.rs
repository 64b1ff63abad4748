//! JUnit's XML as Jenkins, GitLab and others read it: findings as tests that failed.

use super::{File, Kind, Level, Reporter, Run, xml};

/// A test suite for each file. One without findings has one test, which passed.
pub(super) struct Junit;

impl Reporter for Junit {
    fn head(&self, _: &Run) -> String {
        format!("{}<testsuites name=\"dockfix\">\n", xml::DECLARATION)
    }

    fn file(&self, file: &File<'_>) -> String {
        let path = file.name.slashed.as_str();
        let mut out = xml::Xml::new();
        let count = |failed: bool| {
            let told = file.entries.iter().filter(|it| it.level != Level::Note);
            told.filter(|it| is_failure(it.kind) == failed).count().to_string()
        };
        let tests = file.entries.len().max(1).to_string();
        let skipped = if file.passed_over.is_some() && file.entries.is_empty() { "1" } else { "0" };
        let [failures, errors] = [count(true), count(false)];
        out.open(
            "testsuite",
            &[("name", path), ("tests", &tests), ("failures", &failures), ("errors", &errors), ("skipped", skipped)],
        );
        let case = |name: &str| [("name", name.to_owned()), ("classname", path.to_owned())];
        if file.entries.is_empty() {
            let case = case("dockfix");
            match file.passed_over {
                Some(why) => {
                    out.open("testcase", &borrowed(&case));
                    out.empty("skipped", &[("message", why)]);
                    out.close("testcase");
                }
                None => out.empty("testcase", &borrowed(&case)),
            }
        }
        for entry in &file.entries {
            let place = file.places(entry).map(|it| it.0);
            let at = place.map_or_else(String::new, |it| format!(":{}:{}", it.line, it.column));
            // Tests are told apart by their names.
            out.open("testcase", &borrowed(&case(&format!("{}{at}", entry.kind.id()))));
            let help = entry.help.map(|it| format!("\n{it}")).unwrap_or_default();
            let text = format!("{path}{at}: {}{help}", entry.message);
            let element = match entry.level {
                Level::Note => "system-out",
                _ if is_failure(entry.kind) => "failure",
                _ => "error",
            };
            match element {
                "system-out" => out.text(element, &[], &text),
                _ => out.text(element, &[("type", entry.level.as_str()), ("message", &entry.message)], &text),
            }
            out.close("testcase");
        }
        out.close("testsuite");
        out.finish()
    }

    fn tail(&self, _: &Run) -> String {
        "</testsuites>\n".to_owned()
    }
}

/// Whether it is something found; the rest kept dockfix or a build from going on.
fn is_failure(kind: Kind) -> bool {
    matches!(kind, Kind::Rule(_) | Kind::Layout)
}

fn borrowed<'a>(attributes: &'a [(&'a str, String); 2]) -> [(&'a str, &'a str); 2] {
    attributes.each_ref().map(|(key, value)| (*key, value.as_str()))
}
