//! What `.editorconfig` files say about the layout of a file.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ec4rs::{
    ConfigParser, ParseError, Properties, PropertiesSource, Section,
    property::{EndOfLine as Ending, IndentSize, IndentStyle, MaxLineLen, TabWidth},
};

use super::{
    discover::{Folders, read},
    error::{ConfigError, Origin},
    file::Layout,
};
use crate::format::{EndOfLine, Indent};

/// The name of the file.
pub(super) const NAME: &str = ".editorconfig";

/// Reads each `.editorconfig` once.
#[derive(Debug, Default)]
pub(super) struct EditorConfigs {
    folders: Folders<Arc<Link>>,
}

/// The closest file that speaks for a folder, with those above it.
struct Link {
    folder: PathBuf,
    sections: Vec<Section>,
    above: Option<Arc<Link>>,
}

impl EditorConfigs {
    /// What is said about the layout of the file at an absolute path.
    pub(super) fn layout_of(&self, path: &Path) -> Result<Layout, ConfigError> {
        let link = self.folders.find(path, &|folder, above| {
            let file = folder.join(NAME);
            let Some(text) = read(&file)? else {
                return above();
            };
            let (is_root, sections) = parse(&file, &text)?;
            Ok(Some(Arc::new(Link {
                folder: folder.to_owned(),
                sections,
                above: if is_root { None } else { above()? },
            })))
        })?;
        let mut properties = Properties::new();
        if let Some(link) = link {
            link.apply(path, &mut properties);
        }
        Ok(layout(&properties))
    }
}

impl Link {
    /// Sets what the files say about a path, the closest last.
    fn apply(&self, path: &Path, properties: &mut Properties) {
        if let Some(above) = &self.above {
            above.apply(path, properties);
        }
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        for section in &self.sections {
            // Sections hold what was read already, so that applying one can't fail.
            let _ = section.apply_to(properties, path);
        }
    }
}

