//! What commits and patches say: what, why, and what it does to builds.

use super::{
    group::{By, LAYOUT, layout_of},
    plan::Group,
};
use crate::{fix::Effect, report::count, rules, text};

/// How long a line of a message is at most, where words allow it.
const WIDTH: usize = 72;

/// The first line for a group.
pub(super) fn subject(group: &Group, by: By) -> String {
    let part = if group.part > 1 { format!(", part {}", group.part) } else { String::new() };
    let is_layout = group.key == LAYOUT || group.layout_only;
    let key = shown(group.key.strip_suffix(&layout_of("")).unwrap_or(&group.key));
    let verb = if is_layout { "Lay out" } else { "Fix" };
    let what = match by {
        _ if group.key == LAYOUT => "Lay out Dockerfiles".to_owned(),
        By::Rule => format!("Fix {key} in Dockerfiles"),
        By::Effect => match key.as_str() {
            "none" => format!("{verb} Dockerfiles where nothing is rebuilt"),
            "rebuild" => format!("{verb} Dockerfiles where steps are rebuilt with the same result"),
            _ => format!("{verb} Dockerfiles where images change"),
        },
        By::Owner if key == "unowned" => format!("{verb} Dockerfiles that nobody owns"),
        By::Owner => format!("{verb} Dockerfiles of {key}"),
        By::Directory if key == "." => format!("{verb} Dockerfiles at the root"),
        By::Directory => format!("{verb} Dockerfiles in {key}"),
    };
    what + &part
}

/// The whole message for a group of which so many files are changed, and so many left out.
pub(super) fn of(group: &Group, by: By, files: usize, left_out: usize) -> String {
    format!("{}\n\n{}", subject(group, by), body(group, files, left_out))
}

/// The message without its first line.
pub(super) fn body(group: &Group, files: usize, left_out: usize) -> String {
    let mut out = String::new();
    let version = env!("CARGO_PKG_VERSION");
    paragraph(&mut out, &format!("dockfix {version} changed {}.", count(files, "file")));
    if left_out > 0 {
        let has = if left_out == 1 { "has" } else { "have" };
        let words = format!(
            "{} {has} been left out: changed since this was planned, or not to be written.",
            count(left_out, "file")
        );
        paragraph(&mut out, &words);
    }
    out.push('\n');
    for (name, fixes) in &group.rules {
        let summary = rules::ALL.iter().find(|it| it.name == name).map_or("", |it| it.summary);
        item(&mut out, &format!("{name} ({fixes}): {summary}"));
    }
    if group.laid_out > 0 {
        item(&mut out, "layout: line breaks, indentation and the case of keywords");
    }
    out.push('\n');
    paragraph(&mut out, &effect(group));
    if !group.owners.is_empty() {
        out.push('\n');
        paragraph(&mut out, &format!("Owners: {}", shown(&group.owners.join(" "))));
    }
    out
}

/// What a group does to builds, in sentences.
fn effect(group: &Group) -> String {
    let files = |effect: Effect| group.effects.get(&effect).copied().unwrap_or_default();
    let (rebuild, image) = (files(Effect::Rebuild), files(Effect::Image));
    if rebuild + image == 0 {
        return "Nothing is rebuilt: every build step keeps its cache key.".to_owned();
    }
    let mut out = match group.steps_rebuilt {
        0 => "No build step is rebuilt.".to_owned(),
        number => format!("{} will be rebuilt.", count(number, "build step")),
    };
    if image == 0 {
        out.push_str(" What they produce stays the same.");
    } else {
        out.push_str(&format!(" In {} the image changes, as the rules say.", count(image, "file")));
    }
    if files(Effect::None) > 0 {
        out.push_str(&format!(" In {} nothing is rebuilt.", count(files(Effect::None), "file")));
    }
    out
}

/// The message of a commit that takes a group back.
pub(super) fn revert(
    group: &str,
    commit: Option<&str>,
    subject: Option<&str>,
    files: usize,
    left_out: usize,
) -> String {
    let subject = subject.map_or_else(|| format!("Take back the group {group}"), |it| format!("Revert \"{it}\""));
    let mut out = format!("{subject}\n\n");
    if let Some(commit) = commit {
        paragraph(&mut out, &format!("This reverts commit {commit}."));
    }
    paragraph(&mut out, &format!("{} changed.", count(files, "file")));
    if left_out > 0 {
        let has = if left_out == 1 { "has" } else { "have" };
        let words = format!("{} {has} been left out: changed since, or not to be written.", count(left_out, "file"));
        paragraph(&mut out, &words);
    }
    out
}

/// A text without what could drive a terminal or break a line, and without bytes that are no UTF-8: git wants messages
/// to be text.
pub fn shown(text: &str) -> String {
    text.chars().map(|it| if it.is_control() || text::is_raw(it) { '?' } else { it }).collect()
}

fn paragraph(out: &mut String, text: &str) {
    wrap(out, text, "", "");
}

fn item(out: &mut String, text: &str) {
    wrap(out, text, "* ", "  ");
}

/// Adds words in lines, of which the first and the others begin differently.
fn wrap(out: &mut String, text: &str, first: &str, other: &str) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = other.to_owned();
        } else if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn group(key: &str) -> Group {
        Group {
            name: "name".to_owned(),
            key: key.to_owned(),
            part: 1,
            layout_only: false,
            files: 3,
            owners: vec!["@org/team".to_owned()],
            rules: BTreeMap::from([("legacy-key-value".to_owned(), 4)]),
            laid_out: 1,
            effects: BTreeMap::from([(Effect::None, 1), (Effect::Rebuild, 2)]),
            steps_rebuilt: 5,
            removed: 4,
            added: 4,
        }
    }

    #[test]
    fn the_first_line_says_what() {
        for (by, key, expected) in [
            (By::Rule, "sudo", "Fix sudo in Dockerfiles"),
            (By::Rule, "layout", "Lay out Dockerfiles"),
            (By::Effect, "none", "Fix Dockerfiles where nothing is rebuilt"),
            (By::Owner, "@a @b", "Fix Dockerfiles of @a @b"),
            (By::Owner, "unowned", "Fix Dockerfiles that nobody owns"),
            (By::Directory, "a/b", "Fix Dockerfiles in a/b"),
            (By::Directory, "a\nb", "Fix Dockerfiles in a?b"),
        ] {
            assert_eq!(subject(&group(key), by), expected);
        }
        let layout = Group { layout_only: true, part: 2, ..group("@a, layout") };
        assert_eq!(subject(&layout, By::Owner), "Lay out Dockerfiles of @a, part 2");
    }

    #[test]
    fn the_rest_says_why_and_what_it_costs() {
        let text = of(&group("@org/team"), By::Owner, 2, 1);
        assert!(text.contains("\n\ndockfix ") && text.contains("changed 2 files."), "{text}");
        assert!(text.contains("1 file has been left out: changed since this was planned, or"), "{text}");
        assert!(text.contains("* legacy-key-value (4): ") && text.contains("* layout: "), "{text}");
        assert!(text.contains("5 build steps will be rebuilt. What they produce stays the same."), "{text}");
        assert!(text.ends_with("\nOwners: @org/team\n"), "{text}");
        assert!(text.lines().all(|it| it.chars().count() <= WIDTH), "{text}");
    }
}
