//! Settings, as a `dockfix.toml` would say them.

use std::fmt;

use super::{file::Choice, settings::Settings};
use crate::{fix::Values, format::Indent};

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, &self.notice) {
            (Some(path), _) => writeln!(f, "# From {}.", path.display())?,
            (None, Some(notice)) => writeln!(f, "# {notice}.")?,
            (None, None) => writeln!(f, "# From no file.")?,
        }
        writeln!(f, "preset = \"{}\"", self.preset)?;
        list(f, "select", self.rules.iter().map(|it| it.name))?;
        writeln!(f, "unsafe-fixes = {}", self.unsafe_fixes)?;
        writeln!(f, "max-effect = \"{}\"", self.max_effect)?;
        writeln!(f, "keep-cache = {}", self.format.keep_cache)?;
        list(f, "exclude", self.exclude.written().iter().map(String::as_str))?;
        writeln!(f, "force-exclude = {}", self.force_exclude)?;
        list(f, "include", self.include.written().iter().map(String::as_str))?;
        let format = &self.format;
        writeln!(f, "\n[format]")?;
        match format.indent {
            Indent::Spaces(blanks) => writeln!(f, "indent = {blanks}")?,
            Indent::Tab => writeln!(f, "indent = \"tab\"")?,
        }
        writeln!(f, "line-width = {}", format.line_width)?;
        writeln!(f, "operators = \"{}\"", format.operators.word())?;
        writeln!(f, "stage-gap = {}", format.stage_gap)?;
        writeln!(f, "end-of-line = \"{}\"", format.end_of_line.word())?;
        for rule in &self.rules {
            let safety = self.rule_settings.said_safety(rule);
            if rule.options.is_empty() && safety.is_none() {
                continue;
            }
            writeln!(f, "\n[rules.{}]", rule.name)?;
            if let Some(safety) = safety {
                writeln!(f, "safety = \"{safety}\"")?;
            }
            for option in rule.options {
                match option.values {
                    Values::Words(_) => {
                        writeln!(f, "{} = \"{}\"", option.name, self.rule_settings.word(rule, option.name))?;
                    }
                    Values::Number { .. } => {
                        writeln!(f, "{} = {}", option.name, self.rule_settings.number(rule, option.name))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A list with a line for each of its words.
fn list<'a>(f: &mut fmt::Formatter<'_>, name: &str, words: impl Iterator<Item = &'a str>) -> fmt::Result {
    let mut words = words.peekable();
    if words.peek().is_none() {
        return writeln!(f, "{name} = []");
    }
    writeln!(f, "{name} = [")?;
    for word in words {
        writeln!(f, "    {},", toml::Value::from(word))?;
    }
    writeln!(f, "]")
}