/// Reads a file: whether it is the root, and its sections.
fn parse(path: &Path, text: &str) -> Result<(bool, Vec<Section>), ConfigError> {
    let wrong = |line: Option<usize>, error: ParseError| {
        let place = line.map(|line| (line, 1));
        let message = match error {
            ParseError::InvalidLine => "expected a `[section]`, `key = value` or a comment".to_owned(),
            error => error.to_string(),
        };
        ConfigError::new(Origin::File(path.to_owned(), place), message)
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut parser = ConfigParser::new(text.as_bytes()).map_err(|error| wrong(None, error))?;
    let mut sections = Vec::new();
    while let Some(section) = parser.next() {
        sections.push(section.map_err(|error| wrong(Some(parser.line_no()), error))?);
    }
    Ok((parser.is_root, sections))
}

/// The layout that properties ask for. Values that dockfix can't follow are passed over, as the specification says.
fn layout(properties: &Properties) -> Layout {
    let blanks = || {
        let width = || match properties.get::<TabWidth>() {
            Ok(TabWidth::Value(width)) => Some(width),
            Err(_) => None,
        };
        let is_space = || matches!(properties.get::<IndentStyle>(), Ok(IndentStyle::Spaces));
        let size = match properties.get::<IndentSize>() {
            Ok(IndentSize::Value(size)) => Some(size),
            Ok(IndentSize::UseTabWidth) => width(),
            // How wide a tab is says nothing where it isn't said that blanks are used.
            Err(_) => width().filter(|_| is_space()),
        };
        let size = u8::try_from(size?).ok()?;
        (1..=16).contains(&size).then_some(Indent::Spaces(size))
    };
    Layout {
        indent: match properties.get::<IndentStyle>() {
            Ok(IndentStyle::Tabs) => Some(Indent::Tab),
            _ => blanks(),
        },
        line_width: match properties.get::<MaxLineLen>() {
            Ok(MaxLineLen::Value(width)) => u32::try_from(width).ok(),
            Ok(MaxLineLen::Off) => Some(0),
            Err(_) => None,
        },
        end_of_line: match properties.get::<Ending>() {
            Ok(Ending::Lf) => Some(EndOfLine::Lf),
            Ok(Ending::CrLf) => Some(EndOfLine::CrLf),
            Ok(Ending::Cr) | Err(_) => None,
        },
        ..Layout::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn said(text: &str, name: &str) -> Layout {
        let (_, sections) = parse(Path::new("/r/.editorconfig"), text).unwrap();
        let link = Link { folder: PathBuf::from("/r"), sections, above: None };
        let mut properties = Properties::new();
        link.apply(&Path::new("/r").join(name), &mut properties);
        layout(&properties)
    }

    #[test]
    fn properties_become_layout() {
        let layout = said(
            "\u{FEFF}[*]\nindent_style = space\nindent_size = 2\nmax_line_length = off\nend_of_line = CRLF\n",
            "Dockerfile",
        );
        assert_eq!(layout.indent, Some(Indent::Spaces(2)));
        assert_eq!(layout.line_width, Some(0));
        assert_eq!(layout.end_of_line, Some(EndOfLine::CrLf));
        assert_eq!(layout.operators, None);
    }

    #[test]
    fn indents() {
        for (text, indent) in [
            ("indent_style = tab\nindent_size = 8", Some(Indent::Tab)),
            ("indent_size = tab\ntab_width = 3", Some(Indent::Spaces(3))),
            ("indent_style = space\ntab_width = 8", Some(Indent::Spaces(8))),
            ("tab_width = 8", None),
            ("indent_style = space", None),
            ("indent_size = 0", None),
            ("indent_size = 17", None),
            ("indent_size = unset", None),
            ("indent_size =", None),
        ] {
            assert_eq!(said(&format!("[*]\n{text}\n"), "Dockerfile").indent, indent, "{text}");
        }
    }

    #[test]
    fn sections_are_for_some_files() {
        let text = "[*]\nindent_size = 2\n[{Dockerfile*,*.dockerfile}]\nindent_size = 8\n[ci/**]\nindent_size = 3\n";
        for (name, size) in [
            ("a.yml", 2),
            ("Dockerfile", 8),
            ("Dockerfile.dev", 8),
            ("a/b/web.dockerfile", 8),
            ("ci/x/Dockerfile", 3),
            ("a/ci/x.yml", 2),
        ] {
            assert_eq!(said(text, name).indent, Some(Indent::Spaces(size)), "{name}");
        }
    }

    #[test]
    fn files_above_speak_up_to_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(".editorconfig", "[*]\nend_of_line = crlf\n");
        write("a/.editorconfig", "root = true\n[*]\nindent_size = 2\nmax_line_length = 80\n");
        write("a/b/.editorconfig", "[Dockerfile]\nindent_size = 8\n");
        let configs = EditorConfigs::default();
        let layout = configs.layout_of(&folder.path().join("a/b/Dockerfile")).unwrap();
        assert_eq!(layout.indent, Some(Indent::Spaces(8)));
        assert_eq!(layout.line_width, Some(80));
        assert_eq!(layout.end_of_line, None);
    }

    #[test]
    fn broken_files_are_errors_with_their_place() {
        let error = |text| parse(Path::new("/r/.editorconfig"), text).err().unwrap().to_string();
        let message = "expected a `[section]`, `key = value` or a comment";
        assert_eq!(error("[*]\nindent_size = 2\nbanana\n"), format!("/r/.editorconfig:3:1: {message}"));
        assert_eq!(error("banana\n"), format!("/r/.editorconfig: {message}"));
    }

    proptest! {
        #[test]
        fn no_section_panics(section in r"[\[\]{}*?!,.a1/\\-]{0,12}", name in "[a1./]{1,8}") {
            let text = format!("[*]\n[{section}]\nindent_size = 2\n");
            if let Ok((_, sections)) = parse(Path::new("/r/.editorconfig"), &text) {
                for section in sections {
                    section.applies_to(&name);
                }
            }
        }
    }
}
