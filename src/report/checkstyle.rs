//! Checkstyle's XML, which many readers of findings know.

use super::{File, Level, Reporter, Run, xml};

/// An element for each file with anything to tell.
pub(super) struct Checkstyle;

impl Reporter for Checkstyle {
    fn head(&self, _: &Run) -> String {
        // The version is that of the format, as others write it.
        format!("{}<checkstyle version=\"4.3\">\n", xml::DECLARATION)
    }

    fn file(&self, file: &File<'_>) -> String {
        if file.entries.is_empty() {
            return String::new();
        }
        let mut out = xml::Xml::new();
        out.open("file", &[("name", &file.name.slashed)]);
        for entry in &file.entries {
            let severity = match entry.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "info",
            };
            let (line, column) = file.places(entry).map_or((1, 1), |(start, _)| (start.line, start.column));
            let source = format!("dockfix.{}", entry.kind.id());
            out.empty(
                "error",
                &[
                    ("line", &line.to_string()),
                    ("column", &column.to_string()),
                    ("severity", severity),
                    ("message", &entry.message),
                    ("source", &source),
                ],
            );
        }
        out.close("file");
        out.finish()
    }

    fn tail(&self, _: &Run) -> String {
        "</checkstyle>\n".to_owned()
    }
}
