//! The layout, shown by files: `tests/cases/format/**`.

use std::path::{Path, PathBuf};

use dockfix::fix::{self, Effect, Job, Outcome};
use dockfix::format::{EndOfLine, Indent, Operators, Options};
use dockfix::model::Document;
use dockfix::syntax;
use dockfix::verify;

use crate::cases;
use crate::hold::in_keys;

fn job(options: Options) -> Job {
    Job { format: Some(options), ..Job::default() }
}

/// The options that a folder below `options/` stands for.
fn options(path: &Path) -> Options {
    let base = Options::default();
    let folder = path.parent().and_then(|it| it.file_name()).and_then(|it| it.to_str()).unwrap();
    match folder {
        "peers" | "real" | "regions" | "style" => base,
        "operators-trailing" => Options { operators: Operators::Trailing, ..base },
        "operators-preserve" => Options { operators: Operators::Preserve, ..base },
        "indent-2" => Options { indent: Indent::Spaces(2), ..base },
        "indent-tab" => Options { indent: Indent::Tab, ..base },
        "line-width-0" => Options { line_width: 0, ..base },
        "line-width-80" => Options { line_width: 80, ..base },
        "stage-gap-off" => Options { stage_gap: false, ..base },
        "end-of-line-lf" => Options { end_of_line: EndOfLine::Lf, ..base },
        "keep-cache" => Options { keep_cache: true, ..base },
        "end-of-line-crlf" => Options { end_of_line: EndOfLine::CrLf, ..base },
        other => panic!("no options are known for {other}"),
    }
}

/// Lays a file out and holds the laws on what comes: verify agrees, the comments are the same, a second run changes
/// nothing.
fn laid_out(path: &Path, text: &str, options: Options) -> Outcome {
    let once = fix::run(text, &job(options));
    let name = path.display();
    assert_eq!(once.faults, [], "{name}: a fault");
    for text in [text, &once.text] {
        let would = fix::would_format(text, &options);
        assert_eq!(
            (would.formatted, would.text.as_str()),
            (once.text != text, text),
            "{name}: asked, it says otherwise"
        );
    }
    let document = |text: &str| Document::new(syntax::parse(text));
    let (before, after) = (document(text), document(&once.text));
    assert_eq!(verify::layout_difference(&before, &after, Effect::Rebuild), None, "{name}: another build");
    let (before, after) = (before.parse(), after.parse());
    assert_eq!(verify::comments(before), verify::comments(after), "{name}: other comments");
    assert_eq!(fix::run(&once.text, &job(options)).text, once.text, "{name}: not settled");
    if options.keep_cache {
        assert_eq!(in_keys(before), in_keys(after), "{name}: something would be rebuilt");
    }
    once
}

#[test]
fn each_file_is_laid_out_as_its_snapshot_says() {
    let paths: Vec<PathBuf> =
        cases::below("format").into_iter().filter(|it| !it.with_extension("expected").exists()).collect();
    assert!(paths.len() >= 80, "only {} files", paths.len());
    for path in paths {
        let text = cases::read(&path);
        let outcome = laid_out(&path, &text, options(&path));
        cases::snapshot(&path, &text, &outcome);
    }
}

#[test]
fn each_pair_of_the_style_is_laid_out_as_it_says() {
    let mut paths = cases::below("format");
    paths.retain(|it| it.with_extension("expected").exists());
    assert!(paths.len() >= 9, "only {} pairs", paths.len());
    for path in paths {
        let expected = cases::read(&path.with_extension("expected"));
        // What is laid out stays so.
        for text in [cases::read(&path), expected.clone()] {
            let found = laid_out(&path, &text, options(&path)).text;
            let name = path.to_str().unwrap();
            let diff = dockfix::text::unified(&expected, &found, "expected", "found", false);
            assert!(found == expected, "{name}\n{diff}");
        }
    }
}
