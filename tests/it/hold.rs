//! The laws, held on any text whatever. The integration tests and the fuzz targets share this file.

use std::collections::BTreeMap;

use dockfix::fix::{self, Effect, Job, Outcome, Safety};
use dockfix::format::{EndOfLine, Indent, Operators, Options};
use dockfix::model::{Document, Reading, build::Build};
use dockfix::syntax::{self, Parse, SyntaxKind, ast::Instruction};
use dockfix::{text, verify};

use crate::sets;

/// A law that was broken, and how.
pub type Held = Result<(), String>;

/// Sets of options that have between them every choice that the layout knows.
pub fn options(number: usize) -> Options {
    let base = Options::default();
    match number % 8 {
        0 => Options { keep_cache: true, ..base },
        1 => Options { operators: Operators::Trailing, indent: Indent::Spaces(2), line_width: 80, ..base },
        2 => Options { operators: Operators::Preserve, indent: Indent::Tab, line_width: 0, ..base },
        3 => Options { line_width: 1, stage_gap: false, end_of_line: EndOfLine::Lf, ..base },
        4 => Options { operators: Operators::Trailing, line_width: 40, end_of_line: EndOfLine::CrLf, ..base },
        _ => base,
    }
}

/// Bytes become text and text a tree; both give back what they were made of.
pub fn prints_its_input(bytes: &[u8]) -> Held {
    let decoded = text::decode(bytes);
    if text::encode(&decoded) != bytes {
        return Err("the text gives other bytes back".to_owned());
    }
    let parse = syntax::parse(&decoded);
    if parse.file().syntax().text() != *decoded {
        return Err("the tree prints another text".to_owned());
    }
    let end = parse.file().syntax().text_range().end();
    match parse.errors().iter().find(|it| it.range.end() > end) {
        Some(error) => Err(format!("an error past the end: {error:?}")),
        None => Ok(()),
    }
}

/// Layout brings no fault, keeps meaning and comments, and a second run changes nothing.
pub fn lays_out(before: &str, options: Options) -> Held {
    let job = Job { format: Some(options), ..Job::default() };
    let once = fix::run(before, &job);
    no_fault(&once)?;
    settled(&once, &job)?;
    let document = |text: &str| Document::new(syntax::parse(text));
    let (old, new) = (document(before), document(&once.text));
    let most = if options.keep_cache { Effect::None } else { Effect::Rebuild };
    if let Some(difference) = verify::layout_difference(&old, &new, most) {
        return Err(format!("another build after layout: {difference}"));
    }
    let (steps, effect) = verify::rebuilt(&old, &new);
    if once.steps_rebuilt != steps || effect.is_some_and(|it| it != once.effect) {
        let said = (once.steps_rebuilt, once.effect);
        return Err(format!("{said:?} is said of a layout that rebuilds {steps} steps: {effect:?}"));
    }
    let (old, new) = (old.parse(), new.parse());
    if verify::comments(old) != verify::comments(new) {
        return Err("other comments after layout".to_owned());
    }
    if options.keep_cache && in_keys(old) != in_keys(new) {
        return Err("something would be rebuilt after layout that keeps the cache".to_owned());
    }
    Ok(())
}

/// Rules whose work takes comments away, as their docs say.
const REMOVERS: &[&str] = &["shadowed-command"];

/// Fixes bring no fault and no new error, settle, and lose no comment but what a rule says.
pub fn fixes(before: &str, safety: Safety, format: Option<Options>) -> Held {
    let [rules, _] = sets::together();
    let job = Job { rules, fix: Some(safety), format, ..Job::default() };
    let once = fix::run(before, &job);
    no_fault(&once)?;
    settled(&once, &job)?;
    let (old, new) = (syntax::parse(before), syntax::parse(&once.text));
    let mut kinds = BTreeMap::new();
    for error in old.errors() {
        *kinds.entry(error.kind.to_string()).or_insert(0) += 1;
    }
    for error in new.errors() {
        let left = kinds.entry(error.kind.to_string()).or_insert(0);
        *left -= 1;
        if *left < 0 {
            return Err(format!("a new error: {}", error.kind));
        }
    }
    // A rule may make a comment of other text.
    let mut left = verify::comments(&new);
    for comment in verify::comments(&old) {
        match left.iter().position(|it| *it == comment) {
            Some(at) => _ = left.remove(at),
            None if once.applied.iter().any(|it| REMOVERS.contains(&it.0.name)) => {}
            None => return Err(format!("the comment {comment:?} is lost")),
        }
    }
    Ok(())
}

/// Fixes and layout that are held to effect `none` make the same build.
pub fn keeps_the_build(before: &str, safety: Safety) -> Held {
    let [rules, _] = sets::together();
    let format = Some(Options { keep_cache: true, ..Options::default() });
    let once = fix::run(before, &Job { rules, fix: Some(safety), max_effect: Effect::None, format, ..Job::default() });
    no_fault(&once)?;
    let (old, new) = (Build::new(&syntax::parse(before)), Build::new(&syntax::parse(&once.text)));
    match verify::Comparison::new(&old, &new).is_same() {
        true => Ok(()),
        false => Err(format!("another build, of\n{}", once.text)),
    }
}

fn no_fault(outcome: &Outcome) -> Held {
    match outcome.faults.first() {
        Some(fault) => Err(format!("fault of {:?}: {} at {:?}", fault.rule, fault.message, fault.range)),
        None => Ok(()),
    }
}

fn settled(once: &Outcome, job: &Job) -> Held {
    let again = fix::run(&once.text, job);
    match again.text == once.text {
        true => Ok(()),
        false => Err(format!("a second run changed it again, from\n{}\nto\n{}", once.text, again.text)),
    }
}

/// All that BuildKit hands on of a file, byte for byte, but for the case of words that it does not mind.
pub fn in_keys(parse: &Parse) -> Vec<(Reading, Option<String>)> {
    let read = |it: Instruction| {
        let mut reading = Reading::of(&it, parse.escape());
        reading.keyword.make_ascii_uppercase();
        let word = match reading.kind {
            SyntaxKind::FROM => reading.args.get_mut(1),
            SyntaxKind::HEALTHCHECK => reading.args.first_mut(),
            _ => None,
        };
        if let Some(word) = word {
            word.make_ascii_uppercase();
        }
        (reading, it.nested().map(|it| it.text()))
    };
    parse.file().instructions().map(read).collect()
}
